import { accountIdToAddress } from '@cairn/core';
import { type Offer, priceOf } from '@cairn/ledger';
import { mostBodyTokens, taskPromptTokens, taskUnits } from '@cairn/protocol';
import { unsupported } from '../api/fields.ts';
import type { ApiRequest } from '../api/parse-request.ts';
import { GatewayError } from '../errors.ts';
import type { ListedModel } from './catalogue.ts';
import { filterNeeds, priceFor } from './needs.ts';

/** What an answer under way needs of the provider that goes on with it. */
export interface Needs {
  /** Tokens that were shown already. */
  readonly prefillTokens: number;
  /** Whether they were drawn with a seed. */
  readonly seed: boolean;
}

export const NO_NEEDS: Needs = { prefillTokens: 0, seed: false };

const CHARACTERS_PER_TOKEN = 4;
/** The tier that an offer claims with attested hardware. */
const ATTESTED_TIER = 3;

/** Names are asked for many times in each request, of the same few offers. */
const names = new WeakMap<Offer['provider'], string>();

/** The name a provider goes by in headers and breakers: its address. */
export function nameOf({ provider }: Offer): string {
  const known = names.get(provider);
  if (known !== undefined) return known;
  const name = accountIdToAddress(provider);
  names.set(provider, name);
  return name;
}

export function isNamed(offer: Offer, name: string): boolean {
  return name === offer.terms.peer || name === nameOf(offer);
}

/** Tokens a prompt probably has. */
export function likelyPromptTokens({ prompt, task }: ApiRequest): number {
  if (task !== undefined) return taskPromptTokens(task);
  if (prompt.kind === 'tokens') return prompt.tokenIds.length;
  const characters =
    prompt.kind === 'text'
      ? prompt.text.length
      : prompt.messages.reduce((sum, { content }) => sum + content.length + 16, 0);
  return Math.ceil(characters / CHARACTERS_PER_TOKEN);
}

/** The most tokens an offer can answer with, behind those that were shown. */
export function mostTokens(
  { terms }: Offer,
  { params, task }: Pick<ApiRequest, 'params' | 'task'>,
  shownTokens = 0,
): number {
  if (task !== undefined) return taskUnits(task);
  const most = Math.min(params.maxTokens ?? terms.contextTokens, terms.contextTokens);
  return Math.max(most - shownTokens, 1);
}

/** The most an answer can cost. */
export function mostCost(offer: Offer, request: ApiRequest, shownTokens = 0): bigint {
  const most = mostBodyTokens(request) + shownTokens;
  const promptTokens = request.task === undefined ? Math.min(most, offer.terms.contextTokens) : most;
  return priceOf(
    priceFor(offer, request).terms.price,
    promptTokens,
    0,
    mostTokens(offer, request, shownTokens),
  );
}

/**
 * Offers that can answer the request at all.
 *
 * @throws GatewayError `unsupported_parameter`, `context_length_exceeded` when none ever can
 */
export function filterAble(
  { offers, name }: ListedModel,
  request: ApiRequest,
  needs: Needs,
): readonly Offer[] {
  const can = (offer: Offer, capability: string) => offer.terms.capabilities.includes(capability);
  const { seed, topLogprobs } = request.params;
  let able = filterNeeds(offers, request, name);
  if (request.preferences.requiresParameters) {
    if (seed !== null) {
      able = able.filter((offer) => can(offer, 'seed'));
      if (able.length === 0) throw unsupported('seed', `No provider of ${name} takes a seed.`);
    }
    if (topLogprobs > 0) {
      able = able.filter((offer) => can(offer, 'logprobs'));
      if (able.length === 0) throw unsupported('logprobs', `No provider of ${name} tells log probabilities.`);
    }
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
  if (needs.prefillTokens === 0) return fitting;
  return fitting.filter(
    (offer) =>
      can(offer, 'prefill') &&
      can(offer, 'tokenIds') &&
      (!needs.seed || can(offer, 'seed')) &&
      (topLogprobs === 0 || can(offer, 'logprobs')) &&
      offer.terms.contextTokens > needs.prefillTokens + 1,
  );
}

/**
 * Whether a client wants this offer.
 *
 * @param regionsOf where its provider is. @param isAttested whether hardware was found to vouch for its keys.
 */
export function isWanted(
  offer: Offer,
  { artifact, isDistillable }: ListedModel,
  { preferences }: ApiRequest,
  regionsOf: (offer: Offer) => readonly string[],
  isAttested: (offer: Offer) => boolean,
): boolean {
  const { terms } = offer;
  const { only, ignore, quantizations, regions } = preferences;
  if (only.length > 0 && !only.some((name) => isNamed(offer, name))) return false;
  if (ignore.some((name) => isNamed(offer, name))) return false;
  if (preferences.deniesCollection && (terms.retainsData || terms.trainsOnData)) return false;
  if (preferences.deniesRetention && terms.retainsData) return false;
  if (preferences.needsDistillable && !isDistillable) return false;
  if (terms.tier < preferences.minTier) return false;
  // What an offer says of its hardware counts for nothing until it was checked here.
  if ((preferences.isAttested || preferences.minTier >= ATTESTED_TIER) && !isAttested(offer)) return false;
  if (regions.length > 0 && !regionsOf(offer).some((region) => regions.includes(region))) return false;
  if (!isCheapEnough(offer, preferences)) return false;
  return quantizations.length === 0 || quantizations.some((name) => isQuantization(name, artifact));
}

/** What files of llama.cpp call OpenRouter's names; its `unknown` is what a card does not say. */
const QUANTIZATIONS: Readonly<Record<string, RegExp>> = {
  int4: /^(int4|i?q4_)/,
  int8: /^(int8|q8_)/,
  fp16: /^fp?16$/,
  fp32: /^fp?32$/,
  unknown: /^(unknown)?$/,
};

function isQuantization(name: string, { quantisation }: ListedModel['artifact']): boolean {
  const [wanted, is] = [name.toLowerCase(), quantisation.toLowerCase()];
  return wanted === is || (Object.hasOwn(QUANTIZATIONS, wanted) && QUANTIZATIONS[wanted]!.test(is));
}

function isCheapEnough({ terms: { price } }: Offer, bounds: ApiRequest['preferences']): boolean {
  const isAbove = (asked: bigint, most: bigint | null) => most !== null && asked > most;
  return (
    !isAbove(price.inputPerMillion, bounds.maxPromptPrice) &&
    !isAbove(price.outputPerMillion, bounds.maxCompletionPrice) &&
    !isAbove(price.perRequest, bounds.maxRequestPrice) &&
    !isAbove(price.perImage, bounds.maxImagePrice) &&
    !isAbove(price.perAudioSecond, bounds.maxAudioPrice)
  );
}
