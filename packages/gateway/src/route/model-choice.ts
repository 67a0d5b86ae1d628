import type { HowOpened } from '@cairn/sdk';
import type { SortKey } from '../api/preferences.ts';
import { GatewayError } from '../errors.ts';

/** A model by name, and by what its providers are put in order. */
export interface ModelChoice {
  readonly name: string;
  /** What the name's suffix says; null without one. */
  readonly sort: SortKey | null;
}

const VARIANTS: Readonly<Record<string, SortKey>> = { nitro: 'throughput', floor: 'price' };

/** `owner/model:nitro` is the fastest provider of `owner/model`, `:floor` the cheapest. */
function splitVariant(name: string): ModelChoice {
  const at = name.lastIndexOf(':');
  const variant = at < 0 ? '' : name.slice(at + 1).toLowerCase();
  const sort = Object.hasOwn(VARIANTS, variant) ? (VARIANTS[variant] ?? null) : null;
  return sort === null ? { name, sort } : { name: name.slice(0, at), sort };
}

/** Failures of one model after which the next one of the list is asked. */
const NEXT: readonly string[] = [
  'model_not_found',
  'no_provider_available',
  'provider_failed',
  'context_length_exceeded',
];

/**
 * Serves a request by the first model that can: those behind it are asked when it is not served, has no provider
 * left or cannot hold the prompt. Only while nothing was sent to the client.
 *
 * @param serve also gets a list of how all were asked who were sent the question, which it adds to
 * @throws what the last one failed with
 */
export async function serveFirst<T>(
  names: readonly string[],
  serve: (choice: ModelChoice, index: number, readers: HowOpened[]) => Promise<T>,
): Promise<T> {
  const readers: HowOpened[] = [];
  for (const [index, name] of names.entries()) {
    try {
      return await serve(splitVariant(name), index, readers);
    } catch (error) {
      const isLast = index === names.length - 1;
      if (isLast || !(error instanceof GatewayError) || !NEXT.includes(error.code)) throw error;
    }
  }
  throw new GatewayError({ code: 'missing_required_parameter', param: 'model' }, 'model is required.');
}
