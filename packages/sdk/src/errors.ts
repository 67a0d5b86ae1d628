import { CairnError } from '@cairn/core';
import type { CallErrorCode, DatasetErrorCode, HubErrorCode } from '@cairn/protocol';

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
  | { code: 'RPC_MALFORMED' }
  | { code: 'RUN_UNKNOWN'; run: string }
  | { code: 'LIGHT_HEADER_UNKNOWN'; source: string; height: string }
  | { code: 'LIGHT_HEIGHT_TOO_LOW'; height: string }
  | { code: 'LIGHT_EXPIRED'; height: string }
  | { code: 'LIGHT_PERIOD_TOO_LONG'; givenMs: number; unbondingMs: number }
  | { code: 'LIGHT_INVALID'; source: string; height: string; reason: string }
  | { code: 'LIGHT_CONFLICT'; witness: string; height: string }
  | { code: 'LIGHT_STALE'; source: string; height: string; ageMs: number }
  | { code: 'LIGHT_VALUE_REFUSED'; source: string; key: string; height: string; reason: string }
  | { code: 'ANSWER_TOO_LONG'; source: string; maxBytes: number }
  | { code: 'SOURCE_UNREACHABLE'; source: string; reason: string }
  | { code: 'TERMS_REFUSED'; reason: string }
  | { code: 'RECEIPT_REFUSED'; reason: string }
  | { code: 'CHANNEL_DISPUTED'; channel: string }
  | { code: 'CHANNEL_FULL'; channel: string; reason: string }
  | { code: 'PAYMENT_MALFORMED'; field: string }
  | { code: 'PAYMENT_REFUSED'; reason: string }
  | { code: 'BUDGET_EXCEEDED'; needs: bigint; has: bigint }
  | { code: 'PROVIDER_REFUSED'; provider: string; refusal: CallErrorCode | DatasetErrorCode }
  | { code: 'PROVIDER_REFUSED'; provider: string; refusal: CallErrorCode | HubErrorCode }
  | { code: 'PROVIDER_BROKE_PROTOCOL'; provider: string; reason: string }
  | { code: 'SEAL_REQUIRED'; provider: string }
  | { code: 'RELAY_REFUSED'; relay: string; peer: string; reason: string }
  | { code: 'PROVIDER_LOST'; provider: string; receivedTokens: number; reason: string }
  | { code: 'PROVIDER_TIMED_OUT'; provider: string; receivedTokens: number; afterMs: number };

export class SdkError extends CairnError<SdkProblem> {
  override readonly name = 'SdkError';
}
