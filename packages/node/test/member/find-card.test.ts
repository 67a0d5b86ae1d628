import { bytesToHex, createPureCrypto } from '@cairn/core';
import { type ModelCard, modelCardShape, modelIdOf, type Royalty, royaltiesShape } from '@cairn/ledger';
import { describe, expect, it } from 'vitest';
import { findCard } from '../../src/member/find-card.ts';
import { aCard } from '../validator/cast.ts';

const crypto = createPureCrypto();
const OURS = new Uint8Array(32).fill(1);
const STRANGER = new Uint8Array(32).fill(9);
const [artifact] = aCard(OURS).artifacts as [ModelCard['artifacts'][number]];
const half: Royalty = { model: new Uint8Array(32).fill(4), owner: STRANGER, bps: 5_000 };

const theirs = (name: string, change: Partial<ModelCard> = {}): ModelCard => ({
  ...aCard(STRANGER),
  name,
  ...change,
});

/** A ledger with these cards, each a block after the one before, and what their answers pay to others. */
function aLedger(...cards: readonly (readonly [ModelCard, ...Royalty[]])[]) {
  const rows = cards.map(([card, ...royalties], height) => ({
    id: bytesToHex(modelIdOf(crypto, card)),
    ...(modelCardShape.toJson(card) as object),
    publishedHeight: String(height),
    royalties: royaltiesShape.toJson(royalties),
  }));
  return {
    query: async <T>(_: string, params: unknown) =>
      ((params as { after: unknown }).after === null ? rows : []) as T,
  };
}

const find = async (ledger: ReturnType<typeof aLedger>, name?: string) =>
  (await findCard(ledger, artifact, { owner: OURS, name }))?.card.name ?? null;

describe('the card that a file is served under', () => {
  it('is the first with this very file whose answers pay nobody else', async () => {
    expect(await find(aLedger([theirs('early/one')], [theirs('late/one')]))).toBe('early/one');
  });

  it.each<[string, readonly [ModelCard, ...Royalty[]]]>([
    ['pays its owner a royalty', [theirs('thief/one', { royaltyBps: 5_000 }), half]],
    ['pays the owners of what it was made from', [theirs('thief/one', { parents: [half.model] }), half]],
    ...(
      [
        ['another Merkle root', { merkleRoot: new Uint8Array(32).fill(7) }],
        ['another size', { sizeBytes: 2n }],
        ['another format', { format: 'safetensors' }],
      ] as const
    ).map(([what, change]): [string, readonly [ModelCard]] => [
      `says ${what} of the file`,
      [theirs('thief/one', { artifacts: [{ ...artifact, ...change }] })],
    ]),
  ])('is none of a stranger that %s, however early', async (_, card) => {
    expect(await find(aLedger(card))).toBe(null);
    expect(await find(aLedger(card, [theirs('fair/one')]))).toBe('fair/one');
  });

  it('may pay royalties when it is our own, or named', async () => {
    const own = theirs('me/one', { owner: OURS, royaltyBps: 100 });
    const royalty = { ...half, owner: OURS, bps: 100 };
    expect(await find(aLedger([own, royalty]))).toBe('me/one');
    expect(await find(aLedger([theirs('maker/one', { royaltyBps: 5_000 }), half]), 'maker/one')).toBe(
      'maker/one',
    );
  });

  it('is refused by name when it says something else of the file', async () => {
    const other = theirs('maker/one', { artifacts: [{ ...artifact, merkleRoot: new Uint8Array(32) }] });
    await expect(find(aLedger([other]), 'maker/one')).rejects.toMatchObject({
      problem: { code: 'MODEL_DIFFERS', model: 'maker/one' },
    });
  });
});
