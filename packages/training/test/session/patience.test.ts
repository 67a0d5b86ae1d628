import type { RoundView } from '@cairn/protocol';
import { expect, it } from 'vitest';
import { isWaitOver } from '../../src/session/patience.ts';

const aView = (phase: string, slot: number) =>
  ({
    slot: BigInt(slot),
    run: { phase, terms: { showSlots: 40, settleSlots: 30 } },
    round: { deadlineSlot: 100n },
  }) as unknown as RoundView;

it('what is withheld is waited for until half of a phase is over, so that all others have time to speak', () => {
  expect([60, 79, 80, 99].map((slot) => isWaitOver(aView('show', slot)))).toEqual([false, false, true, true]);
  expect([70, 84, 85, 99].map((slot) => isWaitOver(aView('settle', slot)))).toEqual([
    false,
    false,
    true,
    true,
  ]);
});
