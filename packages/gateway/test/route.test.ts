import { accountIdToAddress, type Clock, hexToBytes } from '@cairn/core';
import type { ModelCard, Offer } from '@cairn/ledger';
import { describe, expect, it } from 'vitest';
import { parseChatRequest } from '../src/api/parse-request.ts';
import { createMeter, type ListedModel, listModels } from '../src/index.ts';
import { createHealthBook } from '../src/route/health.ts';
import { createRouter, nameOf } from '../src/route/router.ts';

const model = 'ab'.repeat(32);

function aClock(): Clock & { now: number } {
  return {
    now: 0,
    nowMs() {
      return this.now;
    },
  };
}

function aRandom() {
  let state = 1;
  return {
    bytes(length: number) {
      return Uint8Array.from({ length }, () => {
        state = (state * 1103515245 + 12345) % 2 ** 31;
        return state >> 16;
      });
    },
  };
}

function anOffer(byte: number, fields: Partial<Offer['terms']> = {}, outputPerMillion = 1_000_000n): Offer {
  return {
    provider: new Uint8Array(32).fill(byte),
    recordDeposit: 0n,
    terms: {
      netuid: 1,
      model: hexToBytes(model),
      artifact: new Uint8Array(32).fill(1),
      price: {
        inputPerMillion: 0n,
        cachedInputPerMillion: 0n,
        outputPerMillion,
        perRequest: 0n,
        perImage: 0n,
        perAudioSecond: 0n,
      },
      maxConcurrency: 4,
      contextTokens: 4096,
      capabilities: [],
      tier: 1,
      retainsData: false,
      trainsOnData: false,
      expirySlot: 1n,
      regions: [],
      peer: `peer${byte}`,
      ...fields,
    },
  };
}

function aCard(fields: Partial<ModelCard> = {}): ModelCard {
  const artifact = (fill: number, quantisation: string) => ({
    path: 'x',
    format: 'gguf' as const,
    quantisation,
    sizeBytes: 1n,
    sha256: new Uint8Array(32).fill(fill),
    merkleRoot: new Uint8Array(32),
  });
  return {
    name: 'cairn/crontab',
    version: '1',
    owner: new Uint8Array(32),
    kind: 'chat',
    description: '',
    artifacts: [artifact(1, 'F16'), artifact(2, 'Q8_0')],
    parameters: 1n,
    contextTokens: 1,
    licence: 'MIT',
    parents: [],
    capabilities: [],
    royaltyBps: 0,
    tokenizerHash: new Uint8Array(32),
    chatTemplateHash: new Uint8Array(32),
    tasks: [],
    languages: [],
    evaluations: [],
    ...fields,
  };
}

function aListing(offers: readonly Offer[]): ListedModel {
  return listModels([{ id: model, card: aCard(), publishedHeight: 1 }], offers)[0]!;
}

function aRequest(provider?: object) {
  const fields = { model: 'cairn/crontab', messages: [{ role: 'user', content: 'x' }], max_tokens: 100 };
  return parseChatRequest(provider === undefined ? fields : { ...fields, provider });
}

function aRouter() {
  const clock = aClock();
  const health = createHealthBook(clock);
  return { clock, health, router: createRouter({ random: aRandom(), health }) };
}

describe('the list of models', () => {
  it('names each quantisation, and swaps none silently', () => {
    const models = [{ id: model, card: aCard(), publishedHeight: 1 }];
    const names = (offers: readonly Offer[]) => listModels(models, offers).map(({ name }) => name);
    expect(names([])).toEqual([]);
    const q8 = { artifact: new Uint8Array(32).fill(2) };
    expect(names([anOffer(1), anOffer(2, q8)])).toEqual([
      'cairn/crontab',
      'cairn/crontab:f16',
      'cairn/crontab:q8_0',
    ]);
    const [bare] = listModels(models, [anOffer(1), anOffer(2, q8)]);
    expect(bare?.offers).toHaveLength(1);
    expect(bare?.artifact.quantisation).toBe('F16');
  });

  it('keeps the order of publication and the newest version of a name', () => {
    const other = 'cd'.repeat(32);
    const listed = listModels(
      [
        { id: other, card: aCard({ version: '2' }), publishedHeight: 5 },
        { id: model, card: aCard(), publishedHeight: 1 },
      ],
      [anOffer(1), anOffer(2, { model: hexToBytes(other) })],
    );
    expect(listed[0]?.model.card.version).toBe('2');
  });
});

