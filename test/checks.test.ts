import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { root } from './repository.ts';
import { aFolder, type RunningNetwork, startMember, startNetwork } from './support/running-network.ts';

const FAST = ['--block-ms', '200', '--slot-ms', '200', '--tempo', '50', '--tasks', '4'];
const MODEL = join(root, 'models/cairn-crontab/crontab-f16.gguf');

interface Role {
  readonly name: string;
  readonly kind: string;
  readonly address: string;
  readonly note: string;
}
interface Standing {
  readonly provider: string;
  readonly refused: string | null;
  readonly checks: number;
  readonly failed: number;
}

/** A network whose validators check, and another validator in a process of its own that knows only its address. */
describe('a network that checks its providers', () => {
  let seed: RunningNetwork;
  let validator: RunningNetwork;
  let miners: readonly Role[];

  beforeAll(async () => {
    seed = await startNetwork(await aFolder(), FAST);
    const { roles } = await seed.control<{ roles: Role[] }>('node_status', {});
    miners = roles.filter(({ kind }) => kind === 'miner');
    validator = await startMember(await aFolder(), 'validator', seed.addresses[0]!, ['--model', MODEL]);
  }, 180_000);
  afterAll(async () => {
    for (const process of [validator, seed]) await process?.[Symbol.asyncDispose]();
  });

  const verdictsOn = async (provider: string) =>
    (await seed.control<{ verdicts: number }>('verification_provider', { provider })).verdicts;
  const standingsOf = async (node: RunningNetwork) =>
    (await node.json<{ providers: Standing[] }>('verify', 'checks')).providers;

  async function until<T>(look: () => Promise<T | null>): Promise<T> {
    for (;;) {
      const found = await look();
      if (found !== null) return found;
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }

  it('convicts the planted cheat and no honest miner', async () => {
    const cheat = miners.find(({ note }) => note.includes('cheat'))!;
    await until(async () => ((await verdictsOn(cheat.address)) > 0 ? true : null));
    const honest = miners.filter((miner) => miner !== cheat);
    expect(honest).toHaveLength(3);
    // Nobody has measured the file of the earlier checkpoint, so nobody judges it.
    const weaker = honest.find(({ note }) => note.includes('checkpoint'))!;
    const judged = honest.filter((miner) => miner !== weaker);
    const standings = await until(async () => {
      const all = await standingsOf(seed);
      const known = judged.map(({ address }) => all.find(({ provider }) => provider === address));
      return known.every((one) => one !== undefined && one.checks > 0) ? known : null;
    });
    for (const standing of standings) expect(standing).toMatchObject({ refused: null, failed: 0 });
    const unjudged = (await standingsOf(seed)).find(({ provider }) => provider === weaker.address);
    expect(unjudged).toMatchObject({ checks: 0, refused: expect.stringContaining('nobody published') });
    for (const { address } of honest) expect(await verdictsOn(address)).toBe(0);
  }, 240_000);

  it('lets a validator join by its address, which finds the cheat too and says what it cannot judge', async () => {
    const cheat = miners.find(({ note }) => note.includes('cheat'))!;
    const standings = await until(async () => {
      const all = await standingsOf(validator);
      return (all.find(({ provider }) => provider === cheat.address)?.failed ?? 0) > 0 ? all : null;
    });
    const quantised = miners.find(({ note }) => note.includes('q8_0'))!;
    expect(standings.find(({ provider }) => provider === quantised.address)).toMatchObject({
      checks: 0,
      refused: 'its file is not on this node',
    });
  }, 240_000);
});
