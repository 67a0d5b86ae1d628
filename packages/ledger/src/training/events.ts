import { type AccountId, type Amount, accountIdToAddress, bytesToHex } from '@cairn/core';
import type { BlockContext } from '../execution/context.ts';
import { placesOf } from './bitmap.ts';
import type { TrainingCase, TrainingVerdict } from './case.ts';
import type { CaseEnd } from './cases/decide-case.ts';
import type { Checkpoint } from './checkpoint.ts';
import type { PaidRound } from './paid-round.ts';
import type { Round, Update } from './round.ts';
import type { CooldownReason, Run } from './run.ts';
import type { Seat } from './seat.ts';

type Emits = Pick<BlockContext, 'emit'>;

export function runCreated({ emit }: Emits, id: Uint8Array, run: Run): void {
  emit('training.runCreated', {
    run: bytesToHex(id),
    owner: accountIdToAddress(run.owner),
    netuid: run.netuid,
    name: run.name,
    manifest: bytesToHex(run.manifest),
    root: bytesToHex(run.root),
    funds: run.pool.toString(),
  });
}

export function runFunded({ emit }: Emits, id: Uint8Array, payer: AccountId, amount: Amount): void {
  emit('training.runFunded', {
    run: bytesToHex(id),
    payer: accountIdToAddress(payer),
    amount: amount.toString(),
  });
}

export function runEnding({ emit }: Emits, id: Uint8Array): void {
  emit('training.runEnding', { run: bytesToHex(id) });
}

/** Nothing of it is left to pay or to judge. */
export function runEnded({ emit }: Emits, id: Uint8Array, { owner, root, round }: Run, refund: Amount): void {
  emit('training.runEnded', {
    run: bytesToHex(id),
    owner: accountIdToAddress(owner),
    root: bytesToHex(root),
    rounds: round - 1,
    refund: refund.toString(),
  });
}

export function coolingDown(
  { emit }: Emits,
  id: Uint8Array,
  { root, round }: Run,
  reason: CooldownReason,
): void {
  emit('training.coolingDown', { run: bytesToHex(id), round, root: bytesToHex(root), reason });
}

const describeSeat = (id: Uint8Array, number: number, { wallet, device }: Seat) => ({
  run: bytesToHex(id),
  seat: number,
  wallet: accountIdToAddress(wallet),
  device: accountIdToAddress(device),
});

export function joined({ emit }: Emits, id: Uint8Array, number: number, seat: Seat): void {
  emit('training.joined', { ...describeSeat(id, number, seat), bond: seat.bond.toString() });
}

export function left({ emit }: Emits, id: Uint8Array, number: number, seat: Seat): void {
  emit('training.left', describeSeat(id, number, seat));
}

/** It missed three rounds one after another. */
export function seatDropped({ emit }: Emits, id: Uint8Array, number: number, seat: Seat): void {
  emit('training.dropped', { ...describeSeat(id, number, seat), missed: seat.missed });
}

export function seatReleased({ emit }: Emits, id: Uint8Array, number: number, seat: Seat): void {
  emit('training.bondReturned', {
    ...describeSeat(id, number, seat),
    bond: seat.bond.toString(),
    paid: seat.paid.toString(),
  });
}

const describeRound = (id: Uint8Array, { round, deadlineSlot }: Round) => ({
  run: bytesToHex(id),
  round,
  deadlineSlot: deadlineSlot.toString(),
});

export function roundOpened({ emit }: Emits, id: Uint8Array, round: Round): void {
  emit('training.roundOpened', {
    ...describeRound(id, round),
    seed: bytesToHex(round.seed),
    mixedSalts: round.mixedSalts,
    root: bytesToHex(round.baseRoot),
    roster: round.roster,
    reward: round.reward.toString(),
  });
}

export function updateCommitted(
  { emit }: Emits,
  id: Uint8Array,
  round: number,
  place: number,
  { payload, sizeBytes, steps }: Update,
): void {
  const run = bytesToHex(id);
  emit('training.updateCommitted', { run, round, place, payload: bytesToHex(payload), sizeBytes, steps });
}

/** Commits are closed: updates are shown and scored. */
export function roundShown({ emit }: Emits, id: Uint8Array, round: Round): void {
  emit('training.roundShown', {
    ...describeRound(id, round),
    scoreSeed: bytesToHex(round.scoreSeed),
    committed: placesOf(round.committed),
    counted: placesOf(round.counted),
  });
}

export function updatesWitnessed({ emit }: Emits, id: Uint8Array, round: number, place: number): void {
  emit('training.updatesWitnessed', { run: bytesToHex(id), round, place });
}

export function scoresCommitted({ emit }: Emits, id: Uint8Array, round: number, judge: AccountId): void {
  emit('training.scoresCommitted', { run: bytesToHex(id), round, judge: accountIdToAddress(judge) });
}

/** Commits of scores are closed: they are revealed, and the outcome is agreed on. */
export function roundToSettle({ emit }: Emits, id: Uint8Array, round: Round): void {
  emit('training.roundToSettle', describeRound(id, round));
}

