import { bytes32, list, struct, u16, type ValueOf } from '@cairn/core';
import { MAX_REVEAL_EPOCHS } from '../../subnets/hyperparameters.ts';

/**
 * Most salts one message commits to: with `revealEpochs` before the first reveal, and two that ripen after it, no
 * validator needs more to commit weights in every epoch.
 */
const MAX_SALTS_AT_ONCE = MAX_REVEAL_EPOCHS + 2;

/** Most salts a validator is bound to: each reveal of weights that are still secret adds one. */
export const MAX_BOUND_SALTS = 2 * MAX_SALTS_AT_ONCE;

export const commitSaltShape = struct('CommitSalt', {
  netuid: u16,
  /** `saltCommitment` of every salt to be bound to, in the order of use; those kept from before come first. */
  commitments: list(bytes32, MAX_SALTS_AT_ONCE),
});
export type CommitSalt = ValueOf<typeof commitSaltShape>;
