import { createSparseMerkleTree, encode, hashStateKey, stateProof, u64 } from '@cairn/core';
import { headerHash, type LightBlock } from '@cairn/protocol';
import { describe, expect, it } from 'vitest';
import {
  type LightClientOptions,
  type LightStore,
  openLightClient,
  parameterStateKey,
  readProved,
  type StateSource,
  trustingPeriodOf,
} from '../../src/index.ts';
import { aLightBlock, aSource, crypto, START_SECONDS } from './test-chain.ts';

const HOUR = 3_600;
const FOUR = { 1: 10, 2: 10, 3: 10, 4: 10 };
const KEY = 'accounts/account/none';

interface Chain {
  /** Seconds that stake is unbonding; the value it begins with when left out. */
  readonly unbonding?: number;
  /** Hours between the header that is trusted and now. */
  readonly age: number;
}

/** A header from before, a fresh one, and a source that proves what the state holds. */
function aChain({ unbonding, age }: Chain) {
  const values = new Map<string, Uint8Array>();
  if (unbonding !== undefined) {
    values.set(parameterStateKey('unbondingSlots'), encode(u64, BigInt(unbonding)));
    values.set(parameterStateKey('slotMs'), encode(u64, 1_000n));
  }
  const tree = createSparseMerkleTree(crypto);
  for (const [key, value] of values) tree.update(hashStateKey(crypto, key), crypto.sha256(value));
  const appHash = tree.commit();
  const nowSeconds = START_SECONDS + age * HOUR;
  const blocks = [1, 2, 3].map((height) =>
    aLightBlock({
      ...{ height, powers: FOUR, appHash },
      seconds: height === 1 ? START_SECONDS : nowSeconds - 10 + height,
    }),
  );
  const { source: light, asked } = aSource('one', blocks);
  const source: StateSource = {
    ...light,
    proof: async (key, height) => ({
      ...{ key, height, appHash: Buffer.from(appHash).toString('hex') },
      value: values.has(key) ? Buffer.from(values.get(key)!).toString('hex') : null,
      proof: stateProof.toJson(tree.prove(hashStateKey(crypto, key))),
    }),
  };
  return { blocks, source, asked, clock: { nowMs: () => nowSeconds * 1_000 } };
}

async function read(
  { blocks, source, clock }: ReturnType<typeof aChain>,
  options: Omit<LightClientOptions, 'trusted'> = {},
  store?: LightStore,
): Promise<string> {
  const [first] = blocks as [LightBlock];
  const trusted = { height: 1n, hash: headerHash(crypto, first.header) };
  try {
    const parts = { crypto, clock, primary: source, ...(store === undefined ? {} : { store }) };
    const client = await openLightClient(parts, { trusted, ...options });
    return (await readProved({ client, source, clock }, KEY)).value === null ? 'believed' : 'wrong';
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
}

const TWO_DAYS = 48 * HOUR;

describe('the trusting period', () => {
  it('is two thirds of the time that stake is unbonding, as the chain proves it', async () => {
    expect(await read(aChain({ unbonding: TWO_DAYS, age: 31.9 }))).toBe('believed');
    expect(await read(aChain({ unbonding: TWO_DAYS, age: 32 }))).toBe('LIGHT_EXPIRED');
    expect(trustingPeriodOf(TWO_DAYS * 1_000, false)).toBe(32 * HOUR * 1_000);
    expect(trustingPeriodOf(1_000, false)).toBe(666);
  });

  it('is 14 days where that was never changed, and before anything is proved', async () => {
    expect(await read(aChain({ age: 14 * 24 - 0.1 }))).toBe('believed');
    const late = aChain({ age: 14 * 24 });
    expect(await read(late)).toBe('LIGHT_EXPIRED');
    expect(late.asked).toEqual([1n]);
  });

  it('may be chosen, shorter than stake is unbonding', async () => {
    const chain = aChain({ unbonding: TWO_DAYS, age: 47 });
    expect(await read(chain, { trustingPeriodMs: 47.5 * HOUR * 1_000 })).toBe('believed');
    expect(await read(chain, { trustingPeriodMs: 46 * HOUR * 1_000 })).toBe('LIGHT_EXPIRED');
    expect(await read(chain, { trustingPeriodMs: TWO_DAYS * 1_000 })).toBe('LIGHT_PERIOD_TOO_LONG');
  });

  it('is a day on a network that is known to be local, and on no other', async () => {
    const { blocks, ...rest } = aChain({ unbonding: 10, age: 23 });
    const { chainId } = blocks[0]!.header;
    const chain = { blocks, ...rest };
    expect(await read(chain, { localChainId: chainId })).toBe('believed');
    expect(await read(chain, { localChainId: 'cairn-other' })).toBe('LIGHT_EXPIRED');
    expect(await read(aChain({ unbonding: 10, age: 24 }), { localChainId: chainId })).toBe('LIGHT_EXPIRED');
    // Stake is unbonding for longer than a day: that counts.
    expect(await read(aChain({ unbonding: TWO_DAYS, age: 31 }), { localChainId: chainId })).toBe('believed');
  });

  it('bounds what was kept by what was proved then, without asking anybody', async () => {
    const chain = aChain({ age: 40 });
    const store: LightStore = { load: async () => chain.blocks[0]!, save: async () => undefined };
    expect(await read(chain, { unbondingMs: TWO_DAYS * 1_000 }, store)).toBe('LIGHT_EXPIRED');
    expect(chain.asked).toEqual([]);
    expect(await read(chain, { unbondingMs: 3 * 24 * HOUR * 1_000 }, store)).toBe('believed');
  });

  it('says with what is kept what was proved, and that nothing was where trust was too old', async () => {
    const saved: [bigint, number | null][] = [];
    const store: LightStore = {
      load: async () => null,
      save: async ({ header }, unbondingMs) => {
        saved.push([header.height, unbondingMs]);
      },
    };
    await read(aChain({ unbonding: TWO_DAYS, age: 40 }), {}, store);
    expect(saved).toEqual([
      [1n, null],
      [3n, null],
    ]);
    saved.length = 0;
    await read(aChain({ unbonding: TWO_DAYS, age: 1 }), {}, store);
    expect(saved.at(-1)).toEqual([3n, TWO_DAYS * 1_000]);
  });

  it('is not what a node only says', async () => {
    const chain = aChain({ unbonding: TWO_DAYS, age: 40 });
    const longer = Buffer.from(encode(u64, 10_000_000n)).toString('hex');
    const source: StateSource = {
      ...chain.source,
      proof: async (key, height) => {
        const proof = await chain.source.proof(key, height);
        return key.endsWith('unbondingSlots') ? { ...proof, value: longer } : proof;
      },
    };
    expect(await read({ ...chain, source })).toBe('LIGHT_VALUE_REFUSED');
  });
});
