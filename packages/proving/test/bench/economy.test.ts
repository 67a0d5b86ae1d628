import { createNativeCrypto } from '@cairn/chain';
import { describe, expect, it } from 'vitest';
import { createBenchNetwork } from '../../src/bench/economy/network.ts';
import { benchEconomy } from '../../src/index.ts';
import { brokenInvariants } from '../../src/simulation/invariants.ts';
import { createWorld } from '../../src/simulation/world.ts';

const SMALL = { subnets: 4, neurons: 16, validators: 4, tempo: 20, traders: 32 };

describe('the economy bench', () => {
  it('starts from a network whose records agree with its sums', () => {
    const crypto = createNativeCrypto();
    const world = createWorld(crypto);
    world.apply(createBenchNetwork(crypto, SMALL).changes);
    expect(brokenInvariants(world.view)).toEqual([]);
  });

  it('runs every epoch, every set of weights and every swap that it times', async () => {
    const seen: number[] = [];
    const figures = await benchEconomy({
      ...SMALL,
      swapBlocks: 2,
      swapsPerBlock: 64,
      reads: 2,
      onProgress: (done) => seen.push(done),
    });
    expect(
      figures.filter(({ target }) => target !== undefined).map(({ unit, target }) => [unit, target]),
    ).toEqual([
      ['ms', 50],
      ['ms', 250],
      ['ms', 5],
      ['swaps/CPU s', 20_000],
    ]);
    for (const { name, value } of figures) expect(value, name).toBeGreaterThan(0);
    expect(seen).toHaveLength(60);
  });
});
