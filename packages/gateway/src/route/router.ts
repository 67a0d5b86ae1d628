import type { Random } from '@cairn/core';
import { type Offer, priceOf } from '@cairn/ledger';
import type { ApiRequest } from '../api/parse-request.ts';
import { firstBlock, homeOf } from './affinity.ts';
import type { ListedModel } from './catalogue.ts';
import { filterAble, isNamed, isWanted, likelyPromptTokens, type Needs, NO_NEEDS, nameOf } from './fits.ts';
import type { HealthBook } from './health.ts';
import { priceFor } from './needs.ts';

export { mostCost, mostTokens, nameOf } from './fits.ts';

export interface RouterParts {
  readonly random: Random;
  readonly health: HealthBook;
  /** Measured quality of an offer from 0 to 1; null when nobody has measured it. */
  readonly quality?: (offer: Offer) => number | null;
  /** How long a provider says that a request waits now; null when it says nothing. */
  readonly queueMs?: (offer: Offer) => number | null;
  /** Where an offer is served. @default nobody says */
  readonly regions?: (offer: Offer) => readonly string[];
  /** Whether hardware was found to vouch for the keys of an offer. @default of none */
  readonly attested?: (offer: Offer) => boolean;
}

export interface RouterOptions {
  /**
   * Pebbles that a second of waiting is worth. @default a tenth of what the cheapest answer costs: ten seconds weigh
   * as much as its price
   */
  readonly pebblesPerSecond?: number;
}

/** Candidates this much dearer than the best are not sampled. */
const WORST_RATIO = 1.5;
/** Tokens of an answer whose length nobody knows. */
const USUAL_TOKENS = 256;
const LEAST_QUALITY = 0.05;
/** Requests more than the idlest one has that a prompt's own provider may have. */
const AFFINITY_SLACK = 2;
/** Assumed until something was measured. */
const USUAL_TTFT_MS = 500;
const USUAL_TOKENS_PER_SECOND = 30;
const LEAST_HEDGE_MS = 50;

export interface Router {
  /**
   * Chooses a provider that was not tried yet; null when none is left.
   *
   * @throws GatewayError `unsupported_parameter`, `context_length_exceeded` when nothing can ever fit
   */
  choose(listed: ListedModel, request: ApiRequest, tried: ReadonlySet<string>, needs?: Needs): Offer | null;
  /** How long a first token may take before a second provider is asked: what all but 5 % took. */
  hedgeAfterMs(listed: ListedModel): number;
}

interface Candidate {
  readonly offer: Offer;
  readonly name: string;
  readonly inFlight: number;
  readonly cost: number;
  readonly ttftMs: number;
  readonly tokensPerSecond: number;
  readonly score: number;
}

