import { describe, expect, it } from 'vitest';
import { createHealthBook } from '../src/route/health.ts';
import { createRouter, nameOf, type RouterParts } from '../src/route/router.ts';
import { aClock, aListing, anOffer, aRandom, aRequest } from './support/parts.ts';

function aRouter(parts: Partial<RouterParts> = {}) {
  const clock = aClock();
  const health = createHealthBook(clock);
  return { clock, health, router: createRouter({ random: aRandom(), health, ...parts }) };
}

const offers = [anOffer(1), anOffer(2), anOffer(3)];
const names = offers.map(nameOf);

/** Counts whom the router chooses. */
function choices(
  { router }: ReturnType<typeof aRouter>,
  request = aRequest(),
  times = 200,
  listing = aListing(offers),
): Map<string, number> {
  const chosen = new Map<string, number>();
  for (let index = 0; index < times; index += 1) {
    const peer = router.choose(listing, request, new Set())?.terms.peer ?? 'nobody';
    chosen.set(peer, (chosen.get(peer) ?? 0) + 1);
  }
  return chosen;
}

describe('who is chosen', () => {
  it('costs less time and money together', () => {
    const town = aRouter();
    const dearAndFast = anOffer(4, {}, 1_300_000n);
    town.health.firstToken(names[0]!, 60_000);
    town.health.firstToken(nameOf(dearAndFast), 100);
    const chosen = choices(town, aRequest(), 100, aListing([offers[0]!, dearAndFast]));
    expect(chosen.get('peer4')).toBe(100);
  });

  it('is less busy, of two that are as good', () => {
    const town = aRouter();
    for (let index = 0; index < 3; index += 1) town.health.started(names[0]!);
    const chosen = choices(town);
    expect(chosen.get('peer1') ?? 0).toBeLessThan(50);
    expect(chosen.get('peer2')).toBeGreaterThan(50);
    expect(chosen.get('peer3')).toBeGreaterThan(50);
  });

  it('has failed less, and waits less by what it says itself', () => {
    const town = aRouter({ queueMs: ({ terms }) => (terms.peer === 'peer3' ? 60_000 : 0) });
    for (let index = 0; index < 5; index += 1) {
      town.health.started(names[1]!);
      town.health.ended(names[1]!, 'failed');
      town.clock.now += 60_000;
    }
    expect([...choices(town).keys()]).toEqual(['peer1']);
  });

  it('is the same for the same beginning of a long prompt, until it has two more to do than the idlest', () => {
    const town = aRouter();
    const beginning = 'You are a careful clerk. '.repeat(60);
    const long = aRequest({}, `${beginning} first question`);
    const [home] = [...choices(town, long, 50).keys()];
    expect([...choices(town, aRequest({}, `${beginning} another one`), 50).keys()]).toEqual([home]);
    const homes = Array.from({ length: 30 }, (_, index) => {
      const request = aRequest({}, `${index} ${beginning}`);
      return town.router.choose(aListing(offers), request, new Set())!.terms.peer;
    });
    expect(new Set(homes).size).toBe(3);
    const name = nameOf(offers.find(({ terms }) => terms.peer === home)!);
    for (let index = 0; index < 2; index += 1) town.health.started(name);
    expect([...choices(town, long, 20).keys()]).toEqual([home]);
    town.health.started(name);
    expect(choices(town, long, 50).get(home!) ?? 0).toBeLessThan(40);
    const without = aListing(offers.filter(({ terms }) => terms.peer !== home));
    expect(choices(town, long, 20, without).size).toBe(1);
  });

  it.each([
    ['zdr', { provider: { zdr: true } }, ['peer1']],
    ['data_collection', { provider: { data_collection: 'deny' } }, ['peer1']],
    ['min_tier', { cairn: { min_tier: 2 } }, ['peer3']],
    ['region', { cairn: { region: 'eu-west' } }, ['peer2']],
    ['regions', { cairn: { region: ['eu-west', 'mars'] } }, ['peer2']],
    ['sort by price', { provider: { sort: 'price' } }, ['peer2']],
    ['sort as an object', { provider: { sort: { by: 'price', partition: 'none' } } }, ['peer2']],
    [
      'a sort within each of several models',
      { models: ['cairn/other'], provider: { sort: { by: 'price', partition: 'model' } } },
      ['peer2'],
    ],
    [
      'quantizations, as OpenRouter names them',
      { provider: { quantizations: ['fp16'], sort: 'price' } },
      ['peer2'],
    ],
    [
      'quantizations that it does not have',
      { provider: { quantizations: ['int8', 'int4', 'bf16'] } },
      ['nobody'],
    ],
    ['enforce_distillable_text', { provider: { enforce_distillable_text: true } }, ['nobody']],
    [
      'nothing that is null',
      { provider: { order: null, zdr: null, sort: { by: null }, preferred_max_latency: { p50: null } } },
      ['peer1', 'peer2', 'peer3'],
    ],
    ['sort by throughput', { provider: { sort: 'throughput' } }, ['peer3']],
    ['sort by latency', { provider: { sort: 'latency' } }, ['peer1']],
    ['preferred_min_throughput', { provider: { preferred_min_throughput: 50 } }, ['peer3']],
    [
      'preferred_min_throughput by percentile',
      { provider: { preferred_min_throughput: { p50: 50 } } },
      ['peer3'],
    ],
    ['preferred_max_latency', { provider: { preferred_max_latency: 0.2 } }, ['peer1']],
  ])('honours %s', (_what, fields, peers) => {
    const regions: RouterParts['regions'] = ({ terms }) => (terms.peer === 'peer2' ? ['eu-west'] : []);
    const town = aRouter({ regions });
    const listing = aListing([
      anOffer(1),
      anOffer(2, { retainsData: true }, 900_000n),
      anOffer(3, { retainsData: true, tier: 2 }),
    ]);
    for (const [index, ttftMs] of [100, 400, 500].entries()) town.health.firstToken(names[index]!, ttftMs);
    for (const [index, ms] of [4_000, 5_000, 1_000].entries()) town.health.tokensCame(names[index]!, 100, ms);
    const chosen = choices(town, aRequest(fields), 50, listing);
    expect([...chosen.keys()].sort()).toEqual(peers);
  });

  it('may be bounded by what an image and a second of audio cost', () => {
    const { router } = aRouter();
    const price = { ...anOffer(1).terms.price, perImage: 500n, perAudioSecond: 700n };
    const listing = aListing([anOffer(1, { price })]);
    const choose = (max_price: object) =>
      router.choose(listing, aRequest({ provider: { max_price } }), new Set())?.terms.peer ?? null;
    expect(choose({ image: '0.0000005', audio: '0.0000007' })).toBe('peer1');
    expect(choose({ image: '0.000000499' })).toBe(null);
    expect(choose({ audio: '0.000000699' })).toBe(null);
  });

  it.each([
    [{ provider: { sort: 'beauty' } }, 'provider.sort'],
    [{ provider: { zdr: 'yes' } }, 'provider.zdr'],
    [{ provider: { preferred_min_throughput: 'fast' } }, 'provider.preferred_min_throughput'],
    [{ provider: { enforce_distillable_text: 1 } }, 'provider.enforce_distillable_text'],
    [{ provider: { enforce_distilable_text: true } }, 'provider.enforce_distilable_text'],
    [{ provider: { required_data_region: 'eu' } }, 'provider.required_data_region'],
    [{ provider: { max_price: { video: '1' } } }, 'provider.max_price.video'],
    [{ provider: { sort: { by: 'price', order: 'up' } } }, 'provider.sort.order'],
    [{ provider: { sort: { by: 'price', partition: 'all' } } }, 'provider.sort.partition'],
    [{ models: ['b/c'], provider: { sort: { partition: 'none' } } }, 'provider.sort.partition'],
    [{ provider: { preferred_max_latency: { p50: 1, p99: 5 } } }, 'provider.preferred_max_latency.p99'],
    [{ provider: { preferred_min_throughput: { p90: 5 } } }, 'provider.preferred_min_throughput.p90'],
    [{ provider: { allow_fallbacks: 'no' } }, 'provider.allow_fallbacks'],
    [{ provider: { require_parameters: 1 } }, 'provider.require_parameters'],
    [{ provider: { data_collection: 'maybe' } }, 'provider.data_collection'],
    [{ provider: { only: 'peer1' } }, 'provider.only'],
    [{ provider: { max_price: { prompt: 'cheap' } } }, 'provider.max_price.prompt'],
    [{ provider: [] }, 'provider'],
    [{ cairn: { min_teir: 1 } }, 'cairn.min_teir'],
    [{ cairn: { min_tier: 9 } }, 'min_tier'],
    [{ cairn: { region: 5 } }, 'cairn.region'],
    [{ cairn: { resume: 1 } }, 'resume'],
    [{ cairn: [] }, 'cairn'],
  ])('refuses %j', (fields, param) => {
    expect(() => aRequest(fields)).toThrow(
      expect.objectContaining({ problem: expect.objectContaining({ param }) }),
    );
  });

  it('can what the request needs, unless that does not matter', () => {
    const { router } = aRouter();
    const seeded = anOffer(7, { capabilities: ['seed'] });
    const listing = aListing([...offers, seeded]);
    for (let index = 0; index < 20; index += 1) {
      expect(router.choose(listing, aRequest({ seed: 4 }), new Set())).toBe(seeded);
    }
    const relaxed = aRequest({ seed: 4, provider: { require_parameters: false } });
    expect(choices(aRouter(), relaxed).size).toBe(3);
    expect(() => router.choose(aListing(offers), aRequest({ seed: 4 }), new Set())).toThrow(/seed/);
  });

  it('can go on behind tokens, and holds them, where an answer broke', () => {
    const { router } = aRouter();
    const listing = aListing([
      anOffer(1, { capabilities: ['tokenIds'] }),
      anOffer(2, { contextTokens: 50 }),
      anOffer(3),
    ]);
    for (let index = 0; index < 20; index += 1) {
      const found = router.choose(listing, aRequest(), new Set(), { prefillTokens: 60, seed: false });
      expect(found?.terms.peer).toBe('peer3');
    }
    expect(router.choose(listing, aRequest(), new Set(), { prefillTokens: 60, seed: true })).toBeNull();
  });
});

describe('what is known of a provider', () => {
  it('tells speed and the slowest usual first token, and forgets what is old', () => {
    const { health, router } = aRouter();
    expect(router.hedgeAfterMs(aListing(offers))).toBe(500);
    for (let index = 1; index <= 100; index += 1) health.firstToken('p', index);
    expect(health.of('p').slowTtftMs).toBe(99);
    expect(health.of('p').tokensPerSecond).toBeNull();
    for (let index = 0; index < 1_000; index += 1) health.tokensCame('p', 10, 1_000);
    for (let index = 0; index < 10_000; index += 1) health.tokensCame('p', 10, 100);
    expect(health.of('p').tokensPerSecond).toBeCloseTo(100, 0);
  });

  it('closes the way to one that was found out late', () => {
    const { health } = aRouter();
    health.started('p');
    health.ended('p', 'well');
    health.condemn('p');
    expect(health.isOpenFor('p')).toBe(false);
  });
});
