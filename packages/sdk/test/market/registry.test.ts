import { bytesToHex, hexToBytes } from '@cairn/core';
import { evaluationShape, modelCardShape, offerTermsShape } from '@cairn/ledger';
import { describe, expect, it } from 'vitest';
import { fetchRegistry, lineageOf } from '../../src/index.ts';
import { addressOf, aModel, anOffer, aWord } from './market.ts';

const model = aModel(1);
const offer = anOffer(model, 5n);
const word = aWord(model, 9, 10);

/** A node that says what it knows, and more than we ask. */
function aNode(change: Readonly<Record<string, unknown[]>> = {}) {
  const rows: Readonly<Record<string, unknown[]>> = {
    registry_models: [
      {
        id: model.id,
        ...(modelCardShape.toJson(model.card) as object),
        publishedHeight: '1',
        royalties: [],
        newer: 1,
      },
    ],
    registry_offers: [
      { id: offer.id, provider: offer.provider, ...(offerTermsShape.toJson(offer.terms) as object) },
    ],
    registry_evaluations: [
      {
        id: 'one',
        ...(evaluationShape.toJson({
          validator: new Uint8Array(32).fill(5),
          measurement: word.measurement,
          slot: 1n,
          recordDeposit: 0n,
        }) as object),
      },
    ],
    ...change,
  };
  return {
    async query<T>(method: string, params: unknown): Promise<T> {
      if (method === 'subnets_metagraph')
        return { neurons: [{ hotkey: addressOf(5), permit: true, rootStake: '7' }] } as T;
      return ((params as { after: unknown }).after === null ? (rows[method] ?? []) : []) as T;
    },
  };
}

describe('the registry as a node tells it', () => {
  it('is models, offers, and the words of validators with their stake', async () => {
    const { models, offers, evaluations } = await fetchRegistry(aNode());
    expect(models).toEqual([model]);
    expect(offers[0]!.terms.price.outputPerMillion).toBe(5n);
    expect(evaluations[0]).toMatchObject({ validator: addressOf(5), stake: 7n, measurement: { right: 9 } });
  });

  it('is refused when it is something else', async () => {
    const broken = { id: model.id, ...(modelCardShape.toJson(model.card) as object), parameters: -1 };
    await expect(fetchRegistry(aNode({ registry_models: [broken] }))).rejects.toMatchObject({
      problem: { code: 'RPC_FAILED', method: 'registry_models' },
    });
  });
});

describe('the lineage of a model', () => {
  it('is its ancestors and descendants by distance, each once, with those that were retired', () => {
    const gone = 'ee'.repeat(32);
    const root = aModel(1, { parents: [hexToBytes(gone)] });
    const left = aModel(2, { parents: [hexToBytes(root.id)] });
    const right = aModel(3, { parents: [hexToBytes(root.id)] });
    const child = aModel(4, { parents: [left, right].map(({ id }) => hexToBytes(id)) });
    const models = [child, right, root, left];
    const up = lineageOf(models, child.id);
    expect(up.ancestors.map(({ id, distance }) => [id, distance])).toEqual([
      [left.id, 1],
      [right.id, 1],
      [root.id, 2],
      [gone, 3],
    ]);
    expect(up.ancestors.at(-1)!.model).toBe(null);
    expect(up.descendants).toEqual([]);
    expect(lineageOf(models, root.id).descendants.map(({ id }) => id)).toEqual([right.id, left.id, child.id]);
    expect(bytesToHex(child.card.parents[0]!)).toBe(left.id);
  });
});
