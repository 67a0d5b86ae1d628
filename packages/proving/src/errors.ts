import { CairnError } from '@cairn/core';

export type ProvingProblem =
  | { code: 'VECTORS_UNREADABLE'; path: string }
  | { code: 'VECTORS_MALFORMED'; file: string; reason: string }
  | { code: 'VECTOR_FIELD_MALFORMED'; field: string };

export class ProvingError extends CairnError<ProvingProblem> {
  override readonly name = 'ProvingError';
}
