import {
  type AccountId,
  account,
  areBytesEqual,
  bytes32,
  type Crypto,
  concatBytes,
  encode,
  list,
  struct,
  u8,
  u16,
  u32,
  utf8ToBytes,
  type ValueOf,
} from '@cairn/core';
import { MAX_UIDS } from '../subnets/hyperparameters.ts';

const secretWeightsShape = struct('SecretWeights', {
  netuid: u16,
  /** So that what was committed for one mechanism cannot be revealed for another. */
  mechanism: u8,
  /** Hotkey of the validator, so that a commitment of another is worth nothing. */
  validator: account,
  epoch: u32,
  uids: list(u16, MAX_UIDS),
  values: list(u16, MAX_UIDS),
  version: u32,
  /** 32 random bytes that make the commitment impossible to guess. */
  salt: bytes32,
});
/** Everything that a commitment to weights binds its validator to. */
export type SecretWeights = ValueOf<typeof secretWeightsShape> & { readonly validator: AccountId };

/**
 * How weights are hidden from their commit to their reveal. What is revealed goes the same way whatever the scheme:
 * `bringIntoForce`. A scheme that opens by itself, such as a timelock, calls that without a message.
 */
export interface CommitScheme {
  /** Stored with each commit, so that it is opened by the scheme it was made with. Never used again. */
  readonly id: number;
  readonly name: string;
  /** Whether a commitment is to these weights and no others. */
  isCommitmentTo(crypto: Crypto, commitment: Uint8Array, weights: SecretWeights): boolean;
}

/** Commitment of the hash scheme: SHA-256 of a tag and the weights in SSZ. */
export function weightsCommitment(crypto: Crypto, weights: SecretWeights): Uint8Array {
  return crypto.sha256(concatBytes(utf8ToBytes('cairn/weights/v2'), encode(secretWeightsShape, weights)));
}

const hashScheme: CommitScheme = {
  id: 1,
  name: 'hash',
  isCommitmentTo: (crypto, commitment, weights) =>
    areBytesEqual(weightsCommitment(crypto, weights), commitment),
};

/**
 * Weights locked to a round of the beacon. The hash beside the ciphertext says whether what came out of it is what
 * the validator is bound to, and lets it reveal by hand when the round does not come.
 */
const timelockScheme: CommitScheme = { ...hashScheme, id: 2, name: 'timelock' };

export const HASH_SCHEME: number = hashScheme.id;
export const TIMELOCK_SCHEME: number = timelockScheme.id;

const SCHEMES: readonly CommitScheme[] = [hashScheme, timelockScheme];

/** The scheme of a number, as `commitReveal` and commits name it; null for 0, where weights are set in the open. */
export function commitSchemeOf(id: number): CommitScheme | null {
  return SCHEMES.find((scheme) => scheme.id === id) ?? null;
}
