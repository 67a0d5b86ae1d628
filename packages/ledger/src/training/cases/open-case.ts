import { type AccountId, areBytesEqual, bytesToHex } from '@cairn/core';
import type { BlockContext } from '../../execution/context.ts';
import { payoutAccountOf } from '../../staking/payout.ts';
import { hasPlace } from '../bitmap.ts';
import { type TrainingCase, trainingCases } from '../case.ts';
import { trainingSlot } from '../clock.ts';
import { caseOpened } from '../events.ts';
import { MAX_CASES, MAX_DRAWS, MAX_TRIED } from '../limits.ts';
import { type PaidRound, roundKey, triedSteps } from '../paid-round.ts';
import type { Judge } from '../round.ts';
import { members, type Run } from '../run.ts';
import { type Seat, seatKey, seats } from '../seat.ts';
import { drawnStep, shuffle } from '../seeds.ts';
import { isReplayed } from '../terms.ts';
import { caseKey } from './held-pay.ts';

interface CaseAbout {
  readonly round: number;
  readonly place: number;
  readonly seat: number;
  readonly step: number;
  readonly challenger: AccountId | null;
  readonly evidence: Uint8Array;
  readonly deposit: bigint;
}

const NO_EVIDENCE = new Uint8Array(32);

/** Opens a case about a step of a settled round. Its judges are those of the round, but for the trainer's own. */
export function openCase(
  context: BlockContext,
  id: Uint8Array,
  run: Run,
  paid: PaidRound,
  about: CaseAbout,
): Run {
  const { state } = context;
  const hex = bytesToHex(id);
  const number = run.cases + 1;
  const now = trainingSlot(state);
  const key = seatKey(id, about.seat);
  const seat = seats.get(state, key)!;
  const opened: TrainingCase = {
    ...about,
    phase: 'judging',
    openedSlot: now,
    deadlineSlot: now + BigInt(run.terms.caseSlots),
    judges: judgesOf(context, paid, seat),
    votes: [],
    appealDeposit: 0n,
    appellant: null,
    heldPay: 0n,
  };
  trainingCases.set(state, caseKey(id, number), opened);
  seats.set(state, key, { ...seat, openCases: seat.openCases + 1 });
  const before = members.get(state, hex)!;
  const entry = { number, dueSlot: opened.deadlineSlot };
  members.set(state, hex, { ...before, openCases: [...before.openCases, entry] });
  const tried = triedSteps.get(state, roundKey(id, about.round))?.steps ?? [];
  const steps = [...tried, { place: about.place, step: about.step }];
  triedSteps.set(state, roundKey(id, about.round), { steps });
  caseOpened(context, id, number, opened);
  return { ...run, cases: number };
}

function judgesOf({ state }: BlockContext, { judges }: PaidRound, { wallet }: Seat): Judge[] {
  return judges
    .filter(({ hotkey }) => !areBytesEqual(payoutAccountOf(state, hotkey), wallet))
    .map(({ hotkey, stake }) => ({ hotkey, stake }));
}

/** In a run that is replayed, opens cases about steps that the salts of the round draw: at most four, while there is room. */
export function openDrawnCases(
  context: BlockContext,
  id: Uint8Array,
  run: Run,
  round: number,
  paid: PaidRound,
): Run {
  if (!isReplayed(run.terms) || run.terms.drawBps === 0) return run;
  const { state, crypto } = context;
  let next = run;
  let drawn = 0;
  const places = paid.lines.flatMap(({ steps }, place) =>
    hasPlace(paid.accepted, place) && steps > 0 ? [place] : [],
  );
  for (const place of shuffle(crypto, run.mix, 'draws', places)) {
    if (drawn === MAX_DRAWS || members.get(state, bytesToHex(id))!.openCases.length >= MAX_CASES) break;
    const { seat, steps } = paid.lines[place]!;
    const step = drawnStep(crypto, run.mix, place, { steps, drawBps: run.terms.drawBps });
    if (step === null || seats.get(state, seatKey(id, seat)) === undefined) continue;
    const about = { round, place, seat, step, challenger: null, evidence: NO_EVIDENCE, deposit: 0n };
    next = openCase(context, id, next, paid, about);
    drawn += 1;
  }
  return next;
}

/** Whether there is room to note another step of a round. */
export const hasRoomToTry = (tried: readonly unknown[]): boolean => tried.length < MAX_TRIED;
