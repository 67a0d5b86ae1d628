import type { Address } from '@cairn/core';
import type { ServerFrame } from '@cairn/protocol';
import { SdkError } from '../errors.ts';

const causedBy = (cause: unknown): ErrorOptions => (cause === undefined ? {} : { cause });

export function providerLost(
  provider: Address,
  receivedTokens: number,
  reason: string,
  cause?: unknown,
): SdkError {
  return new SdkError(
    { code: 'PROVIDER_LOST', provider, receivedTokens, reason },
    `Provider ${provider} was lost after ${receivedTokens} tokens: ${reason}.`,
    causedBy(cause),
  );
}

export function providerSilent(
  provider: Address,
  receivedTokens: number,
  afterMs: number,
  cause: unknown,
): SdkError {
  return new SdkError(
    { code: 'PROVIDER_TIMED_OUT', provider, receivedTokens, afterMs },
    `Provider ${provider} was silent for ${afterMs} ms after ${receivedTokens} tokens.`,
    { cause },
  );
}

export function providerBroke(provider: Address, reason: string, cause?: unknown): SdkError {
  return new SdkError(
    { code: 'PROVIDER_BROKE_PROTOCOL', provider, reason },
    `Provider ${provider} broke the protocol: ${reason}`,
    causedBy(cause),
  );
}

export function providerRefused(
  provider: Address,
  { code, message }: Extract<ServerFrame, { type: 'error' }>,
): SdkError {
  return new SdkError({ code: 'PROVIDER_REFUSED', provider, refusal: code }, message);
}

/** Whether a provider says that the channel is not on the ledger any more. */
export function isChannelGone(error: unknown): boolean {
  return (
    error instanceof SdkError &&
    error.problem.code === 'PROVIDER_REFUSED' &&
    error.problem.refusal === 'CHANNEL_UNKNOWN'
  );
}
