import { bytesToHex } from '@cairn/core';
import type { BlockContext } from '../execution/context.ts';
import { trainingCases } from './case.ts';
import { caseKey } from './cases/held-pay.ts';
import { KEPT_ROUNDS, MAX_FORGOTTEN } from './limits.ts';
import { paidRounds, roundKey } from './paid-round.ts';
import { placeKey, updates } from './round.ts';
import { members, type Run } from './run.ts';

/** The first round that is still needed: to pay, to come from the checkpoint to the weights, or to judge a case. */
function firstNeeded({ state }: BlockContext, id: Uint8Array, run: Run): number {
  const { openCases } = members.get(state, bytesToHex(id))!;
  const judged = openCases.map(({ number }) => trainingCases.get(state, caseKey(id, number))!.round);
  return Math.min(run.unvestedRound, run.isEnding ? run.round : run.logFrom, ...judged);
}

/**
 * Deletes rounds, with their updates, that nobody needs any more and that are not among the sixteen before.
 *
 * Cost: at most four rounds, 256 records each, and one record for each open case.
 */
export function forgetRounds(context: BlockContext, id: Uint8Array, run: Run): Run {
  const { state } = context;
  const until = firstNeeded(context, id, run) - KEPT_ROUNDS;
  let keptRound = run.keptRound;
  for (let count = 0; keptRound < until && count < MAX_FORGOTTEN; count += 1) {
    const { lines } = paidRounds.get(state, roundKey(id, keptRound))!;
    for (const place of lines.keys()) updates.delete(state, placeKey(id, keptRound, place));
    paidRounds.delete(state, roundKey(id, keptRound));
    keptRound += 1;
  }
  return keptRound === run.keptRound ? run : { ...run, keptRound };
}
