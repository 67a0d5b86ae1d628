import type { PausedPlace, TrainedPlace } from '@cairn/training';

/** What of an answer is as large as the weights: it changes its thread instead of being copied. */
export function movedBuffers(answer: TrainedPlace | PausedPlace): ArrayBuffer[] {
  const large =
    'paused' in answer
      ? [answer.paused]
      : [...(answer.residual?.pages ?? []), ...(answer.moments?.pages ?? [])];
  return large.map((bytes) => bytes.buffer as ArrayBuffer);
}
