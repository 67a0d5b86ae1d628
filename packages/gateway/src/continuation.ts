import type { Random } from '@cairn/core';
import type { Offer } from '@cairn/ledger';
import { type ApiRequest, extrasOf } from './api/parse-request.ts';
import type { AttemptJob } from './attempt.ts';
import type { Emitted } from './emitted.ts';
import { mostTokens } from './route/router.ts';

/** With these the engine has a state of its own besides the tokens, which ids do not bring back. */
const HELD_FIELDS = ['shape', 'task'] as const;

/** What a provider is asked: the request, or what is left of it behind the tokens that were shown. */
export function bodyFor(
  request: ApiRequest,
  offer: Offer,
  emitted: Emitted,
  seed: number | null,
): AttemptJob['body'] {
  const { endpoint, prompt, params } = request;
  return {
    endpoint,
    prompt,
    ...(emitted.tokens === 0 ? {} : { prefill: [...(emitted.tokenIds ?? [])] }),
    params: {
      ...params,
      topLogprobs: can(offer, 'logprobs') ? params.topLogprobs : 0,
      seed: can(offer, 'seed') ? seed : null,
      maxTokens: mostTokens(offer, request, emitted.tokens),
    },
    ...extrasOf(request),
  };
}

/** Why nobody may go on with an answer that broke; null when somebody may. */
export function whyNotResumed(request: ApiRequest, emitted: Emitted): string | null {
  if (!request.preferences.resumes) return 'Going on elsewhere was not wanted.';
  if (HELD_FIELDS.some((name) => Object.hasOwn(request, name))) {
    return 'An answer that is held to a form or calls tools is not taken up. Ask again.';
  }
  if (emitted.tokenIds === null) {
    return 'It tells no token ids, so nobody can go on with the answer. Ask again.';
  }
  return null;
}

/** The seed of an answer that is drawn and names none, so that another provider can go on drawing. */
export function chooseSeed({ params }: ApiRequest, random: Random): number | null {
  if (params.temperature === 0 || params.seed !== null) return params.seed;
  const bytes = random.bytes(4);
  return new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0);
}

export function can({ terms }: Offer, capability: string): boolean {
  return terms.capabilities.includes(capability);
}
