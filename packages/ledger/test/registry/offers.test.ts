import { bytesToHex } from '@cairn/core';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  accounts,
  LedgerError,
  type OfferTerms,
  offers,
  priceOf,
  priceOfAudio,
  priceOfImages,
  priceOfUsage,
} from '../../src/index.ts';
import { aChain, aKey, type TestChain, type TestKey } from '../support/chain.ts';
import { brokenInvariants } from '../support/invariants.ts';
import { aCard, anArtifact, idOf, offerOf, someTerms } from '../support/registry.ts';

const owner = aKey(1);
const provider = aKey(2);
const stranger = aKey(3);
const card = aCard(owner, {
  artifacts: Array.from({ length: 16 }, (_, n) => anArtifact(n + 1, `${n}.gguf`)),
});
const terms = someTerms(card);
let chain: TestChain;

beforeEach(() => {
  chain = aChain({ funded: [owner, provider, stranger] });
  chain.send(owner, 'registry.publishModel', { card });
});

const publish = (from: TestKey, change: Partial<OfferTerms> = {}) =>
  chain.send(from, 'registry.publishOffer', { terms: { ...terms, ...change } });
const withdraw = (from: TestKey, offer: Uint8Array) => chain.send(from, 'registry.withdrawOffer', { offer });
const records = () => accounts.get(chain.view, provider.account)!.records;
const listed = (after: string | null = null, limit = 0) =>
  chain.query('registry_offers', { after, limit }) as { id: string }[];
const stored = (change: Partial<OfferTerms> = {}) =>
  offers.get(chain.view, bytesToHex(offerOf(provider, { ...terms, ...change })));

