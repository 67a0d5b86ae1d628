import { bytesToHex } from '@cairn/core';
import { beforeEach, describe, expect, it } from 'vitest';
import { accounts, type DatasetCard, datasetIdOf } from '../../src/index.ts';
import { aChain, aKey, type TestChain, testCrypto } from '../support/chain.ts';
import { brokenInvariants } from '../support/invariants.ts';

const [owner, stranger] = [aKey(1), aKey(2)];
const card: DatasetCard = {
  name: 'people/weather',
  description: 'Made up.',
  licence: 'CC-BY-4.0',
  tags: ['weather'],
  sizeBytes: 600_000n,
  chunks: 3,
  root: new Uint8Array(32).fill(3),
  sampleChunks: 1,
  pricePerChunk: 5_000n,
  netuid: 1,
  peer: 'owner',
};
const dataset = datasetIdOf(testCrypto, owner.account, card);
let chain: TestChain;

beforeEach(() => {
  chain = aChain({ funded: [owner, stranger] });
});

const publish = (change: Partial<DatasetCard> = {}, from = owner) =>
  chain.send(from, 'datasets.publish', { card: { ...card, ...change } });

describe('datasets.publish', () => {
  it('lists the data set against a deposit', () => {
    expect(publish()).toBe(null);
    const id = bytesToHex(dataset);
    expect(chain.query('datasets_get', { dataset: id })).toMatchObject({
      id,
      card: { licence: 'CC-BY-4.0' },
    });
    expect(chain.query('datasets_list', { after: null, limit: 0 })).toHaveLength(1);
    expect(chain.query('datasets_list', { after: id, limit: 0 })).toEqual([]);
    expect(brokenInvariants(chain)).toEqual([]);
    expect(publish()).toBe('DATASET_EXISTS');
    expect(publish({}, stranger)).toBe(null);
  });

  it.each<[string, Partial<DatasetCard>]>([
    ['a name that is none', { name: 'weather' }],
    ['no licence', { licence: '' }],
    ['no chunks', { chunks: 0, sizeBytes: 0n }],
    ['fewer bytes than its chunks', { sizeBytes: 524_288n }],
    ['more bytes than its chunks', { sizeBytes: 786_433n }],
    ['a sample larger than itself', { sampleChunks: 4 }],
    ['no peer', { peer: '' }],
  ])('refuses %s', (_, change) => {
    expect(publish(change)).toBe('DATASET_INVALID');
    expect(accounts.get(chain.view, owner.account)!.records).toBe(0);
  });
});

describe('datasets.retire', () => {
  it('returns the deposit, to the owner only', () => {
    publish();
    expect(chain.send(stranger, 'datasets.retire', { dataset })).toBe('NOT_OWNER');
    expect(chain.send(owner, 'datasets.retire', { dataset })).toBe(null);
    expect(chain.send(owner, 'datasets.retire', { dataset })).toBe('DATASET_UNKNOWN');
    expect(accounts.get(chain.view, owner.account)!.records).toBe(0);
    expect(brokenInvariants(chain)).toEqual([]);
  });
});
