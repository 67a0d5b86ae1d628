import { maxUpscaleWeights } from '@cairn/core';
import type { MessageContext } from '../execution/context.ts';
import { neurons } from '../subnets/state.ts';
import type { GivenWeights } from './check-row.ts';
import { weightsSet } from './events.ts';
import { rowToBytes } from './row-bytes.ts';
import { type BoundSalt, NO_SALT, salts, weights } from './state.ts';

/** Weights that everybody may see from now on. Their form and their right to be there are checked. */
export interface OpenedWeights extends GivenWeights {
  readonly netuid: number;
  readonly uid: number;
  /** Number of the current epoch. */
  readonly epoch: number;
  readonly scoredEpoch: number;
  readonly committedSlot: bigint;
  readonly evidenceRoot: Uint8Array;
  /** Matches the commitment of `boundSalt`. */
  readonly salt: Uint8Array;
  readonly boundSalt: BoundSalt;
  /** The salts the validator stays bound to. */
  readonly remaining: readonly BoundSalt[];
  readonly nextSaltCommitment: Uint8Array;
}

/** Stores a validator's row, which counts when this epoch ends, and has its salt enter the next seed. */
export function bringIntoForce(context: MessageContext, opened: OpenedWeights): void {
  const { state, sender, slot } = context;
  const { netuid, uid, epoch, scoredEpoch, committedSlot, version, evidenceRoot, boundSalt } = opened;
  const neuron = neurons.get(state, netuid, uid)!;
  const row = { uids: Uint16Array.from(opened.uids), values: maxUpscaleWeights(opened.values) };
  // Weights that are due together may open in any order; those of the latest epoch are the ones in force.
  if ((weights.get(state, netuid, uid)?.scoredEpoch ?? 0) <= scoredEpoch) {
    weights.set(state, netuid, uid, {
      row: rowToBytes(row),
      slot,
      epoch,
      scoredEpoch,
      committedSlot,
      version,
      evidenceRoot,
    });
  }
  neurons.set(state, netuid, uid, { ...neuron, lastUpdateSlot: slot });
  // Withholding the salt costs a permit holder its dividends; of others nothing could be forfeited.
  const isMixed = neuron.permit && boundSalt.epoch < scoredEpoch;
  salts.set(state, netuid, uid, {
    ...(salts.get(state, netuid, uid) ?? NO_SALT),
    bound: [...opened.remaining, { commitment: opened.nextSaltCommitment, epoch }],
    ...(isMixed ? { mixed: opened.salt, mixedEpoch: epoch } : {}),
  });
  weightsSet(context, { netuid, uid, hotkey: sender, epoch }, opened);
}
