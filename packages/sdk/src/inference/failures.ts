import { type Address, CairnError } from '@cairn/core';
import type { ServerFrame } from '@cairn/protocol';
import type { SdkError } from '../errors.ts';
import { providerBroke, providerLost, providerRefused, providerSilent } from './provider-errors.ts';

const LOST: ReadonlySet<string> = new Set(['STREAM_ABORTED', 'STREAM_CLOSED', 'SEAL_TRUNCATED']);
const BROKEN: ReadonlySet<string> = new Set(['FRAME_MALFORMED', 'FRAME_TOO_LARGE', 'SEAL_BROKEN']);

/** What goes wrong with one provider, as errors. @param receivedTokens tokens that came so far */
export function createFailures(provider: Address, receivedTokens: () => number) {
  const lost = (reason: string, cause?: unknown): SdkError =>
    providerLost(provider, receivedTokens(), reason, cause);
  const broke = (reason: string, cause?: unknown): SdkError => providerBroke(provider, reason, cause);

  return {
    lost,
    broke,
    refused: (frame: Extract<ServerFrame, { type: 'error' }>) => providerRefused(provider, frame),
    /** @param afterMs how long it was silent when it was given up for that; null when it was not */
    failureOf(cause: unknown, afterMs: number | null): unknown {
      if (afterMs !== null) return providerSilent(provider, receivedTokens(), afterMs, cause);
      if (!(cause instanceof CairnError)) return cause;
      if (LOST.has(cause.code)) return lost(cause.message, cause);
      if (BROKEN.has(cause.code)) return broke(cause.message, cause);
      return cause;
    },
  };
}
