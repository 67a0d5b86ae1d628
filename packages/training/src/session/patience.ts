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