describe('a model whose text may be used to train others', () => {
  const says = { capabilities: ['distillable'] };
  const made = (...cards: readonly Partial<ModelCard>[]) => {
    const models = cards.map((fields, index) => ({
      ...{ id: `${index + 1}`.repeat(64), publishedHeight: index },
      card: aCard({ name: `a/m${index + 1}`, ...fields }),
    }));
    const offers = models.map(({ id }, index) => anOffer(index + 1, { model: hexToBytes(id) }));
    return listModels(models, offers);
  };
  const from = (...numbers: readonly number[]) => ({
    parents: numbers.map((number) => hexToBytes(`${number}`.repeat(64))),
  });
  const distillable = (...cards: readonly Partial<ModelCard>[]) =>
    made(...cards).flatMap(({ name, isDistillable }) => (isDistillable && !name.includes(':') ? [name] : []));

  it('is one whose card says so: a licence alone does not', () => {
    expect(distillable(says, {}, { licence: 'CC0-1.0' })).toEqual(['a/m1']);
  });

  it('is one only if all that it was made from say so too, and are registered', () => {
    const lineage = [says, { ...says, ...from(1) }, { ...says, ...from(2) }];
    expect(distillable(...lineage)).toEqual(['a/m1', 'a/m2', 'a/m3']);
    expect(distillable({}, ...lineage.slice(1))).toEqual([]);
    expect(distillable(says, says, { ...says, ...from(1, 2) }, { ...says, ...from(3, 9) })).toEqual([
      ...['a/m1', 'a/m2', 'a/m3'],
    ]);
    expect(distillable(says, { ...from(1) }, { ...says, ...from(2) })).toEqual(['a/m1']);
  });

  it('is the only one asked with enforce_distillable_text', () => {
    const { router } = aRouter();
    const [may, mayNot] = [made(says)[0]!, made({})[0]!];
    const only = aRequest({ enforce_distillable_text: true });
    expect(router.choose(may, only, new Set())?.terms.peer).toBe('peer1');
    expect(router.choose(mayNot, only, new Set())).toBe(null);
    const all = aRequest({ enforce_distillable_text: false });
    expect(router.choose(mayNot, all, new Set())?.terms.peer).toBe('peer1');
  });
});

