import { areBytesEqual, bytesToHex } from '@cairn/core';
import type { Overlay } from '../state/view.ts';
import { trainingSlot } from './clock.ts';
import { paidRounds, roundKey } from './paid-round.ts';
import { rounds } from './round.ts';
import { members, openRunsCell, type Run, runs } from './run.ts';

/** Slots after which a run that lacks validators looks again. */
const RETRY_SLOTS = 20n;

/** Later than any slot. */
const NEVER = 1n << 63n;

/** Writes a run, with the slot at which something of it is due. Every change of a run ends here. */
export function keepRun(state: Overlay, id: Uint8Array, run: Run): void {
  runs.set(state, bytesToHex(id), run);
  const open = openRunsCell.get(state);
  if (run.phase === 'ended') {
    if (open.some((entry) => areBytesEqual(entry.run, id))) {
      const others = open.filter((entry) => !areBytesEqual(entry.run, id));
      openRunsCell.set(state, others);
    }
    return;
  }
  const dueSlot = dueSlotOf(state, id, run);
  const before = open.find((entry) => areBytesEqual(entry.run, id));
  if (before?.dueSlot === dueSlot) return;
  const entry = { run: id, dueSlot };
  openRunsCell.set(
    state,
    before === undefined ? [...open, entry] : open.map((other) => (other === before ? entry : other)),
  );
}

/** Looks at a run in this block, after the transactions. */
export function wakeRun(state: Overlay, id: Uint8Array): void {
  const dueSlot = trainingSlot(state);
  openRunsCell.set(
    state,
    openRunsCell.get(state).map((entry) => (areBytesEqual(entry.run, id) ? { run: id, dueSlot } : entry)),
  );
}

/** When a phase ends, pay vests, a case is decided, or a lack may be over, whichever is first. */
function dueSlotOf(state: Overlay, id: Uint8Array, run: Run): bigint {
  const hex = bytesToHex(id);
  const slots: bigint[] = [NEVER];
  if (run.phase !== 'cooldown') slots.push(rounds.get(state, hex)!.deadlineSlot);
  else if (run.reason === 'noJudges') slots.push(trainingSlot(state) + RETRY_SLOTS);
  if (run.unvestedRound < run.round)
    slots.push(paidRounds.get(state, roundKey(id, run.unvestedRound))!.vestSlot);
  for (const { dueSlot } of members.get(state, hex)!.openCases) slots.push(dueSlot);
  return slots.reduce((least, slot) => (slot < least ? slot : least));
}