/** Filters offers by what the request needs, scores the rest by price, time and success, and samples. */
export function createRouter(parts: RouterParts, options: RouterOptions = {}): Router {
  const { random, health } = parts;
  const regionsOf = parts.regions ?? (() => []);
  const isAttested = parts.attested ?? (() => false);

  function rank(offers: readonly Offer[], request: ApiRequest): Candidate[] {
    const seen = offers.map((offer) => health.of(nameOf(offer)));
    // What nobody has measured is taken for as good as the best: it has to be tried to be known.
    const fastestMs = Math.min(...seen.map(({ ttftMs }) => ttftMs ?? Number.POSITIVE_INFINITY));
    const mostPerSecond = Math.max(...seen.map(({ tokensPerSecond }) => tokensPerSecond ?? 0));
    // One pebble more keeps free offers comparable.
    const costs = offers.map((offer) => Number(expectedCost(offer, request) + 1n));
    const perSecond = options.pebblesPerSecond ?? Math.min(...costs) / 10;
    const tokens = Math.min(request.params.maxTokens ?? USUAL_TOKENS, USUAL_TOKENS);
    return offers.map((offer, index) => {
      const mine = seen[index]!;
      const cost = costs[index]!;
      const ttftMs = mine.ttftMs ?? (Number.isFinite(fastestMs) ? fastestMs : USUAL_TTFT_MS);
      const tokensPerSecond =
        mine.tokensPerSecond ?? (mostPerSecond > 0 ? mostPerSecond : USUAL_TOKENS_PER_SECOND);
      const answerMs = ttftMs + (1_000 * tokens) / tokensPerSecond;
      const { maxConcurrency } = offer.terms;
      const rounds = Math.floor(mine.inFlight / maxConcurrency);
      const queueMs = parts.queueMs?.(offer) ?? rounds * answerMs;
      const trust = Math.max(parts.quality?.(offer) ?? 1, LEAST_QUALITY);
      const price = cost + (perSecond * (queueMs + answerMs)) / 1_000;
      const score = price / (mine.success * mine.success * trust * trust);
      const { inFlight } = mine;
      return { offer, name: nameOf(offer), inFlight, cost, ttftMs, tokensPerSecond, score };
    });
  }

  /** Two drawn by weight; the less busy one is taken. */
  function sample(candidates: readonly Candidate[]): Candidate | null {
    const best = Math.min(...candidates.map(({ score }) => score));
    const near = candidates.filter(({ score }) => score <= WORST_RATIO * best);
    const one = draw(random, near);
    const other = draw(random, near);
    if (one === null || other === null) return null;
    return load(other) < load(one) ? other : one;
  }

  function atHome(candidates: readonly Candidate[], request: ApiRequest): Candidate | null {
    const block = firstBlock(request);
    if (block === null) return null;
    const best = Math.min(...candidates.map(({ score }) => score));
    const near = candidates.filter(({ score }) => score <= WORST_RATIO * best);
    const home = homeOf(
      block,
      near.map(({ name }) => name),
    );
    const found = near.find(({ name }) => name === home) ?? null;
    const idlest = Math.min(...near.map(({ inFlight }) => inFlight));
    return found !== null && found.inFlight <= idlest + AFFINITY_SLACK ? found : null;
  }

  return {
    choose(listed, request, tried, needs = NO_NEEDS) {
      const { preferences } = request;
      const ready = filterAble(listed, request, needs).filter(
        (offer) =>
          isWanted(offer, listed, request, regionsOf, isAttested) &&
          !tried.has(nameOf(offer)) &&
          health.isOpenFor(nameOf(offer)),
      );
      for (const name of preferences.order) {
        const first = ready.find((offer) => isNamed(offer, name));
        if (first !== undefined) return first;
      }
      if ((preferences.order.length > 0 && !preferences.allowFallbacks) || ready.length === 0) return null;
      const ranked = preferFit(rank(ready, request), request);
      if (preferences.sort !== null) return sortBy(ranked, preferences.sort)[0]?.offer ?? null;
      return (atHome(ranked, request) ?? sample(ranked))?.offer ?? null;
    },
    hedgeAfterMs(listed) {
      const times = listed.offers.flatMap((offer) => health.of(nameOf(offer)).slowTtftMs ?? []);
      return Math.max(times.length === 0 ? USUAL_TTFT_MS : Math.min(...times), LEAST_HEDGE_MS);
    },
  };
}

/** Those that are fast enough, if any is. */
function preferFit(
  candidates: readonly Candidate[],
  { preferences: { preferredMinThroughput, preferredMaxLatency } }: ApiRequest,
): readonly Candidate[] {
  const fit = candidates.filter(
    ({ ttftMs, tokensPerSecond }) =>
      (preferredMinThroughput === null || tokensPerSecond >= preferredMinThroughput) &&
      (preferredMaxLatency === null || ttftMs <= 1_000 * preferredMaxLatency),
  );
  return fit.length === 0 ? candidates : fit;
}

function sortBy(candidates: readonly Candidate[], key: 'price' | 'throughput' | 'latency'): Candidate[] {
  const place = {
    price: ({ cost }: Candidate) => cost,
    throughput: ({ tokensPerSecond }: Candidate) => -tokensPerSecond,
    latency: ({ ttftMs }: Candidate) => ttftMs,
  }[key];
  return candidates.toSorted((one, other) => place(one) - place(other) || one.score - other.score);
}

function load({ inFlight, offer }: Candidate): number {
  return inFlight / offer.terms.maxConcurrency;
}

/** Draws one, with a weight of one over its score squared. */
function draw(random: Random, candidates: readonly Candidate[]): Candidate | null {
  const weights = candidates.map(({ score }) => 1 / (score * score));
  let left = uniform(random) * weights.reduce((sum, weight) => sum + weight, 0);
  for (const [index, candidate] of candidates.entries()) {
    left -= weights[index] ?? 0;
    if (left <= 0) return candidate;
  }
  return candidates.at(-1) ?? null;
}

function expectedCost(offer: Offer, request: ApiRequest): bigint {
  const tokens = Math.min(request.params.maxTokens ?? USUAL_TOKENS, USUAL_TOKENS);
  return priceOf(priceFor(offer, request).terms.price, likelyPromptTokens(request), 0, tokens);
}

function uniform(random: Random): number {
  const bytes = random.bytes(4);
  return new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0) / 2 ** 32;
}