export function scoresRevealed({ emit }: Emits, id: Uint8Array, round: number, judge: AccountId): void {
  emit('training.scoresRevealed', { run: bytesToHex(id), round, judge: accountIdToAddress(judge) });
}

export function outcomeFound({ emit }: Emits, id: Uint8Array, round: number, judge: AccountId): void {
  emit('training.outcomeFound', { run: bytesToHex(id), round, judge: accountIdToAddress(judge) });
}

export function roundSettled({ emit }: Emits, id: Uint8Array, round: number, paid: PaidRound): void {
  emit('training.roundSettled', {
    run: bytesToHex(id),
    round,
    root: bytesToHex(paid.newRoot),
    evalLoss: paid.evalLoss,
    accepted: placesOf(paid.accepted),
    seats: paid.lines.map(({ seat }) => seat),
    steps: paid.lines.map(({ steps }) => steps),
    scores: paid.lines.map(({ score }) => score),
    rampsBps: paid.lines.map(({ rampBps }) => rampBps),
    pays: paid.lines.map(({ pay }) => pay.toString()),
    witnessPays: paid.lines.map(({ witnessPay }) => witnessPay.toString()),
    judges: paid.judges.map(({ hotkey }) => accountIdToAddress(hotkey)),
    judgePays: paid.judges.map(({ pay }) => pay.toString()),
    vestSlot: paid.vestSlot.toString(),
  });
}

/** Nobody committed, or validators agreed on nothing. */
export function roundVoid({ emit }: Emits, id: Uint8Array, round: Round): void {
  emit('training.roundVoid', { ...describeRound(id, round), committed: placesOf(round.committed) });
}

export function rolledBack({ emit }: Emits, id: Uint8Array, run: Run, evalLoss: number): void {
  emit('training.rolledBack', {
    run: bytesToHex(id),
    toRound: run.checkpointRound,
    root: bytesToHex(run.root),
    halvings: run.halvings,
    evalLoss,
  });
}

/** @param returned pebbles that went back to the pool */
export function payVested({ emit }: Emits, id: Uint8Array, round: number, returned: Amount): void {
  emit('training.payVested', { run: bytesToHex(id), round, returned: returned.toString() });
}

const describeCase = (id: Uint8Array, number: number, open: TrainingCase) => ({
  run: bytesToHex(id),
  case: number,
  round: open.round,
  place: open.place,
  seat: open.seat,
  step: open.step,
  challenger: open.challenger === null ? null : accountIdToAddress(open.challenger),
  deadlineSlot: open.deadlineSlot.toString(),
});

export function caseOpened({ emit }: Emits, id: Uint8Array, number: number, open: TrainingCase): void {
  emit('training.caseOpened', { ...describeCase(id, number, open), evidence: bytesToHex(open.evidence) });
}

export function stepJudged(
  { emit }: Emits,
  id: Uint8Array,
  number: number,
  judge: AccountId,
  verdict: TrainingVerdict,
): void {
  emit('training.stepJudged', {
    run: bytesToHex(id),
    case: number,
    judge: accountIdToAddress(judge),
    verdict,
  });
}

/** Found guilty, with time to appeal. */
export function caseConvicted({ emit }: Emits, id: Uint8Array, number: number, open: TrainingCase): void {
  emit('training.caseConvicted', describeCase(id, number, open));
}

export function caseAppealed({ emit }: Emits, id: Uint8Array, number: number, open: TrainingCase): void {
  emit('training.caseAppealed', describeCase(id, number, open));
}

export function caseClosed(
  { emit }: Emits,
  id: Uint8Array,
  number: number,
  open: TrainingCase,
  end: CaseEnd,
): void {
  emit('training.caseClosed', { ...describeCase(id, number, open), end });
}

export function trainerSlashed(
  { emit }: Emits,
  id: Uint8Array,
  seat: number,
  lost: {
    readonly wallet: AccountId;
    readonly bond: Amount;
    readonly bounty: Amount;
    readonly forfeited: Amount;
  },
): void {
  emit('training.slashed', {
    run: bytesToHex(id),
    seat,
    wallet: accountIdToAddress(lost.wallet),
    bond: lost.bond.toString(),
    bounty: lost.bounty.toString(),
    forfeited: lost.forfeited.toString(),
  });
}

const describeCheckpoint = (id: Uint8Array, round: number, { root, manifest, gguf }: Checkpoint) => ({
  run: bytesToHex(id),
  round,
  root: bytesToHex(root),
  manifest: bytesToHex(manifest),
  gguf: bytesToHex(gguf),
});

export function checkpointPosted({ emit }: Emits, id: Uint8Array, round: number, posted: Checkpoint): void {
  emit('training.checkpointPosted', {
    ...describeCheckpoint(id, round, posted),
    poster: accountIdToAddress(posted.poster),
    evalLoss: posted.evalLoss,
  });
}

export function checkpointSigned(
  { emit }: Emits,
  id: Uint8Array,
  round: number,
  posted: Checkpoint,
  signer: AccountId,
): void {
  const by = accountIdToAddress(signer);
  emit('training.checkpointSigned', { ...describeCheckpoint(id, round, posted), signer: by });
}
