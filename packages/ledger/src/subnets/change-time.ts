import type { MessageContext } from '../execution/context.ts';
import { scheduledEpoch } from '../yuma/state.ts';

/** Why an owner cannot change the rules of its subnet now. */
export type ChangeDelay =
  /** The epoch is that near. */
  | { readonly nextEpoch: bigint; readonly freezeSlots: bigint }
  /** Two tempos have to pass after the last change. */
  | { readonly allowedFrom: bigint };

/**
 * Miners and validators can rely on the rules of the epoch they work in, and see a change coming.
 *
 * @param lastSlot of the latest change of this kind; 0: never
 */
export function changeDelay(
  { state, slot, parameters }: MessageContext,
  netuid: number,
  lastSlot: bigint,
): ChangeDelay | null {
  const { lastEpochSlot, tempo } = scheduledEpoch(state, netuid)!;
  const nextEpoch = lastEpochSlot + BigInt(tempo);
  const half = BigInt(tempo) / 2n;
  const { hyperparameterFreezeSlots } = parameters;
  const freezeSlots = hyperparameterFreezeSlots < half ? hyperparameterFreezeSlots : half;
  if (slot + freezeSlots >= nextEpoch) return { nextEpoch, freezeSlots };
  const allowedFrom = lastSlot + 2n * BigInt(tempo);
  return lastSlot > 0n && slot < allowedFrom ? { allowedFrom } : null;
}
