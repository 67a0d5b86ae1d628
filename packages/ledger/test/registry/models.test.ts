import { bytesToHex } from '@cairn/core';
import { beforeEach, describe, expect, it } from 'vitest';
import { accounts, type ModelCard, models } from '../../src/index.ts';
import { aChain, aKey, type TestChain, type TestKey } from '../support/chain.ts';
import { brokenInvariants } from '../support/invariants.ts';
import { aCard, anArtifact, idOf } from '../support/registry.ts';

const alice = aKey(1);
const bob = aKey(2);
let chain: TestChain;

beforeEach(() => {
  chain = aChain({ funded: [alice, bob] });
});

const publish = (from: TestKey, card: ModelCard) => chain.send(from, 'registry.publishModel', { card });
const retire = (from: TestKey, card: ModelCard) =>
  chain.send(from, 'registry.retireModel', { model: idOf(card) });
const newest = (name = 'people/model') => chain.query('registry_modelByName', { name })?.version ?? null;
const records = (key: TestKey) => accounts.get(chain.view, key.account)!.records;

describe('registry.publishModel', () => {
  it('stores the card, and its name points to it', () => {
    const card = aCard(alice, { parameters: 7n });
    expect(publish(alice, card)).toBe(null);
    expect(chain.query('registry_model', { model: bytesToHex(idOf(card)) })).toMatchObject({
      parameters: '7',
    });
    expect(newest()).toBe('1.0');
    expect(records(alice)).toBe(1);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it.each<[string, Partial<ModelCard>]>([
    ['a name without a slash', { name: 'model' }],
    ['a name in capitals', { name: 'People/Model' }],
    ['a name that looks like another', { name: 'peоple/model' }],
    ['a name that climbs', { name: '../model' }],
    ['no name', { name: '' }],
    ['no artifact', { artifacts: [] }],
    ['no licence', { licence: '' }],
    ['a royalty above half', { royaltyBps: 5_001 }],
    ['the same artifact twice', { artifacts: [anArtifact(1), anArtifact(1, 'other.gguf')] }],
    ['the same parent twice', { parents: [new Uint8Array(32), new Uint8Array(32)] }],
    ['a path that climbs', { artifacts: [anArtifact(1, 'a/../../b')] }],
    ['an absolute path', { artifacts: [anArtifact(1, '/etc/passwd')] }],
    ['a path of a drive', { artifacts: [anArtifact(1, 'C:\\x')] }],
    ['no path', { artifacts: [anArtifact(1, '')] }],
  ])('refuses %s', (_, change) => {
    expect(publish(alice, aCard(alice, change))).toBe('CARD_INVALID');
    expect(records(alice)).toBe(0);
  });

  it('lets an artifact at a server have the name it has there', () => {
    const artifacts = [{ ...anArtifact(1, 'ollama:llama3:8b'), format: 'upstream' as const }];
    expect(publish(alice, aCard(alice, { artifacts }))).toBe(null);
  });

  it('refuses a card of somebody else, one that is there, and parents that are not', () => {
    expect(publish(bob, aCard(alice))).toBe('NOT_OWNER');
    expect(publish(alice, aCard(alice))).toBe(null);
    expect(publish(alice, aCard(alice))).toBe('MODEL_EXISTS');
    const orphan = aCard(alice, { version: '2.0', parents: [new Uint8Array(32).fill(1)] });
    expect(publish(alice, orphan)).toBe('PARENT_UNKNOWN');
    expect(publish(bob, aCard(bob, { name: 'bob/child', parents: [idOf(aCard(alice))] }))).toBe(null);
  });

  it('refuses an owner that cannot pay the deposit', () => {
    const poor = aKey(3);
    chain.send(alice, 'accounts.transfer', { to: poor.account, amount: 400_000n });
    expect(publish(poor, aCard(poor))).toBe('BALANCE_TOO_LOW');
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('keeps a name with its owner until the last version of it is retired, in whatever order', () => {
    const [one, two, three] = ['1.0', '2.0', '3.0'].map((version) => aCard(alice, { version }));
    for (const card of [one!, two!, three!]) expect(publish(alice, card)).toBe(null);
    expect(newest()).toBe('3.0');
    const squat = aCard(bob, { version: '9.0' });
    const steps = [
      [two!, '3.0'],
      [three!, '1.0'],
    ] as const;
    for (const [card, left] of steps) {
      expect(publish(bob, squat), `before ${card.version} goes`).toBe('NAME_TAKEN');
      expect(retire(alice, card)).toBe(null);
      expect(newest(), `after ${card.version} went`).toBe(left);
    }
    expect(publish(bob, squat)).toBe('NAME_TAKEN');
    expect(publish(alice, two!)).toBe(null);
    expect(newest()).toBe('2.0');
    for (const card of [two!, one!]) expect(retire(alice, card)).toBe(null);
    expect(newest()).toBe(null);
    expect(publish(bob, squat)).toBe(null);
    expect(publish(alice, one!)).toBe('NAME_TAKEN');
    expect(records(alice)).toBe(0);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('pays for all bytes it keeps, whatever the length of the name', () => {
    const name = `${'a'.repeat(47)}/${'b'.repeat(48)}`;
    const cards = ['1', '2', '3'].map((version) => aCard(alice, { name, version }));
    const before = sizeBytes(chain);
    for (const card of cards) expect(publish(alice, card)).toBe(null);
    const deposits = cards.reduce(
      (sum, card) => sum + models.get(chain.view, bytesToHex(idOf(card)))!.recordDeposit,
      0n,
    );
    const grown = sizeBytes(chain) - before;
    expect(deposits >= BigInt(grown) * 1_000n, `${grown} bytes for ${deposits}`).toBe(true);
  });
});

describe('registry.retireModel', () => {
  it('gives the deposit back', () => {
    const card = aCard(alice);
    publish(alice, card);
    const { recordDeposit } = models.get(chain.view, bytesToHex(idOf(card)))!;
    const before = chain.spendable(alice);
    const { results } = chain.block([
      { from: alice, name: 'registry.retireModel', message: { model: idOf(card) } },
    ]);
    expect(chain.spendable(alice)).toBe(before + recordDeposit - results[0]!.fee);
    expect(sizeOf('registry/')).toBe(0);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('refuses others, and a model that is not there', () => {
    const card = aCard(alice);
    expect(retire(alice, card)).toBe('MODEL_UNKNOWN');
    publish(alice, card);
    expect(retire(bob, card)).toBe('NOT_OWNER');
    expect(retire(alice, card)).toBe(null);
    expect(retire(alice, card)).toBe('MODEL_UNKNOWN');
  });

  it('leaves the children of a model alone', () => {
    const parent = aCard(alice);
    publish(alice, parent);
    const child = aCard(bob, { name: 'bob/child', parents: [idOf(parent)] });
    publish(bob, child);
    expect(retire(alice, parent)).toBe(null);
    expect(newest('bob/child')).toBe('1.0');
  });
});

const sizeOf = (prefix: string) => [...chain.store.keys()].filter((key) => key.startsWith(prefix)).length;

function sizeBytes({ store }: TestChain): number {
  return [...store].reduce(
    (sum, [key, value]) => sum + (key.startsWith('registry/') ? key.length + value.length : 0),
    0,
  );
}
