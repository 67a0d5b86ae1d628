import { CairnError, parseAmount } from '@cairn/core';
import { invalid, isObject, readTexts } from './fields.ts';

/** What a client wants of providers: the parts of OpenRouter's `provider` object that make sense here. */
export interface Preferences {
  /** Names of providers, by address or peer, to be tried first, in order. */
  readonly order: readonly string[];
  /** When not empty, no others. */
  readonly only: readonly string[];
  readonly ignore: readonly string[];
  /** Whether providers beyond `order` may be used. */
  readonly allowFallbacks: boolean;
  /** Only providers that neither keep nor train on data. */
  readonly deniesCollection: boolean;
  /** Pebbles per million tokens; null: any. */
  readonly maxPromptPrice: bigint | null;
  readonly maxCompletionPrice: bigint | null;
  /** Pebbles per request, whatever its length; none once a price of tokens is bounded. Null: any. */
  readonly maxRequestPrice: bigint | null;
  readonly quantizations: readonly string[];
}

const NO_PREFERENCES: Preferences = {
  order: [],
  only: [],
  ignore: [],
  allowFallbacks: true,
  deniesCollection: false,
  maxPromptPrice: null,
  maxCompletionPrice: null,
  maxRequestPrice: null,
  quantizations: [],
};

/** @throws GatewayError `invalid_value` */
export function parsePreferences(value: unknown): Preferences {
  if (value === undefined || value === null) return NO_PREFERENCES;
  if (!isObject(value)) throw invalid('provider', 'an object');
  const fallbacks = value.allow_fallbacks ?? true;
  if (typeof fallbacks !== 'boolean') throw invalid('provider.allow_fallbacks', 'true or false');
  const collection = value.data_collection ?? 'allow';
  if (collection !== 'allow' && collection !== 'deny')
    throw invalid('provider.data_collection', 'allow or deny');
  const price = value.max_price ?? {};
  if (!isObject(price)) throw invalid('provider.max_price', 'an object');
  const maxPromptPrice = readPrice(price.prompt, 'provider.max_price.prompt');
  const maxCompletionPrice = readPrice(price.completion, 'provider.max_price.completion');
  const isBounded = maxPromptPrice !== null || maxCompletionPrice !== null;
  return {
    order: readTexts(value.order, 'provider.order', 64),
    only: readTexts(value.only, 'provider.only', 64),
    ignore: readTexts(value.ignore, 'provider.ignore', 64),
    allowFallbacks: fallbacks,
    deniesCollection: collection === 'deny',
    maxPromptPrice,
    maxCompletionPrice,
    maxRequestPrice: readPrice(price.request, 'provider.max_price.request') ?? (isBounded ? 0n : null),
    quantizations: readTexts(value.quantizations, 'provider.quantizations', 32),
  };
}

function readPrice(value: unknown, name: string): bigint | null {
  if (value === undefined || value === null) return null;
  const wanted = 'CAIRN as decimal text';
  if (typeof value !== 'string' && typeof value !== 'number') throw invalid(name, wanted);
  try {
    return parseAmount(String(value));
  } catch (cause) {
    if (cause instanceof CairnError) throw invalid(name, wanted);
    throw cause;
  }
}
