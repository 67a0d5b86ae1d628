import { accountIdToAddress, type Random } from '@cairn/core';
import { type Offer, priceOf } from '@cairn/ledger';
import { mostBodyTokens, taskPromptTokens, taskUnits } from '@cairn/protocol';
import { unsupported } from '../api/fields.ts';
import type { ApiRequest } from '../api/parse-request.ts';
import { GatewayError } from '../errors.ts';
import type { ListedModel } from './catalogue.ts';
import type { HealthBook } from './health.ts';
import { filterNeeds, priceFor } from './needs.ts';

export interface RouterParts {
  readonly random: Random;
  readonly health: HealthBook;
  /** Measured quality of an offer from 0 to 1; null when nobody has measured it. */
  readonly quality?: (offer: Offer) => number | null;
}

/** Candidates this much dearer than the best are not sampled. */
const WORST_RATIO = 1.5;
/** Tokens of an answer whose length nobody knows. */
const USUAL_TOKENS = 256;
const CHARACTERS_PER_TOKEN = 4;
const LEAST_QUALITY = 0.05;

export interface Router {
  /**
   * Chooses a provider that was not tried yet; null when none is left.
   *
   * @throws GatewayError `unsupported_parameter`, `context_length_exceeded`, `no_provider_available` when nothing can ever fit
   */
  choose(listed: ListedModel, request: ApiRequest, tried: ReadonlySet<string>): Offer | null;
}

/** Filters offers by what the request needs, scores the rest by price, speed and success, and samples. */
export function createRouter({ random, health, quality }: RouterParts): Router {
  function scoreOf(offer: Offer, request: ApiRequest, cheapest: bigint, fastestMs: number): number {
    const { success, ttftMs, inFlight } = health.of(nameOf(offer));
    // One pebble more on both sides keeps free offers comparable.
    const cost = Number(expectedCost(offer, request) + 1n) / Number(cheapest + 1n);
    const wait = (1 + inFlight / offer.terms.maxConcurrency) * (1 + (ttftMs ?? fastestMs) / (fastestMs + 50));
    const measured = Math.max(quality?.(offer) ?? 1, LEAST_QUALITY);
    return (cost * wait) / (success * success * measured * measured);
  }

  function sample(offers: readonly Offer[], request: ApiRequest): Offer | null {
    const costs = offers.map((offer) => expectedCost(offer, request));
    const cheapest = costs.reduce((least, cost) => (cost < least ? cost : least), costs[0] ?? 0n);
    const times = offers.flatMap((offer) => health.of(nameOf(offer)).ttftMs ?? []);
    const fastestMs = times.length === 0 ? 50 : Math.min(...times);
    const scored = offers.map((offer) => ({ offer, score: scoreOf(offer, request, cheapest, fastestMs) }));
    const best = Math.min(...scored.map(({ score }) => score));
    const near = scored.filter(({ score }) => score <= WORST_RATIO * best);
    const weights = near.map(({ score }) => 1 / (score * score));
    let left = uniform(random) * weights.reduce((sum, weight) => sum + weight, 0);
    for (const [index, { offer }] of near.entries()) {
      left -= weights[index] ?? 0;
      if (left <= 0) return offer;
    }
    return near.at(-1)?.offer ?? null;
  }

  return {
    choose(listed, request, tried) {
      const able = filterAble(listed, request);
      const wanted = able.filter((offer) => isWanted(offer, listed, request));
      const ready = wanted.filter((offer) => !tried.has(nameOf(offer)) && health.isOpenFor(nameOf(offer)));
      for (const name of request.preferences.order) {
        const first = ready.find((offer) => isNamed(offer, name));
        if (first !== undefined) return first;
      }
      const { order, allowFallbacks } = request.preferences;
      if (order.length > 0 && !allowFallbacks) return null;
      return sample(ready, request);
    },
  };
}

/** The name a provider goes by in headers and breakers: its address. */
export function nameOf({ provider }: Offer): string {
  return accountIdToAddress(provider);
}

/** Tokens a prompt probably has. */
function likelyPromptTokens({ prompt, task }: ApiRequest): number {
  if (task !== undefined) return taskPromptTokens(task);
  if (prompt.kind === 'tokens') return prompt.tokenIds.length;
  const characters =
    prompt.kind === 'text'
      ? prompt.text.length
      : prompt.messages.reduce((sum, { content }) => sum + content.length + 16, 0);
  return Math.ceil(characters / CHARACTERS_PER_TOKEN);
}

/** The most tokens an offer can answer with. */
export function mostTokens({ terms }: Offer, { params, task }: ApiRequest): number {
  if (task !== undefined) return taskUnits(task);
  return Math.min(params.maxTokens ?? terms.contextTokens, terms.contextTokens);
}

/** The most an answer can cost. */
export function mostCost(offer: Offer, request: ApiRequest): bigint {
  const most = mostBodyTokens(request);
  const promptTokens = request.task === undefined ? Math.min(most, offer.terms.contextTokens) : most;
  return priceOf(priceFor(offer, request).terms.price, promptTokens, 0, mostTokens(offer, request));
}

function expectedCost(offer: Offer, request: ApiRequest): bigint {
  const tokens = Math.min(request.params.maxTokens ?? USUAL_TOKENS, USUAL_TOKENS);
  return priceOf(offer.terms.price, likelyPromptTokens(request), 0, tokens);
}

function filterAble({ offers, name }: ListedModel, request: ApiRequest): readonly Offer[] {
  const can = (offer: Offer, capability: string) => offer.terms.capabilities.includes(capability);
  const { seed, topLogprobs } = request.params;
  let able = filterNeeds(offers, request, name);
  if (seed !== null) {
    able = able.filter((offer) => can(offer, 'seed'));
    if (able.length === 0) throw unsupported('seed', `No provider of ${name} takes a seed.`);
  }
  if (topLogprobs > 0) {
    able = able.filter((offer) => can(offer, 'logprobs'));
    if (able.length === 0) throw unsupported('logprobs', `No provider of ${name} tells log probabilities.`);
  }
  if (request.task !== undefined) return able;
  const needed = likelyPromptTokens(request);
  const fitting = able.filter(({ terms }) => terms.contextTokens > needed / 2);
  if (fitting.length === 0) {
    throw new GatewayError(
      { code: 'context_length_exceeded' },
      `The messages have about ${needed} tokens, more than any context of ${name} holds. Shorten them.`,
    );
  }
  return fitting;
}

function isWanted(offer: Offer, { artifact }: ListedModel, { preferences }: ApiRequest): boolean {
  const { terms } = offer;
  const { only, ignore, deniesCollection, quantizations } = preferences;
  const { maxPromptPrice, maxCompletionPrice, maxRequestPrice } = preferences;
  if (only.length > 0 && !only.some((name) => isNamed(offer, name))) return false;
  if (ignore.some((name) => isNamed(offer, name))) return false;
  if (deniesCollection && (terms.retainsData || terms.trainsOnData)) return false;
  if (maxPromptPrice !== null && terms.price.inputPerMillion > maxPromptPrice) return false;
  if (maxCompletionPrice !== null && terms.price.outputPerMillion > maxCompletionPrice) return false;
  if (maxRequestPrice !== null && terms.price.perRequest > maxRequestPrice) return false;
  const quantization = artifact.quantisation.toLowerCase();
  return quantizations.length === 0 || quantizations.some((name) => name.toLowerCase() === quantization);
}

function isNamed(offer: Offer, name: string): boolean {
  return name === offer.terms.peer || name === nameOf(offer);
}

function uniform(random: Random): number {
  const bytes = random.bytes(4);
  return new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0) / 2 ** 32;
}
