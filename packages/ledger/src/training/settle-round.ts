import { areBytesEqual, bytesToHex } from '@cairn/core';
import type { BlockContext } from '../execution/context.ts';
import { availableOf } from './availability.ts';
import { type Bitmap, both, hasPlace, placesOf } from './bitmap.ts';
import { openDrawnCases } from './cases/open-case.ts';
import { trainingSlot } from './clock.ts';
import { roundSettled } from './events.ts';
import { hasJudge, stakeOf } from './judges.ts';
import { type JudgeLine, type PaidRound, type PayLine, paidRounds, roundKey } from './paid-round.ts';
import { rollBack } from './roll-back.ts';
import {
  judgeKey,
  type Outcome,
  outcomes,
  placeKey,
  type Round,
  rounds,
  scorings,
  updates,
  witnessings,
} from './round.ts';
import type { Run } from './run.ts';
import { seatKey, seats } from './seat.ts';
import { countMissed } from './seat-record.ts';
import { mixOf } from './seeds.ts';
import { agreementOf, medianScore, rampOf, type ScoreRow, shareByWeight, splitReward } from './share-pay.ts';
import { forgetVotes, voidRound } from './void-round.ts';

/** What validators said of a round. */
interface Said {
  readonly outcome: Outcome | null;
  /** Scores of those who revealed, by judge. */
  readonly rows: ReadonlyMap<number, ScoreRow>;
  readonly salts: readonly Uint8Array[];
}

/** The outcome that at least two thirds of the stake agree on; its loss is the median of theirs, by stake. */
export function agreedOutcome({ state }: BlockContext, id: Uint8Array, round: Round): Outcome | null {
  const total = stakeOf(round.judges);
  const given = round.judges.flatMap(({ stake }, judge) =>
    hasJudge(round.voted, judge) ? [{ stake, outcome: outcomes.get(state, judgeKey(id, judge))! }] : [],
  );
  for (const { outcome } of given) {
    const same = given.filter((other) => isSame(other.outcome, outcome));
    const behind = same.reduce((sum, { stake }) => sum + stake, 0n);
    if (behind * 3n < total * 2n) continue;
    const losses = same.map(({ stake, outcome: { evalLoss } }) => ({ stake, scores: [evalLoss] }));
    return { ...outcome, evalLoss: medianScore(losses, 0) };
  }
  return null;
}

const isSame = (one: Outcome, other: Outcome): boolean =>
  areBytesEqual(one.newRoot, other.newRoot) && areBytesEqual(one.accepted, other.accepted);

function readSaid(context: BlockContext, id: Uint8Array, round: Round): Said {
  const rows = new Map<number, ScoreRow>();
  const salts: Uint8Array[] = [];
  for (const [judge, { stake }] of round.judges.entries()) {
    if (!hasJudge(round.revealed, judge)) continue;
    const { scores, salt } = scorings.get(context.state, judgeKey(id, judge))!;
    rows.set(judge, { stake, scores });
    salts.push(salt);
  }
  return { outcome: agreedOutcome(context, id, round), rows, salts };
}

/**
 * Ends a round: the outcome of two thirds of the stake becomes the weights, and what the round pays is written down
 * until its window closes. Without an outcome the round is void.
 *
 * Cost: three records for each place, at most 256; sorting the scores of at most 32 judges for each.
 */
export function settleRound(context: BlockContext, id: Uint8Array, run: Run): Run {
  const { state, crypto } = context;
  const round = rounds.get(state, bytesToHex(id))!;
  const said = readSaid(context, id, round);
  if (said.outcome === null) return voidRound(context, id, run, round);
  const paid = payOf(context, id, run, round, { ...said, outcome: said.outcome });
  const { challenges } = splitReward(round.reward);
  paidRounds.set(state, roundKey(id, round.round), paid);
  countRound(context, id, round, paid);
  forgetVotes(context, id, round);
  roundSettled(context, id, round.round, paid);
  const mix = mixOf(crypto, round.seed, said.salts);
  const next: Run = {
    ...run,
    phase: 'cooldown',
    reason: 'none',
    pool: run.pool + round.reward - challenges - sumOf(paid),
    challengeFund: run.challengeFund + challenges,
    root: paid.newRoot,
    round: run.round + 1,
    dataStart: run.dataStart + BigInt(round.roster.length * run.terms.innerSteps),
    mix,
    mixedSalts: said.salts.length,
  };
  return openDrawnCases(context, id, rollBack(context, id, next, paid), round.round, paid);
}

/** Pebbles that a settled round holds for trainers, witnesses and validators. */
function sumOf({ lines, judges }: PaidRound): bigint {
  return (
    lines.reduce((sum, { pay, witnessPay }) => sum + pay + witnessPay, 0n) +
    judges.reduce((sum, { pay }) => sum + pay, 0n)
  );
}

