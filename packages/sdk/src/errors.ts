import { CairnError } from '@cairn/core';

export type SdkProblem =
  | { code: 'MESSAGE_UNKNOWN'; message: string }
  | { code: 'TRANSACTION_REFUSED'; message: string; reason: string }
  | { code: 'RPC_FAILED'; method: string; reason: string }
  | { code: 'RPC_MALFORMED' };

export class SdkError extends CairnError<SdkProblem> {
  override readonly name = 'SdkError';
}
