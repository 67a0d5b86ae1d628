import { maxUpscaleWeights } from '@cairn/core';
import type { MessageContext } from '../execution/context.ts';
import { type Neuron, neurons } from '../subnets/state.ts';
import type { GivenWeights } from './check-row.ts';
import { weightsSet } from './events.ts';
import { rowToBytes } from './row-bytes.ts';
import { type BoundSalt, NO_SALT, salts, weights } from './state.ts';

/** Weights that everybody may see from now on. Their form and their right to be there are checked. */
export interface OpenedWeights extends GivenWeights {
  readonly netuid: number;
  readonly mechanism: number;
  readonly uid: number;
  /** Number of the current epoch. */
  readonly epoch: number;
  readonly scoredEpoch: number;
  readonly committedSlot: bigint;
  readonly evidenceRoot: Uint8Array;
  /** Matches the commitment of `boundSalt`. */
  readonly salt: Uint8Array;
  /** Null when another mechanism has shown the salt: it enters the seed once, and one other follows it. */
  readonly boundSalt: BoundSalt | null;
  /** The salts the validator stays bound to. */
  readonly remaining: readonly BoundSalt[];
  readonly nextSaltCommitment: Uint8Array;
}

/** Stores a validator's row, which counts when this epoch ends, and has its salt enter the next seed. */
export function bringIntoForce(context: MessageContext, opened: OpenedWeights): void {
  const { state, sender, slot } = context;
  const { netuid, mechanism, uid, epoch, scoredEpoch, committedSlot, version, evidenceRoot } = opened;
  const neuron = neurons.get(state, netuid, uid)!;
  const row = { uids: Uint16Array.from(opened.uids), values: maxUpscaleWeights(opened.values) };
  const stored = { row: rowToBytes(row), slot, epoch, scoredEpoch, committedSlot, version, evidenceRoot };
  // Weights that are due together may open in any order; those of the latest epoch are the ones in force.
  if ((weights.get(state, netuid, uid, mechanism)?.scoredEpoch ?? 0) <= scoredEpoch)
    weights.set(state, netuid, uid, stored, mechanism);
  neurons.set(state, netuid, uid, { ...neuron, lastUpdateSlot: slot });
  const { boundSalt } = opened;
  if (boundSalt !== null) showSalt(context, neuron, opened, boundSalt);
  const nextSaltCommitment = boundSalt === null ? null : opened.nextSaltCommitment;
  weightsSet(context, { netuid, mechanism, uid, hotkey: sender, epoch }, { ...opened, nextSaltCommitment });
}

function showSalt(
  { state }: MessageContext,
  { permit }: Neuron,
  { netuid, uid, epoch, scoredEpoch, salt, remaining, nextSaltCommitment }: OpenedWeights,
  boundSalt: BoundSalt,
): void {
  // Withholding the salt costs a permit holder its dividends; of others nothing could be forfeited.
  const isMixed = permit && boundSalt.epoch < scoredEpoch;
  salts.set(state, netuid, uid, {
    ...(salts.get(state, netuid, uid) ?? NO_SALT),
    bound: [...remaining, { commitment: nextSaltCommitment, epoch }],
    ...(isMixed ? { mixed: salt, mixedEpoch: epoch } : {}),
  });
}
