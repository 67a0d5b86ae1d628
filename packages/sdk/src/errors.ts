import { CairnError } from '@cairn/core';

export type SdkProblem =
  | { code: 'MNEMONIC_INVALID' }
  | { code: 'ACCOUNT_INDEX_OUT_OF_RANGE'; index: number }
  | { code: 'PASSPHRASE_TOO_SHORT'; minLength: number }
  | { code: 'WORK_FACTOR_OUT_OF_RANGE'; workFactor: number }
  | { code: 'KEYSTORE_WRONG_PASSPHRASE' }
  | { code: 'KEYSTORE_CORRUPT'; reason: string }
  | { code: 'MESSAGE_UNKNOWN'; message: string }
  | { code: 'TRANSACTION_REFUSED'; message: string; reason: string }
  | { code: 'RPC_FAILED'; method: string; reason: string }
  | { code: 'RPC_MALFORMED' };

export class SdkError extends CairnError<SdkProblem> {
  override readonly name = 'SdkError';
}
