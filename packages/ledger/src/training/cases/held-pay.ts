import { bytesToHex } from '@cairn/core';
import type { Overlay } from '../../state/view.ts';
import { type TrainingCase, trainingCases } from '../case.ts';
import { members } from '../run.ts';
import { wideId } from '../seat.ts';

export const caseKey = (run: Uint8Array, number: number): string => `${bytesToHex(run)}/${wideId(number)}`;

/** The open case about an update, of which there is one at most; null when there is none. At most 32 records. */
export function openCaseAt(
  state: Overlay,
  run: Uint8Array,
  round: number,
  place: number,
): { readonly number: number; readonly found: TrainingCase } | null {
  for (const { number } of members.get(state, bytesToHex(run))!.openCases) {
    const found = trainingCases.get(state, caseKey(run, number))!;
    if (found.round === round && found.place === place) return { number, found };
  }
  return null;
}

/** Leaves the pay of an update with the case about it. @returns false when there is no such case */
export function holdInCase(
  state: Overlay,
  run: Uint8Array,
  round: number,
  place: number,
  amount: bigint,
): boolean {
  const open = openCaseAt(state, run, round, place);
  if (open === null) return false;
  const heldPay = open.found.heldPay + amount;
  trainingCases.set(state, caseKey(run, open.number), { ...open.found, heldPay });
  return true;
}
