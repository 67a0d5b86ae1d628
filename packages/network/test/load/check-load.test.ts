import { type AccountId, createEd25519Signer } from '@cairn/core';
import { encodeSignedLoad, type Load, loadSignBytes } from '@cairn/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { peerNameOf } from '../../src/index.ts';
import { createLoadChecker } from '../../src/load/check-load.ts';
import { aDirectory } from '../support/directory.ts';
import { chainId, crypto, seedOf } from '../support/networks.ts';

const provider: AccountId = new Uint8Array(32).fill(3);
const signer = createEd25519Signer(seedOf(1));
const stranger = createEd25519Signer(seedOf(2));

const aLoad = (change: Partial<Load> = {}): Load => ({
  provider,
  peerKey: signer.publicKey,
  artifact: new Uint8Array(32).fill(4),
  queueLength: 2,
  inFlight: 1,
  tokensPerSecondMilli: 31_500,
  slot: 100n,
  ...change,
});

async function signed(load: Load, by = signer, chain = chainId): Promise<Uint8Array> {
  return encodeSignedLoad({ load, signature: await by.sign(loadSignBytes(chain, load)) });
}

function aChecker() {
  const directory = aDirectory(new Map([[peerNameOf(signer.publicKey), []]]));
  return { directory, ...createLoadChecker({ crypto, chainId, directory }) };
}

describe('load that is gossiped', () => {
  it('is taken when a device of a known provider has signed it lately', async () => {
    const { check } = aChecker();
    const load = aLoad();
    expect(await check('n', await signed(load))).toEqual({
      kind: 'accept',
      load,
      peer: peerNameOf(signer.publicKey),
    });
    expect(await check('n', await signed(aLoad({ slot: 101n })))).toMatchObject({ kind: 'accept' });
  });

  it.each([
    ['another signature', async () => signed(aLoad(), stranger), 'badly signed'],
    [
      'a signature for another chain',
      async () => signed(aLoad(), signer, new Uint8Array(32)),
      'badly signed',
    ],
    ['a key of small order', async () => signed(aLoad({ peerKey: new Uint8Array(32) })), 'malformed'],
    ['nothing', async () => new Uint8Array(0), 'malformed'],
  ])('is rejected with %s', async (_, bytes, why) => {
    expect(await aChecker().check('n', await bytes())).toEqual({ kind: 'reject', why });
  });

  it.each([
    ['a slot long gone', async () => signed(aLoad({ slot: 97n })), 'stale'],
    ['a slot to come', async () => signed(aLoad({ slot: 102n })), 'stale'],
    ['a slot at the end of time', async () => signed(aLoad({ slot: 2n ** 64n - 1n })), 'stale'],
    [
      'a device nobody registered',
      async () => signed(aLoad({ peerKey: stranger.publicKey }), stranger),
      'unknown provider',
    ],
  ])('is ignored with %s', async (_, bytes, why) => {
    expect(await aChecker().check('n', await bytes())).toEqual({ kind: 'ignore', why });
  });

  it('is ignored when it comes again, goes back, or speaks of too many artifacts', async () => {
    const { check, directory } = aChecker();
    await check('n', await signed(aLoad({ slot: 101n })));
    for (const slot of [101n, 100n]) {
      expect(await check('n', await signed(aLoad({ slot }))), `slot ${slot}`).toMatchObject({
        why: 'too frequent',
      });
    }
    for (let i = 0; i < 15; i++) {
      const artifact = new Uint8Array(32).fill(100 + i);
      expect(await check('n', await signed(aLoad({ artifact }))), `artifact ${i}`).toMatchObject({
        kind: 'accept',
      });
    }
    const one = aLoad({ artifact: new Uint8Array(32).fill(1), slot: 101n });
    expect(await check('n', await signed(one))).toMatchObject({ why: 'too frequent' });
    directory.at = 110n;
    expect(await check('n', await signed({ ...one, slot: 110n }))).toMatchObject({ kind: 'accept' });
  });

  it('is taken once when it comes from two neighbours at the same time', async () => {
    const { check } = aChecker();
    const bytes = await signed(aLoad());
    const verdicts = await Promise.all(['a', 'b', 'c'].map((neighbour) => check(neighbour, bytes)));
    expect(verdicts.filter(({ kind }) => kind === 'accept')).toHaveLength(1);
  });

  it('of a neighbour that sends mostly rubbish is not read until the next slot', async () => {
    const { check, directory } = aChecker();
    const forged = await signed(aLoad(), stranger);
    for (let i = 0; i < 32; i++) expect(await check('bad', forged)).toMatchObject({ kind: 'reject' });
    expect(await check('bad', await signed(aLoad()))).toMatchObject({ why: 'noisy neighbour' });
    expect(await check('good', await signed(aLoad()))).toMatchObject({ kind: 'accept' });
    for (let i = 0; i < 500; i++) await check('bad', forged);
    expect(await check('bad', forged)).toEqual({ kind: 'reject', why: 'flood' });
    directory.at = 101n;
    expect(await check('bad', await signed(aLoad({ slot: 101n })))).toMatchObject({ kind: 'accept' });
  });

  it('of any bytes is never taken and never throws', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), async (bytes) => {
        expect((await aChecker().check('n', bytes)).kind).toBe('reject');
      }),
    );
  });

  it('is ignored by a peer that knows no ledger', async () => {
    const { check } = createLoadChecker({ crypto, chainId });
    expect(await check('n', await signed(aLoad()))).toMatchObject({ why: 'nobody is known' });
  });
});
