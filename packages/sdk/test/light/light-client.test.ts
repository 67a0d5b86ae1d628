import { createSparseMerkleTree, hashStateKey, stateProof } from '@cairn/core';
import { headerHash, type LightBlock } from '@cairn/protocol';
import { describe, expect, it } from 'vitest';
import { recordedBlocks } from '../../../protocol/test/consensus/cometbft-compliance.ts';
import { createRpcLightSource, type LightClientOptions, openLightClient, SdkError } from '../../src/index.ts';
import { aLightBlock, aSource, type BlockChoices, crypto, type Powers, START_SECONDS } from './test-chain.ts';

const clockAt = (seconds: number) => ({ nowMs: () => seconds * 1_000 });
const SOON = clockAt(START_SECONDS + 10_000);
const FOUR: Powers = { 1: 10, 2: 10, 3: 10, 4: 10 };

/** Heights 1 to `length`; what is different at some of them. */
function aChain(length: number, at: (height: number) => Partial<BlockChoices> = () => ({})): LightBlock[] {
  return Array.from({ length }, (_, index) =>
    aLightBlock({ height: index + 1, powers: FOUR, ...at(index + 1) }),
  );
}

const trustOf = (block: LightBlock): LightClientOptions => ({
  chainId: block.header.chainId,
  trusted: { height: block.header.height, hash: headerHash(crypto, block.header) },
});

const open = (blocks: readonly LightBlock[], clock = SOON) =>
  openLightClient({ crypto, clock, primary: aSource('one', blocks).source }, trustOf(blocks[0]!));

const codeOf = async (promise: Promise<unknown>): Promise<string> => {
  try {
    await promise;
    return 'none';
  } catch (error) {
    return (error as { code: string }).code;
  }
};

