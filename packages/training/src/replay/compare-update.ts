import type { TrainedRound } from '../machine/machine.ts';
import type { RunPlan } from '../machine/run-plan.ts';
import type { Units } from '../update/change.ts';
import { decodeUpdate } from '../update/decode-update.ts';
import type { Update } from '../update/format.ts';
import { claimedChange, isSentByRule } from './claimed-change.ts';
import { type ChangeDistance, changeDistance } from './tolerant.ts';

/** What a tolerant replay found of an update. */
export type UpdateComparison =
  /** The update says something else than the change it was made of, or nothing that can be read. */
  | { readonly kind: 'unsound'; readonly reason: string }
  | { readonly kind: 'apart'; readonly distance: ChangeDistance };

/** What a trainer committed to. */
export interface ClaimedUpdate {
  readonly bytes: Uint8Array;
  /** The same, read; null when it is no update of this place. */
  readonly update: Update | null;
  /** What it left unsent; null when what was committed to is no residual of this model. */
  readonly left: Units | null;
}

/**
 * Compares a committed update with one that was made again on another engine. Everything but the inner steps is
 * compared to the bit: only the change itself may differ, and by how much is told.
 *
 * @param own the same place, made again with the same residual from before.
 * @param before what the trainer's earlier update left unsent.
 */
export function compareUpdate(
  plan: Pick<RunPlan, 'table' | 'codec' | 'decay'>,
  { bytes, update, left }: ClaimedUpdate,
  own: Pick<TrainedRound, 'update' | 'residual'>,
  before?: Units,
): UpdateComparison {
  if (update === null) return { kind: 'unsound', reason: 'it is no update of this place' };
  if (left === null) return { kind: 'unsound', reason: 'what it left unsent is not of this model' };
  if (!isSentByRule(plan, bytes, { update, left }))
    return { kind: 'unsound', reason: 'it sends something else than the rule makes of its change' };
  const made = { update: decodeUpdate(own.update, plan.codec, plan.table), left: own.residual };
  const theirs = claimedChange(plan, { update, left }, before);
  return { kind: 'apart', distance: changeDistance(theirs, claimedChange(plan, made, before)) };
}
