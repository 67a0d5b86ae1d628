import { CairnError } from '@cairn/core';
import type { ServerFrame } from '@cairn/protocol';
import { SdkError } from '../errors.ts';

/** What goes wrong with one provider, as errors. @param receivedTokens tokens that came so far */
export function createFailures(provider: string, receivedTokens: () => number) {
  const because = (cause: unknown) => (cause === undefined ? {} : { cause });

  function lost(reason: string, cause?: unknown): SdkError {
    const tokens = receivedTokens();
    return new SdkError(
      { code: 'PROVIDER_LOST', provider, receivedTokens: tokens, reason },
      `Provider ${provider} was lost after ${tokens} tokens: ${reason}.`,
      because(cause),
    );
  }

  function broke(reason: string, cause?: unknown): SdkError {
    return new SdkError(
      { code: 'PROVIDER_BROKE_PROTOCOL', provider, reason },
      `Provider ${provider} broke the protocol: ${reason}`,
      because(cause),
    );
  }

  return {
    lost,
    broke,
    refused: (frame: Extract<ServerFrame, { type: 'error' }>) =>
      new SdkError({ code: 'PROVIDER_REFUSED', provider, refusal: frame.code }, frame.message),
    /** @param afterMs how long it was silent when it was given up for that; null when it was not */
    failureOf(cause: unknown, afterMs: number | null): unknown {
      if (afterMs !== null) {
        const tokens = receivedTokens();
        return new SdkError(
          { code: 'PROVIDER_TIMED_OUT', provider, receivedTokens: tokens, afterMs },
          `Provider ${provider} was silent for ${afterMs} ms after ${tokens} tokens.`,
          { cause },
        );
      }
      if (!(cause instanceof CairnError)) return cause;
      if (cause.code === 'STREAM_ABORTED' || cause.code === 'STREAM_CLOSED')
        return lost(cause.message, cause);
      const isMalformed = cause.code === 'FRAME_MALFORMED' || cause.code === 'FRAME_TOO_LARGE';
      return isMalformed ? broke(cause.message, cause) : cause;
    },
  };
}