function payOf(
  context: BlockContext,
  id: Uint8Array,
  run: Run,
  round: Round,
  said: Said & { readonly outcome: Outcome },
): PaidRound {
  const { accepted, newRoot, evalLoss } = said.outcome;
  const available = availableOf(round);
  const now = trainingSlot(context.state);
  return {
    seed: round.seed,
    mixedSalts: round.mixedSalts,
    baseRoot: round.baseRoot,
    newRoot,
    dataStart: round.dataStart,
    halvings: round.halvings,
    evalLoss,
    settledSlot: now,
    vestSlot: now + BigInt(run.terms.vestSlots),
    isVested: false,
    isVoid: false,
    reward: round.reward,
    committed: round.committed,
    available,
    counted: both(round.counted, accepted),
    accepted,
    lines: trainerLines(context, id, round, said, available),
    judges: judgeLines(context, id, round, said),
  };
}

function trainerLines(
  { state }: BlockContext,
  id: Uint8Array,
  round: Round,
  { outcome, rows }: Said & { readonly outcome: Outcome },
  available: Bitmap,
): PayLine[] {
  const given = [...rows.values()];
  const lines = round.roster.map((number, place): PayLine => {
    const seat = seats.get(state, seatKey(id, number));
    const steps = updates.get(state, placeKey(id, round.round, place))?.steps ?? 0;
    const isPaid = hasPlace(outcome.accepted, place) && seat?.isConvicted === false;
    // Where nobody revealed scores, sound updates count by their steps alone.
    const score = given.length === 0 ? 1 : medianScore(given, place);
    const isCounted = hasPlace(round.counted, place);
    const ramp = isPaid ? rampOf({ isCounted, missed: seat.missed }) : 0n;
    return {
      seat: number,
      steps,
      score: isPaid ? score : 0,
      rampBps: Number(ramp),
      weight: isPaid ? BigInt(score) * BigInt(steps) * ramp : 0n,
      pay: 0n,
      witnessWeight: witnessWeight(state, id, round, place, available),
      witnessPay: 0n,
    };
  });
  const { trainers, witnesses } = splitReward(round.reward);
  const pays = shareByWeight(
    trainers,
    lines.map(({ weight }) => weight),
  );
  const forWitness = shareByWeight(
    witnesses,
    lines.map((line) => BigInt(line.witnessWeight)),
  );
  return lines.map((line, place) => ({ ...line, pay: pays[place]!, witnessPay: forWitness[place]! }));
}

/** Updates of the round that a witness was right about; 0 for who did not witness. */
function witnessWeight(
  state: BlockContext['state'],
  id: Uint8Array,
  { witnessed, committed }: Round,
  place: number,
  available: Bitmap,
): number {
  if (!hasPlace(witnessed, place)) return 0;
  const { found } = witnessings.get(state, judgeKey(id, place))!;
  return placesOf(committed).filter((other) => hasPlace(found, other) === hasPlace(available, other)).length;
}

function judgeLines(
  { state }: BlockContext,
  id: Uint8Array,
  round: Round,
  { outcome, rows }: Said & { readonly outcome: Outcome },
): JudgeLine[] {
  const places = placesOf(outcome.accepted);
  const medians = round.roster.map((_, place) => medianScore([...rows.values()], place));
  const agreements = round.judges.map((_, judge) => {
    const row = rows.get(judge);
    if (row === undefined || !hasJudge(round.voted, judge)) return 0;
    if (!isSame(outcomes.get(state, judgeKey(id, judge))!, outcome)) return 0;
    return agreementOf(row, medians, places);
  });
  const weights = round.judges.map(({ stake }, judge) => stake * BigInt(agreements[judge]!));
  const pays = shareByWeight(splitReward(round.reward).judges, weights);
  return round.judges.map(({ hotkey, stake }, judge) => ({
    hotkey,
    stake,
    agreementBps: agreements[judge]!,
    pay: pays[judge]!,
  }));
}

/** Who did a sound update starts anew with its misses; who committed to one that was not, or could not be had, has one more. */
function countRound(context: BlockContext, id: Uint8Array, round: Round, { accepted }: PaidRound): void {
  for (const place of placesOf(round.committed)) {
    const number = round.roster[place]!;
    if (!hasPlace(accepted, place)) {
      countMissed(context, id, number);
      continue;
    }
    const key = seatKey(id, number);
    const seat = seats.get(context.state, key);
    if (seat !== undefined)
      seats.set(context.state, key, { ...seat, missed: 0, paidRounds: seat.paidRounds + 1 });
  }
}
