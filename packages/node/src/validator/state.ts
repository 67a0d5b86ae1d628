import {
  account,
  bool,
  bytes32,
  decode,
  encode,
  list,
  optional,
  struct,
  u16,
  u32,
  u64,
  type ValueOf,
} from '@cairn/core';
import type { RecordStore } from '@cairn/protocol';

const MAX_MINERS = 256;
/** Most salts kept: those the ledger can bind a validator to, and some whose fate is not known yet. */
const MAX_SALTS = 256;

const scoredShape = struct('ScoredEpoch', {
  epoch: u64,
  /** Root of its evidence bundle. */
  root: bytes32,
  scores: list(struct('CarriedScore', { miner: account, score: u64 }), MAX_MINERS),
});

/** Weights that are made and not known to be in force: all that it takes to commit and to reveal them. */
const weightsInHandShape = struct('WeightsInHand', {
  scored: scoredShape,
  salt: bytes32,
  uids: list(u16, MAX_MINERS),
  values: list(u16, MAX_MINERS),
  version: u32,
  /** Set in the open: whoever saw the transaction knows the salt, whether it got into a block or not. */
  isOpen: bool,
  /** The salt that sealed weights promise to be bound to next; null when nothing is sealed. */
  next: optional(bytes32),
});
export type WeightsInHand = ValueOf<typeof weightsInHandShape>;

/** What a validator must not forget. Saved before each transaction that depends on it. */
export const validatorStateShape = struct('ValidatorState', {
  /** Salts that the ledger binds it to, or may, once what was sent is in a block. Nobody has seen them. */
  salts: list(bytes32, MAX_SALTS),
  /** By epoch. */
  inHand: list(weightsInHandShape, 128),
  /** The last epoch whose weights came into force. */
  settled: optional(scoredShape),
});
export type ValidatorState = ValueOf<typeof validatorStateShape>;

const KEY = 'validator/state';

export function readValidatorState(records: RecordStore): ValidatorState {
  const bytes = records.get(KEY);
  return bytes === undefined ? { salts: [], inHand: [], settled: null } : decode(validatorStateShape, bytes);
}

export async function saveValidatorState(records: RecordStore, state: ValidatorState): Promise<void> {
  await records.set(KEY, encode(validatorStateShape, state));
}