describe('a light client', () => {
  it('follows a chain that CometBFT made, over a change of its validators', async () => {
    const blocks = recordedBlocks();
    const client = await open(blocks, clockAt(Number(blocks.at(-1)!.header.time.seconds) + 60));
    for (const { header } of blocks) await client.update(header.height);
    expect(client.latest.header.height).toBe(80n);
    expect(client.latest.validators.map(({ power }) => power)).toEqual([7n, 1n, 1n, 1n]);
  });

  it('jumps to a far header that those it trusts voted for', async () => {
    const blocks = aChain(100);
    const { source, asked } = aSource('one', blocks);
    const client = await openLightClient({ crypto, clock: SOON, primary: source }, trustOf(blocks[0]!));
    expect((await client.update(100n)).header.height).toBe(100n);
    expect(asked).toEqual([1n, 100n]);
  });

  it('goes half way, and half of that, where the validators have changed too much', async () => {
    // Each height hands a quarter of the power to a new key.
    const powersAt = (height: number): Powers =>
      Object.fromEntries(Array.from({ length: 4 }, (_, index) => [height + index, 10]));
    const blocks = aChain(33, (height) => ({ powers: powersAt(height), nextPowers: powersAt(height + 1) }));
    const { source, asked } = aSource('one', blocks);
    const client = await openLightClient({ crypto, clock: SOON, primary: source }, trustOf(blocks[0]!));
    expect((await client.update(33n)).header.height).toBe(33n);
    expect(asked.length).toBeGreaterThan(10);
    expect(asked.length).toBeLessThan(40);
  });

  it('refuses a header with the votes of two thirds and no more', async () => {
    const three = { 1: 10, 2: 10, 3: 10 };
    const blocks = aChain(2, (height) => ({ powers: three, ...(height === 2 ? { voters: [1, 2] } : {}) }));
    expect(await codeOf(open(blocks).then((client) => client.update()))).toBe('LIGHT_INVALID');
  });

  it('takes one with any more', async () => {
    const blocks = aChain(2, (height) => (height === 2 ? { voters: [1, 2, 3] } : {}));
    expect((await (await open(blocks)).update()).header.height).toBe(2n);
  });

  it('refuses a forged header of strangers, however well they signed it', async () => {
    const forged = aLightBlock({ height: 50, powers: { 7: 1_000, 8: 1_000 } });
    const near = aLightBlock({ height: 25, powers: { 7: 1_000, 8: 1_000 } });
    const rest = [13, 7, 4, 2].map((height) => aLightBlock({ height, powers: { 7: 1_000, 8: 1_000 } }));
    const blocks = [...aChain(1), ...rest.reverse(), near, forged];
    expect(await codeOf(open(blocks).then((client) => client.update()))).toBe('LIGHT_INVALID');
  });

  it('refuses the next header when its validators are not those that were named for it', async () => {
    const blocks = aChain(2, (height) => (height === 2 ? { powers: { 1: 10, 2: 10, 3: 10, 4: 11 } } : {}));
    expect(await codeOf(open(blocks).then((client) => client.update()))).toBe('LIGHT_INVALID');
  });

  const spoils: Readonly<Record<string, (block: LightBlock) => LightBlock>> = {
    'another app hash': (block) => ({ ...block, header: { ...block.header, appHash: new Uint8Array(32) } }),
    'another set than its header names': (block) => ({
      ...block,
      validators: block.validators.map((entry) => ({ ...entry, power: entry.power + 1n })),
    }),
    'one vote repeated in the place of another': (block) => ({
      ...block,
      commit: {
        ...block.commit,
        signatures: block.commit.signatures.map((_, index, all) => all[index === 1 ? 0 : index]!),
      },
    }),
    'a signature with one bit changed': (block) => ({
      ...block,
      commit: {
        ...block.commit,
        signatures: block.commit.signatures.map((entry, index) =>
          index === 0
            ? { ...entry, signature: entry.signature.map((byte, at) => (at === 40 ? byte ^ 1 : byte)) }
            : entry,
        ),
      },
    }),
    'votes of another height': (block) => ({ ...block, commit: { ...block.commit, height: 9n } }),
    'fewer votes than validators': (block) => ({
      ...block,
      commit: { ...block.commit, signatures: block.commit.signatures.slice(0, 3) },
    }),
    'votes of another round': (block) => ({ ...block, commit: { ...block.commit, round: 1 } }),
  };
  for (const [what, spoil] of Object.entries(spoils)) {
    it(`refuses ${what}`, async () => {
      for (const height of [2, 60]) {
        const good = aLightBlock({ height, powers: FOUR });
        const blocks = [...aChain(1), spoil(good)];
        expect(await codeOf(open(blocks).then((client) => client.update())), `height ${height}`).toBe(
          'LIGHT_INVALID',
        );
        expect(await codeOf(open([...aChain(1), good]).then((client) => client.update()))).toBe('none');
      }
    });
  }

  it('refuses another chain, a time before the trusted one, and one that has not come yet', async () => {
    for (const choices of [
      { chainId: 'cairn-other' },
      { seconds: START_SECONDS },
      { seconds: START_SECONDS + 10_011 },
    ]) {
      const blocks = [...aChain(1), aLightBlock({ height: 2, powers: FOUR, ...choices })];
      expect(await codeOf(open(blocks).then((client) => client.update())), JSON.stringify(choices)).toBe(
        'LIGHT_INVALID',
      );
    }
  });

  it('does not begin from another header than the one that is trusted', async () => {
    const blocks = aChain(3);
    const trusted = { ...trustOf(blocks[0]!), trusted: { height: 1n, hash: new Uint8Array(32) } };
    const parts = { crypto, clock: SOON, primary: aSource('one', blocks).source };
    expect(await codeOf(openLightClient(parts, trusted))).toBe('LIGHT_HEADER_UNKNOWN');
  });

  it('does not begin from what is older than the trusting period, nor goes on from it', async () => {
    const late = clockAt(START_SECONDS + 15 * 86_400);
    expect(await codeOf(open(aChain(2), late))).toBe('LIGHT_EXPIRED');
    let now = START_SECONDS + 10;
    const clock = { nowMs: () => now * 1_000 };
    const client = await openLightClient(
      { crypto, clock, primary: aSource('one', aChain(2)).source },
      trustOf(aChain(1)[0]!),
    );
    now += 15 * 86_400;
    expect(await codeOf(client.update(2n))).toBe('LIGHT_EXPIRED');
  });

  it('refuses heights below what is trusted', async () => {
    const blocks = aChain(5);
    const parts = { crypto, clock: SOON, primary: aSource('one', blocks).source };
    const client = await openLightClient(parts, trustOf(blocks[2]!));
    expect(await codeOf(client.update(2n))).toBe('LIGHT_HEIGHT_TOO_LOW');
  });

  it('stops when a witness has another header of the height', async () => {
    const blocks = aChain(4);
    const fork = aChain(4, (height) => (height > 2 ? { appHash: new Uint8Array(32) } : {}));
    const parts = {
      crypto,
      clock: SOON,
      primary: aSource('one', blocks).source,
      witnesses: [aSource('two', blocks).source, aSource('three', fork).source],
    };
    const client = await openLightClient(parts, trustOf(blocks[0]!));
    expect((await client.update(2n)).header.height).toBe(2n);
    expect(await codeOf(client.update(4n))).toBe('LIGHT_CONFLICT');
  });

  it('believes no header that a witness contradicted, however often it is asked for it', async () => {
    const powersAt = (height: number): Powers =>
      Object.fromEntries(Array.from({ length: 4 }, (_, index) => [height + index, 10]));
    const at = (height: number) => ({ powers: powersAt(height), nextPowers: powersAt(height + 1) });
    const root = new Uint8Array(32).fill(7);
    const blocks = aChain(9, at);
    const fork = aChain(9, (height) => ({ ...at(height), ...(height > 2 ? { appHash: root } : {}) }));
    const parts = {
      crypto,
      clock: SOON,
      primary: aSource('one', fork).source,
      witnesses: [aSource('two', blocks).source],
    };
    const client = await openLightClient(parts, trustOf(blocks[0]!));
    for (const time of ['first', 'second'])
      for (const height of [9n, 8n, 7n, 6n, 5n, 4n, 3n, undefined])
        expect(await codeOf(client.update(height)), `${height} the ${time} time`).toBe('LIGHT_CONFLICT');
    const value = { key: 'a', height: 8n, value: null, proof: {} };
    expect(await codeOf(client.holds(value))).toBe('LIGHT_CONFLICT');
    expect((await client.update(2n)).header.height).toBe(2n);
    expect(client.latest.header.height).toBe(2n);
  });

  it('does not take as compared what a witness contradicted when it was the newest', async () => {
    const blocks = aChain(1);
    const fork = aChain(1, () => ({ appHash: new Uint8Array(32).fill(7) }));
    const primary = aSource('one', blocks).source;
    const parts = { crypto, clock: SOON, primary, witnesses: [aSource('two', fork).source] };
    const client = await openLightClient(parts, trustOf(blocks[0]!));
    for (const time of ['first', 'second'])
      expect(await codeOf(client.update()), `the ${time} time`).toBe('LIGHT_CONFLICT');
  });

  it('takes a height that a node pruned as one that it does not have', async () => {
    const failing = (reason: string) => ({
      lightBlock: async () => {
        throw new SdkError({ code: 'RPC_FAILED', method: 'chain_lightBlock', reason }, 'no');
      },
      proof: async () => {
        throw new Error('nobody asks');
      },
    });
    const parts = { crypto, clock: SOON };
    const trust = trustOf(aChain(1)[0]!);
    for (const [reason, code] of [
      ['BLOCK_NOT_KEPT', 'LIGHT_HEADER_UNKNOWN'],
      ['CHAIN_STOPPED', 'RPC_FAILED'],
    ] as const) {
      const primary = createRpcLightSource(failing(reason), 'one');
      expect(await codeOf(openLightClient({ ...parts, primary }, trust)), reason).toBe(code);
    }
  });

  it('goes on from what it kept', async () => {
    let kept: LightBlock | null = null;
    const store = {
      load: async () => kept,
      save: async (block: LightBlock) => {
        kept = block;
      },
    };
    const blocks = aChain(40);
    const parts = { crypto, clock: SOON, primary: aSource('one', blocks).source, store };
    await (await openLightClient(parts, trustOf(blocks[0]!))).update(30n);
    const { source, asked } = aSource('one', blocks);
    const again = await openLightClient({ ...parts, primary: source }, trustOf(blocks[0]!));
    expect(again.latest.header.height).toBe(30n);
    expect(asked).toEqual([]);
  });

  it('checks a value against the root in the next header, and that there is none', async () => {
    const tree = createSparseMerkleTree(crypto);
    for (const [key, value] of [
      ['a/1', 7],
      ['a/2', 8],
    ] as const)
      tree.update(hashStateKey(crypto, key), crypto.sha256(Uint8Array.of(value)));
    const root = tree.commit();
    const blocks = aChain(6, (height) => (height === 5 ? { appHash: root } : {}));
    const client = await open(blocks);
    const proofOf = (key: string) => stateProof.toJson(tree.prove(hashStateKey(crypto, key)));
    const of = (key: string, value: Uint8Array | null) => ({ key, height: 4n, value, proof: proofOf(key) });
    expect(await client.holds(of('a/1', Uint8Array.of(7)))).toBe(true);
    expect(await client.holds(of('a/1', Uint8Array.of(8)))).toBe(false);
    expect(await client.holds(of('a/1', null))).toBe(false);
    expect(await client.holds(of('a/3', null))).toBe(true);
    expect(await client.holds({ ...of('a/1', Uint8Array.of(7)), height: 5n })).toBe(false);
  });
});