describe('registry.publishOffer', () => {
  it('lists the offer under its provider', () => {
    expect(publish(provider)).toBe(null);
    expect(listed()).toMatchObject([{ id: bytesToHex(offerOf(provider, terms)), tier: 1 }]);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it.each<[string, Partial<OfferTerms>, string]>([
    ['a model that is not there', { model: new Uint8Array(32) }, 'MODEL_UNKNOWN'],
    ['an artifact that its model does not have', { artifact: new Uint8Array(32) }, 'ARTIFACT_UNKNOWN'],
    ['a term that has ended', { expirySlot: 2n }, 'OFFER_EXPIRED'],
    ['a tier that is none', { tier: 4 }, 'TIER_UNKNOWN'],
    ['a region in capitals', { regions: ['de', 'EU'] }, 'REGION_INVALID'],
    ['an empty region', { regions: [''] }, 'REGION_INVALID'],
  ])('refuses %s', (_, change, code) => {
    expect(publish(provider, change)).toBe(code);
    expect(records()).toBe(0);
  });

  it('replaces an offer, and its deposit by that of the new one', () => {
    publish(provider);
    const spendable = chain.spendable(provider);
    const first = stored()!.recordDeposit;
    const longer = { ...terms, peer: 'x'.repeat(100), tier: 2 };
    const { results } = chain.block([
      { from: provider, name: 'registry.publishOffer', message: { terms: longer } },
    ]);
    expect(stored()!.recordDeposit - first).toBe(94_000n);
    expect(chain.spendable(provider)).toBe(spendable - 94_000n - results[0]!.fee);
    expect(records()).toBe(1);
    expect(listed()).toMatchObject([{ tier: 2 }]);
    expect(brokenInvariants(chain)).toEqual([]);
    expect(withdraw(provider, offerOf(provider, terms))).toBe(null);
    expect(records()).toBe(0);
  });

  it('keeps offers of different providers and subnets apart', () => {
    expect(publish(provider)).toBe(null);
    expect(publish(stranger)).toBe(null);
    expect(publish(provider, { netuid: 2 })).toBe(null);
    expect(listed().length).toBe(3);
  });

  it('bounds the offers of one provider, counts withdrawals and lets full ones replace', () => {
    const changes = Array.from({ length: 64 }, (_, n) => ({
      netuid: n >> 4,
      artifact: card.artifacts[n & 15]!.sha256,
    }));
    for (const [n, change] of changes.entries()) expect(publish(provider, change), `offer ${n}`).toBe(null);
    expect(publish(provider, { netuid: 9 })).toBe('OFFERS_FULL');
    expect(publish(provider, { ...changes[0]!, tier: 0 })).toBe(null);
    expect(withdraw(provider, offerOf(provider, { ...terms, ...changes[0]! }))).toBe(null);
    expect(publish(provider, { netuid: 9 })).toBe(null);
    expect(publish(provider, changes[0]!)).toBe('OFFERS_FULL');
    expect(records()).toBe(64);
  });

  it('pays for all bytes it keeps', () => {
    const before = sizeBytes(chain);
    publish(provider, { peer: 'p'.repeat(200), capabilities: ['tokenIds', 'logprobs', 'seed', 'prefill'] });
    const grown = sizeBytes(chain) - before;
    expect(stored()!.recordDeposit >= BigInt(grown) * 1_000n, `${grown} bytes`).toBe(true);
  });
});

describe('registry.withdrawOffer', () => {
  it('refuses what is not there and, while it counts, everyone but the provider', () => {
    const id = offerOf(provider, terms);
    expect(withdraw(provider, id)).toBe('OFFER_UNKNOWN');
    publish(provider);
    expect(withdraw(stranger, id)).toBe('NOT_PROVIDER');
    expect(withdraw(owner, id)).toBe('NOT_PROVIDER');
    expect(withdraw(provider, id)).toBe(null);
    expect([...chain.store.keys()].filter((key) => key.startsWith('registry/offer'))).toEqual([]);
  });

  it('lets anyone clear an expired offer away; the deposit goes to who paid it', () => {
    publish(provider, { expirySlot: 5n });
    const spendable = chain.spendable(provider);
    const { recordDeposit } = stored()!;
    chain.advance(5);
    expect(withdraw(stranger, offerOf(provider, terms))).toBe(null);
    expect(chain.spendable(provider)).toBe(spendable + recordDeposit);
    expect(records()).toBe(0);
    expect(publish(provider)).toBe(null);
    expect(brokenInvariants(chain)).toEqual([]);
  });
});

describe('offers of a model that is retired', () => {
  it('count no more, do not hold the model back, and give their deposit back to their provider', () => {
    publish(provider);
    const spendable = chain.spendable(provider);
    const { recordDeposit } = stored()!;
    expect(chain.send(owner, 'registry.retireModel', { model: idOf(card) })).toBe(null);
    expect(listed()).toEqual([]);
    expect(publish(stranger)).toBe('MODEL_UNKNOWN');
    expect(withdraw(stranger, offerOf(provider, terms))).toBe(null);
    expect(chain.spendable(provider)).toBe(spendable + recordDeposit);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('count again when the very same card is published again', () => {
    publish(provider);
    chain.send(owner, 'registry.retireModel', { model: idOf(card) });
    chain.send(owner, 'registry.publishModel', { card });
    expect(listed().length).toBe(1);
  });
});

describe('registry_offers', () => {
  it('does not end a page early because of offers that expired', () => {
    for (let n = 0; n < 12; n += 1) publish(provider, { netuid: n, expirySlot: n % 4 === 0 ? 900n : 20n });
    chain.advance(30);
    const found: string[] = [];
    for (let page = listed(null, 1); page.length > 0; page = listed(found.at(-1), 1)) found.push(page[0]!.id);
    expect(found.length).toBe(3);
  });
});

describe('the price of a request', () => {
  const price = {
    inputPerMillion: 3n,
    cachedInputPerMillion: 1n,
    outputPerMillion: 5n,
    perRequest: 7n,
    perImage: 0n,
    perAudioSecond: 0n,
  };

  it('rounds up by less than one pebble', () => {
    expect(priceOf(price, 0, 0, 0)).toBe(7n);
    expect(priceOf(price, 1, 0, 0)).toBe(8n);
    expect(priceOf(price, 1_000_000, 0, 1_000_000)).toBe(15n);
    expect(priceOf(price, 1_000_000, 1_000_000, 0)).toBe(8n);
  });

  it('never falls below nothing nor rises above all fresh or all cached, whatever was said to be cached', () => {
    const count = fc.nat(10_000_000);
    fc.assert(
      fc.property(count, count, count, (prompt, cached, completion) => {
        const cost = priceOf(price, prompt, cached, completion);
        expect(cost >= priceOf(price, prompt, prompt, completion)).toBe(true);
        expect(cost <= priceOf(price, prompt, 0, completion)).toBe(true);
      }),
    );
  });

  it.each([[-1], [0.5], [Number.NaN], [2 ** 60]])('refuses %d tokens', (tokens) => {
    expect(() => priceOf(price, tokens, 0, 0)).toThrow(LedgerError);
    expect(() => priceOf(price, 0, tokens, 0)).toThrow(LedgerError);
    expect(() => priceOf(price, 0, 0, tokens)).toThrow(LedgerError);
  });

  it('counts whole images, and audio to the millisecond, rounding up by less than one pebble', () => {
    const media = { ...price, perImage: 40n, perAudioSecond: 6n };
    expect(priceOfImages(media, 3)).toBe(127n);
    expect(priceOfAudio(media, 0)).toBe(7n);
    expect(priceOfAudio(media, 1)).toBe(8n);
    expect(priceOfAudio(media, 1_500)).toBe(16n);
    expect(priceOfUsage(media, { promptTokens: 1, images: 1, audioMs: 1 })).toBe(7n + 1n + 40n + 1n);
    expect(priceOfImages(price, 3)).toBe(7n);
    expect(priceOfUsage(price, {})).toBe(7n);
  });

  it('never charges less for more', () => {
    const media = { ...price, perImage: 40n, perAudioSecond: 6n };
    const usage = fc.record({
      promptTokens: fc.nat(100_000),
      completionTokens: fc.nat(100_000),
      images: fc.nat(10),
      audioMs: fc.nat(100_000),
    });
    fc.assert(
      fc.property(usage, usage, (one, other) => {
        const both = {
          promptTokens: one.promptTokens + other.promptTokens,
          completionTokens: one.completionTokens + other.completionTokens,
          images: one.images + other.images,
          audioMs: one.audioMs + other.audioMs,
        };
        const together = priceOfUsage(media, both);
        expect(together >= priceOfUsage(media, one)).toBe(true);
        expect(together <= priceOfUsage(media, one) + priceOfUsage(media, other)).toBe(true);
      }),
    );
  });

  it.each([[-1], [0.5], [Number.NaN], [2 ** 60]])('refuses %d images and milliseconds', (count) => {
    expect(() => priceOfImages(price, count)).toThrow(LedgerError);
    expect(() => priceOfAudio(price, count)).toThrow(LedgerError);
  });

  it('does not overflow at the highest prices', () => {
    const most = 2n ** 64n - 1n;
    const highest = {
      inputPerMillion: most,
      cachedInputPerMillion: most,
      outputPerMillion: most,
      perRequest: most,
      perImage: 0n,
      perAudioSecond: 0n,
    };
    expect(priceOf(highest, 1_000_000, 0, 1_000_000)).toBe(3n * most);
  });
});

function sizeBytes({ store }: TestChain): number {
  return [...store].reduce(
    (sum, [key, value]) => sum + (key.startsWith('registry/') ? key.length + value.length : 0),
    0,
  );
}
