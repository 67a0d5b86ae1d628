import { CairnError } from '@cairn/core';

export type CliProblem =
  | { code: 'USAGE'; reason: string }
  | { code: 'CONFIRMATION_NEEDED' }
  | { code: 'DECLINED' }
  | { code: 'PASSPHRASE_NEEDED' }
  | { code: 'INTERRUPTED' }
  | { code: 'NOT_FOUND'; what: string }
  | { code: 'ANSWER_MALFORMED'; method: string }
  | { code: 'ORDER_UNFILLABLE'; netuid: number; reason: string }
  | { code: 'TOKENS_TOO_FEW'; netuid: number; has: bigint; needs: bigint }
  | { code: 'STAKE_TOO_LOW'; has: bigint; needs: bigint }
  | { code: 'NOTHING_TO_CLAIM'; what: string }
  | { code: 'SUBNET_UNANNOUNCED'; netuid: number }
  | { code: 'SUBNET_CHALLENGED'; netuid: number; endSlot: bigint }
  | { code: 'NOT_COUNCIL'; account: string }
  | { code: 'FILE_MALFORMED'; path: string; reason: string }
  | { code: 'CHANNEL_CLOSING'; blocksLeft: number }
  | { code: 'WALLET_UNKNOWN'; name: string }
  | { code: 'WALLET_EXISTS'; name: string }
  | { code: 'WALLET_MISMATCH'; name: string }
  | { code: 'ANSWER_FAILED'; status: number; reason: string }
  | { code: 'ANSWER_CUT'; reason: string }
  | { code: 'LICENCE_REFUSED'; licence: string }
  | { code: 'MODEL_HASH_MISMATCH'; expected: string; got: string }
  | { code: 'ENGINE_INSTALL_FAILED'; exitCode: number }
  | { code: 'ENGINE_GAVE_UP'; engine: string; reason: string }
  | { code: 'NODE_ENDED'; name: string; said: string }
  | { code: 'RUN_NOT_MADE'; cause: string }
  | { code: 'BENCH_FAILED'; reason: string };

export class CliError extends CairnError<CliProblem> {
  override readonly name = 'CliError';
}

/** A mistake in what was typed: the command ends with 2. */
export function usage(message: string): CliError {
  return new CliError({ code: 'USAGE', reason: message }, message);
}
