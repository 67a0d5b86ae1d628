import { CairnError } from '@cairn/core';

export type ProvingProblem =
  | { code: 'VECTORS_UNREADABLE'; path: string }
  | { code: 'VECTORS_MALFORMED'; file: string; reason: string }
  | { code: 'VECTOR_FIELD_MALFORMED'; field: string }
  | { code: 'BENCH_FAILED'; reason: string }
  | { code: 'ATTACK_FAILED'; reason: string }
  | { code: 'MESSAGE_UNKNOWN'; name: string }
  | { code: 'REPLAY_DIFFERS'; height: number; reason: string }
  | { code: 'INVARIANT_BROKEN'; seed: number; height: number; reason: string }
  | { code: 'ENGINE_FAILED'; variant: string; reason: string }
  | { code: 'CRASH_TEST_FAILED'; round: number; reason: string };

export class ProvingError extends CairnError<ProvingProblem> {
  override readonly name = 'ProvingError';
}
