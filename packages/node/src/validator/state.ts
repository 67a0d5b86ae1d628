import { account, bytes32, decode, encode, list, optional, struct, u64, type ValueOf } from '@cairn/core';
import type { RecordStore } from '@cairn/protocol';

const scoredShape = struct('ScoredEpoch', {
  epoch: u64,
  /** Root of its evidence bundle. */
  root: bytes32,
  scores: list(struct('CarriedScore', { miner: account, score: u64 }), 256),
});

/** What a validator must not forget. Saved before each transaction that depends on it. */
export const validatorStateShape = struct('ValidatorState', {
  /** The salt that is committed on the ledger, or about to be. */
  salt: bytes32,
  /** The salt that the weights in hand commit to. */
  nextSalt: bytes32,
  /** The epoch that `nextSalt` goes with; null: none is in hand. */
  pending: optional(scoredShape),
  /** The last epoch whose weights are on the ledger. */
  settled: optional(scoredShape),
});
export type ValidatorState = ValueOf<typeof validatorStateShape>;

const KEY = 'validator/state';

export function readValidatorState(records: RecordStore): ValidatorState | null {
  const bytes = records.get(KEY);
  return bytes === undefined ? null : decode(validatorStateShape, bytes);
}

export async function saveValidatorState(records: RecordStore, state: ValidatorState): Promise<void> {
  await records.set(KEY, encode(validatorStateShape, state));
}
