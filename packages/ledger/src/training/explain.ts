import { accountIdToAddress, bytes32, bytesToHex, struct, u32 } from '@cairn/core';
import { defineQuery } from '../execution/query.ts';
import { payoutAccountOf } from '../staking/payout.ts';
import type { StateView } from '../state/view.ts';
import { hasPlace } from './bitmap.ts';
import { trainingSlot } from './clock.ts';
import { BPS_WHOLE } from './limits.ts';
import { type PaidRound, type PayLine, paidRounds, roundKey } from './paid-round.ts';
import { seedsLabel } from './query.ts';
import { type Run, runs } from './run.ts';
import { type Seat, seatKey, seats } from './seat.ts';
import { splitReward } from './share-pay.ts';

/** Where what a line earned is. */
const PAY_STATES = ['none', 'unvested', 'vested', 'forfeited', 'held by a case'] as const;

interface Sums {
  readonly weight: bigint;
  readonly witnessWeight: bigint;
}

export const explainQuery = defineQuery({
  name: 'training_explain',
  help: "Every factor of a settled round's pay: of each trainer its score, steps, ramp, weight, share, rounding and deductions, and when it vests; of each validator its stake and agreement. Null when the round is not settled, or no longer kept.",
  params: struct('ExplainParams', { run: bytes32, round: u32 }),
  result: { anyOf: [{ type: 'object' }, { type: 'null' }] },
  run({ view }, { run: id, round }) {
    const run = runs.get(view, bytesToHex(id));
    const paid = paidRounds.get(view, roundKey(id, round));
    if (run === undefined || paid === undefined) return null;
    const split = splitReward(paid.reward);
    const sums: Sums = {
      weight: paid.lines.reduce((sum, { weight }) => sum + weight, 0n),
      witnessWeight: paid.lines.reduce((sum, line) => sum + BigInt(line.witnessWeight), 0n),
    };
    return {
      run: bytesToHex(id),
      round,
      isVoid: paid.isVoid,
      seeds: seedsLabel(view, paid.mixedSalts),
      reward: paid.reward.toString(),
      split: {
        trainers: split.trainers.toString(),
        judges: split.judges.toString(),
        witnesses: split.witnesses.toString(),
        challengeFund: split.challenges.toString(),
      },
      sumOfWeights: sums.weight.toString(),
      sumOfWitnessWeights: sums.witnessWeight.toString(),
      rounding: 'Each amount is rounded down to a pebble; what is left stays in the pool.',
      slot: trainingSlot(view).toString(),
      settledSlot: paid.settledSlot.toString(),
      vestSlot: paid.vestSlot.toString(),
      isVested: paid.isVested,
      evalLoss: paid.evalLoss,
      halvings: paid.halvings,
      trainers: paid.lines.map((line, place) => explainLine(view, id, run, paid, place, line, sums)),
      judges: paid.judges.map(({ hotkey, stake, agreementBps, pay }) => ({
        hotkey: accountIdToAddress(hotkey),
        payee: accountIdToAddress(payoutAccountOf(view, hotkey)),
        stake: stake.toString(),
        agreementBps,
        weight: (stake * BigInt(agreementBps)).toString(),
        pay: pay.toString(),
      })),
    };
  },
});

function explainLine(
  view: StateView,
  id: Uint8Array,
  run: Run,
  paid: PaidRound,
  place: number,
  line: PayLine,
  sums: Sums,
) {
  const seat = seats.get(view, seatKey(id, line.seat));
  return {
    place,
    seat: line.seat,
    wallet: seat === undefined ? null : accountIdToAddress(seat.wallet),
    device: seat === undefined ? null : accountIdToAddress(seat.device),
    steps: line.steps,
    innerSteps: run.terms.innerSteps,
    score: line.score,
    rampBps: line.rampBps,
    weight: line.weight.toString(),
    shareBps: sums.weight === 0n ? '0' : ((line.weight * BPS_WHOLE) / sums.weight).toString(),
    pay: line.pay.toString(),
    witnessWeight: line.witnessWeight,
    witnessPay: line.witnessPay.toString(),
    deductions: deductionsOf(run, paid, place, line),
    state: stateOf(paid, line, seat),
  };
}

/** Everything that took from a place's pay, in words. */
function deductionsOf(run: Run, paid: PaidRound, place: number, line: PayLine): string[] {
  if (paid.isVoid) return ['the round is void: no outcome was agreed on, or nobody committed'];
  if (!hasPlace(paid.committed, place)) return ['no update was committed in time'];
  if (!hasPlace(paid.available, place)) return ['too few witnesses found the update'];
  if (!hasPlace(paid.accepted, place)) return ['validators did not accept the update as sound'];
  const reasons: string[] = [];
  if (line.rampBps === 0) reasons.push('the seat was convicted');
  if (!hasPlace(paid.counted, place)) reasons.push('a reserve that was not needed: a quarter of the weight');
  const whole = hasPlace(paid.counted, place) ? 10_000 : 2_500;
  if (line.rampBps > 0 && line.rampBps < whole)
    reasons.push('it missed two rounds just before: three quarters of the weight');
  if (line.steps < run.terms.innerSteps)
    reasons.push(`${line.steps} of ${run.terms.innerSteps} inner steps were done`);
  if (line.score === 0) reasons.push('the median of the scores is 0');
  if (line.pay === 0n && line.weight > 0n)
    reasons.push('taken back in a case, because it could not be had, or below one pebble');
  return reasons;
}

function stateOf(
  { isVested }: PaidRound,
  { pay, witnessPay }: PayLine,
  seat: Seat | undefined,
): (typeof PAY_STATES)[number] {
  if (pay + witnessPay === 0n) return 'none';
  if (seat?.isConvicted === true && !isVested) return 'forfeited';
  if (!isVested) return 'unvested';
  return seat !== undefined && seat.openCases > 0 && seat.heldPay > 0n ? 'held by a case' : 'vested';
}
