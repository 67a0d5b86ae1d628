import { CairnError } from '@cairn/core';

/** What can go wrong while models are trained. Codes never change. */
export type TrainingProblem =
  | { code: 'RECIPE_MALFORMED'; field: string; reason: string }
  | { code: 'MEMORY_TOO_LOW'; neededBytes: number; freeBytes: number };

export class TrainingError extends CairnError<TrainingProblem> {
  override readonly name = 'TrainingError';
}
