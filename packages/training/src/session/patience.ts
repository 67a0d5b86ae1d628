import type { RoundView } from '@cairn/protocol';

/**
 * Whether what others have not shown is waited for no more: half of the phase is over. The rest is for measuring, and
 * for the way of everybody's word into a block; otherwise one who withholds would cost all others theirs.
 */
export function isWaitOver({ run, round, slot }: Pick<RoundView, 'run' | 'round' | 'slot'>): boolean {
  if (round === null) return true;
  const whole = run.phase === 'show' ? run.terms.showSlots : run.terms.settleSlots;
  return round.deadlineSlot - slot <= BigInt(Math.ceil(whole / 2));
}

/** Slots before a deadline, at most, that are left for the way into a block: a quarter of a short phase. */
const MARGIN_SLOTS = 3;
const MARGIN_PART = 4;

/** Slots that a trainer has for its steps: who sees that it would be late makes fewer of them. */
export function slotsToTrain(
  { startSlot, deadlineSlot }: Pick<NonNullable<RoundView['round']>, 'startSlot' | 'deadlineSlot'>,
  slot: bigint,
): number {
  const margin = Math.min(MARGIN_SLOTS, Math.floor(Number(deadlineSlot - startSlot) / MARGIN_PART));
  return Math.max(0, Number(deadlineSlot - slot) - margin);
}
