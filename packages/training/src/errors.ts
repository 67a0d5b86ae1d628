import { CairnError } from '@cairn/core';

/** What can go wrong while models are trained. Codes never change. */
export type TrainingProblem =
  | { code: 'RECIPE_MALFORMED'; field: string; reason: string }
  | { code: 'MEMORY_TOO_LOW'; neededBytes: number; freeBytes: number }
  | { code: 'UPDATE_MALFORMED'; reason: string }
  | { code: 'UPDATE_NOT_FINITE'; tensor: string }
  | { code: 'ROUND_UNUSABLE'; reason: string }
  | { code: 'TRACE_FAILED'; reason: string }
  | { code: 'RUN_MALFORMED'; run: string; reason: string }
  | { code: 'WEIGHTS_OUT_OF_REACH'; run: string; root: string }
  | { code: 'BLOB_NOT_FETCHED'; id: string }
  | { code: 'PACKAGE_MISSING'; name: string }
  | { code: 'TOKENIZER_MALFORMED'; reason: string }
  | { code: 'WEIGHTS_MALFORMED'; reason: string }
  | { code: 'DATA_MALFORMED'; source: string; line: number | null; reason: string }
  | { code: 'RANGE_TOO_LARGE'; wants: number; has: number }
  | { code: 'RELEASE_MALFORMED'; reason: string }
  | { code: 'MODEL_MALFORMED'; field: string; reason: string }
  | { code: 'BATCH_MALFORMED'; reason: string }
  | { code: 'TENSOR_MISMATCH'; name: string; expected: number; found: number }
  | { code: 'ENGINE_FAILED'; engine: string; reason: string };

export class TrainingError extends CairnError<TrainingProblem> {
  override readonly name = 'TrainingError';
}

/** What a run says of itself is not so. */
export function malformedRun(run: string, reason: string): TrainingError {
  return new TrainingError(
    { code: 'RUN_MALFORMED', run, reason },
    `Run ${run.slice(0, 12)}… cannot be taken part in: ${reason}. Tell its owner.`,
  );
}

/** What keeps this machine from computing a run. */
export function unusable(reason: string): TrainingError {
  return new TrainingError(
    { code: 'ROUND_UNUSABLE', reason },
    `This run cannot be computed here: ${reason}.`,
  );
}
