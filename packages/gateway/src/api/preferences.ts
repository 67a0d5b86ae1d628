import { CairnError, nearestName, parseAmount } from '@cairn/core';
import { type Fields, invalid, isObject, readFlag, readTexts, readWhole, unsupported } from './fields.ts';

/** By what providers are put in order, instead of sampled by price, speed and success together. */
export type SortKey = 'price' | 'throughput' | 'latency';

/** What a client wants of providers: OpenRouter's `provider` object, and what `cairn` adds to it. */
export interface Preferences {
  /** Names of providers, by address or peer, to be tried first, in order. */
  readonly order: readonly string[];
  /** When not empty, no others. */
  readonly only: readonly string[];
  readonly ignore: readonly string[];
  /** Whether providers beyond `order` may be used. */
  readonly allowFallbacks: boolean;
  /** Whether only providers are asked that can do all that the request asks for; others leave out what they cannot. */
  readonly requiresParameters: boolean;
  /** Only providers that neither keep nor train on data. */
  readonly deniesCollection: boolean;
  /** Only providers that keep nothing. */
  readonly deniesRetention: boolean;
  /** Only models whose text may be used to train others, as their cards say. */
  readonly needsDistillable: boolean;
  /** Pebbles per million tokens; null: any. */
  readonly maxPromptPrice: bigint | null;
  readonly maxCompletionPrice: bigint | null;
  /** Pebbles per request, whatever its length; none once a price of tokens is bounded. Null: any. */
  readonly maxRequestPrice: bigint | null;
  /** Pebbles per image, and per second of audio; null: any. */
  readonly maxImagePrice: bigint | null;
  readonly maxAudioPrice: bigint | null;
  /** As OpenRouter or as a card names them. */
  readonly quantizations: readonly string[];
  readonly sort: SortKey | null;
  /** Tokens per second and seconds to the first token that providers should reach; others come after them. */
  readonly preferredMinThroughput: number | null;
  readonly preferredMaxLatency: number | null;
  /** Lowest tier of verification. */
  readonly minTier: number;
  /** Whether only providers are asked whose hardware was found to vouch for their keys. */
  readonly isAttested: boolean;
  /** Where the provider must be; empty: anywhere. */
  readonly regions: readonly string[];
  /** Whether another provider may go on with an answer that broke in its middle. */
  readonly resumes: boolean;
  /** Whether question and answer are shown to the validators, who then check that the named model gave it. */
  readonly discloses: boolean;
  /** Whether a second provider is asked when the first one is late. */
  readonly hedges: boolean;
}

const SORTS: readonly SortKey[] = ['price', 'throughput', 'latency'];

const PROVIDER_FIELDS = [
  ...['order', 'only', 'ignore', 'allow_fallbacks', 'require_parameters', 'data_collection', 'zdr'],
  ...['enforce_distillable_text', 'quantizations', 'sort', 'max_price'],
  ...['preferred_min_throughput', 'preferred_max_latency'],
];
const PRICE_FIELDS = ['prompt', 'completion', 'request', 'image', 'audio'];
const CAIRN_FIELDS = ['resume', 'hedge', 'min_tier', 'region', 'attested', 'disclose'];

/**
 * @param value the field `provider`. A field of it that is not kept to is refused, never left out silently: it may be
 * why a person trusts an answer.
 * @param cairn the field `cairn`: `resume`, `hedge`, `min_tier`, `region`, `attested`, `disclose`
 * @param modelCount models that the request names
 * @throws GatewayError `invalid_value`, `unsupported_parameter`
 */
export function parsePreferences(value: unknown, cairn?: unknown, modelCount = 1): Preferences {
  const fields = value ?? {};
  if (!isObject(fields)) throw invalid('provider', 'an object');
  refuseUnknown(fields, 'provider', PROVIDER_FIELDS);
  return {
    order: readTexts(fields.order, 'provider.order', 64),
    only: readTexts(fields.only, 'provider.only', 64),
    ignore: readTexts(fields.ignore, 'provider.ignore', 64),
    allowFallbacks: readSwitch(fields, 'allow_fallbacks', true),
    requiresParameters: readSwitch(fields, 'require_parameters', true),
    deniesCollection: readCollection(fields.data_collection ?? 'allow'),
    deniesRetention: readSwitch(fields, 'zdr', false),
    needsDistillable: readSwitch(fields, 'enforce_distillable_text', false),
    ...readPrices(fields.max_price ?? {}),
    quantizations: readTexts(fields.quantizations, 'provider.quantizations', 32),
    sort: readSort(fields.sort, modelCount),
    preferredMinThroughput: readGoal(fields.preferred_min_throughput, 'provider.preferred_min_throughput'),
    preferredMaxLatency: readGoal(fields.preferred_max_latency, 'provider.preferred_max_latency'),
    ...readCairn(cairn ?? {}),
  };
}