describe('the router', () => {
  it('samples among the near best and leaves out the dear', () => {
    const { router } = aRouter();
    const listing = aListing([anOffer(1), anOffer(2), anOffer(3, {}, 9_000_000n)]);
    const chosen = new Map<string, number>();
    for (let i = 0; i < 200; i += 1) {
      const peer = router.choose(listing, aRequest(), new Set())!.terms.peer;
      chosen.set(peer, (chosen.get(peer) ?? 0) + 1);
    }
    expect(chosen.get('peer1')).toBeGreaterThan(40);
    expect(chosen.get('peer2')).toBeGreaterThan(40);
    expect(chosen.has('peer3')).toBe(false);
  });

  it('never asks a provider twice, and gives up when none is left', () => {
    const { router } = aRouter();
    const listing = aListing([anOffer(1), anOffer(2)]);
    const tried = new Set<string>();
    for (let i = 0; i < 2; i += 1) tried.add(nameOf(router.choose(listing, aRequest(), tried)!));
    expect(tried.size).toBe(2);
    expect(router.choose(listing, aRequest(), tried)).toBeNull();
  });

  it.each([
    ['order', { order: ['peer3'] }, ['peer3']],
    ['only, by address', { only: [accountIdToAddress(new Uint8Array(32).fill(2))] }, ['peer2']],
    ['ignore', { ignore: ['peer1', 'peer2'] }, ['peer3']],
    ['order without fallbacks', { order: ['nobody'], allow_fallbacks: false }, []],
    ['max_price', { max_price: { completion: '0.0001' } }, []],
    ['quantizations', { quantizations: ['q4_0'] }, []],
    ['data_collection', { data_collection: 'deny' }, ['peer1']],
  ])('honours provider.%s', (_what, provider, peers) => {
    const { router } = aRouter();
    const listing = aListing([
      anOffer(1),
      anOffer(2, { retainsData: true }),
      anOffer(3, { trainsOnData: true }),
    ]);
    const found = router.choose(listing, aRequest(provider), new Set());
    expect(found === null ? [] : [found.terms.peer]).toEqual(peers);
  });

  it('honours a price bound whatever a provider asks per request', () => {
    const { router } = aRouter();
    const price = {
      inputPerMillion: 0n,
      cachedInputPerMillion: 0n,
      outputPerMillion: 0n,
      perRequest: 900n,
      perImage: 0n,
      perAudioSecond: 0n,
    };
    const listing = aListing([anOffer(1, { price })]);
    const choose = (max_price: object) => router.choose(listing, aRequest({ max_price }), new Set());
    expect(choose({ completion: '5' })).toBeNull();
    expect(choose({ request: '0.000000899' })).toBeNull();
    expect(choose({ completion: '5', request: '0.0000009' })?.terms.peer).toBe('peer1');
  });

  it('prefers measured quality', () => {
    const quality = (offer: Offer) => (offer.terms.peer === 'peer1' ? 1 : 0);
    const router = createRouter({ random: aRandom(), health: createHealthBook(aClock()), quality });
    for (let i = 0; i < 50; i += 1) {
      expect(router.choose(aListing([anOffer(1), anOffer(2)]), aRequest(), new Set())?.terms.peer).toBe(
        'peer1',
      );
    }
  });
});

describe('a breaker', () => {
  it('opens after three failures, lets one trial through after a pause, and doubles it', () => {
    const { clock, health } = aRouter();
    const fail = () => {
      health.started('p');
      health.ended('p', 'failed');
    };
    fail();
    fail();
    expect(health.isOpenFor('p')).toBe(true);
    fail();
    expect(health.isOpenFor('p')).toBe(false);
    clock.now += 15_000;
    expect(health.isOpenFor('p')).toBe(true);
    health.started('p');
    expect(health.isOpenFor('p')).toBe(false);
    health.ended('p', 'failed');
    clock.now += 15_000;
    expect(health.isOpenFor('p')).toBe(false);
    clock.now += 15_000;
    expect(health.isOpenFor('p')).toBe(true);
    health.started('p');
    health.ended('p', 'well');
    expect(health.isOpenFor('p')).toBe(true);
  });

  it('ignores failures that are far apart and providers that are full, and opens at once for a cheat', () => {
    const { clock, health } = aRouter();
    for (let i = 0; i < 6; i += 1) {
      health.started('p');
      health.ended('p', 'failed');
      health.started('p');
      health.ended('p', 'busy');
      clock.now += 31_000;
    }
    expect(health.isOpenFor('p')).toBe(true);
    health.started('q');
    health.ended('q', 'cheated');
    expect(health.isOpenFor('q')).toBe(false);
  });
});

describe('the meter', () => {
  it('pays no more for one answer than it is told to', () => {
    const careful = createMeter(aClock(), { mostPerAnswer: 10n });
    expect(() => careful.reserve('me').hold(11n)).toThrow(/pays for one/);
    careful.reserve('me').hold(10n);
    expect(() => createMeter(aClock()).reserve('me').hold(1_000_000_001n)).toThrow(/pays for one/);
  });

  it('holds, settles and gives back, and forgets a day', () => {
    const clock = aClock();
    const meter = createMeter(clock, { dailyLimit: 100n });
    const first = meter.reserve('me');
    first.hold(80n);
    const second = meter.reserve('me');
    expect(() => second.hold(21n)).toThrow(/a day/);
    second.hold(20n);
    second.release();
    second.release();
    first.settle(30n);
    first.settle(30n);
    expect(meter.usage('me')).toMatchObject({ spent: 30n, held: 0n, answers: 1 });
    expect(meter.inFlight).toBe(0);
    clock.now += 86_400_000;
    expect(meter.usage('me').spent).toBe(0n);
  });
});