function refuseUnknown(fields: Fields, name: string, known: readonly string[]): void {
  const unknown = Object.keys(fields).find((key) => !known.includes(key));
  if (unknown === undefined) return;
  const key = unknown.slice(0, 60);
  const nearest = nearestName(key, known);
  throw unsupported(
    `${name}.${key}`,
    nearest === null ? `Known are ${known.join(', ')}.` : `Did you mean ${name}.${nearest}?`,
  );
}

function readSwitch(fields: Fields, name: string, otherwise: boolean): boolean {
  const value = fields[name] ?? otherwise;
  if (typeof value !== 'boolean') throw invalid(`provider.${name}`, 'true or false');
  return value;
}

function readCollection(value: unknown): boolean {
  if (value !== 'allow' && value !== 'deny') throw invalid('provider.data_collection', 'allow or deny');
  return value === 'deny';
}

function readPrices(price: unknown) {
  if (!isObject(price)) throw invalid('provider.max_price', 'an object');
  refuseUnknown(price, 'provider.max_price', PRICE_FIELDS);
  const maxPromptPrice = readPrice(price.prompt, 'provider.max_price.prompt');
  const maxCompletionPrice = readPrice(price.completion, 'provider.max_price.completion');
  const isBounded = maxPromptPrice !== null || maxCompletionPrice !== null;
  const maxRequestPrice = readPrice(price.request, 'provider.max_price.request') ?? (isBounded ? 0n : null);
  const maxImagePrice = readPrice(price.image, 'provider.max_price.image');
  const maxAudioPrice = readPrice(price.audio, 'provider.max_price.audio');
  return { maxPromptPrice, maxCompletionPrice, maxRequestPrice, maxImagePrice, maxAudioPrice };
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

/** `sort` is a name, or an object whose `by` is one. Providers of one model are sorted, never those of several. */
function readSort(value: unknown, modelCount: number): SortKey | null {
  if (isObject(value)) {
    refuseUnknown(value, 'provider.sort', ['by', 'partition']);
    const { partition = null } = value;
    if (partition !== null && partition !== 'model' && partition !== 'none')
      throw invalid('provider.sort.partition', 'model or none');
    if (partition === 'none' && modelCount > 1) {
      throw unsupported(
        'provider.sort.partition',
        'Of several models the first that can is asked; only its providers are sorted. Leave it out, or name one model.',
      );
    }
  }
  const by = isObject(value) ? value.by : value;
  if (by === undefined || by === null) return null;
  const found = SORTS.find((name) => name === by);
  if (found === undefined) throw invalid('provider.sort', 'price, throughput or latency');
  return found;
}

/** A number, or one by percentile: what is kept of a provider is its average, which stands for the middle one. */
function readGoal(value: unknown, name: string): number | null {
  if (isObject(value)) {
    const other = Object.keys(value).find((key) => key !== 'p50');
    if (other !== undefined) {
      throw unsupported(
        `${name}.${other.slice(0, 60)}`,
        'Averages of providers are kept, no percentiles. Give p50 alone, or a number.',
      );
    }
  }
  const goal = isObject(value) ? value.p50 : value;
  if (goal === undefined || goal === null) return null;
  if (typeof goal !== 'number' || !(goal > 0)) throw invalid(name, 'a number above 0, or one as p50');
  return goal;
}

function readCairn(cairn: unknown) {
  if (!isObject(cairn)) throw invalid('cairn', 'an object');
  refuseUnknown(cairn, 'cairn', CAIRN_FIELDS);
  const regions =
    typeof cairn.region === 'string' ? [cairn.region] : readTexts(cairn.region, 'cairn.region', 16);
  return {
    minTier: readWhole(cairn, 'min_tier', 0, 3) ?? 0,
    regions,
    isAttested: readFlag(cairn, 'attested'),
    resumes: cairn.resume === undefined ? true : readFlag(cairn, 'resume'),
    hedges: readFlag(cairn, 'hedge'),
    discloses: readFlag(cairn, 'disclose'),
  };
}
