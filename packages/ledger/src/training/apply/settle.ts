import { bytesToHex } from '@cairn/core';
import type { MessageContext } from '../../execution/context.ts';
import { defineMessage, problem, type Verdict } from '../../execution/message.ts';
import { availableOf } from '../availability.ts';
import { isWithin, placesOf } from '../bitmap.ts';
import { outcomeFound } from '../events.ts';
import { withJudge } from '../judges.ts';
import { MAX_ROSTER } from '../limits.ts';
import { type SettleRound, settleRoundShape } from '../messages/rounds.ts';
import { alreadyDone, judgeOfSender, keepRound, openPhase } from '../open-phase.ts';
import { judgeKey, outcomes, placeKey, type Round, updates } from '../round.ts';

export const settleRoundMessage = defineMessage({
  id: 209,
  name: 'training.settle',
  help: 'What a validator found a round to come to: which updates are sound, the root of the weights, their held-out loss. Two thirds of the stake decide.',
  shape: settleRoundShape,
  work: () => 80 + MAX_ROSTER,
  apply(context, message) {
    const { run: id, accepted, newRoot, evalLoss } = message;
    const open = openPhase(context, message, 'settle');
    if ('code' in open) return open;
    const { run, round } = open;
    const judge = judgeOfSender(context, round);
    if (typeof judge !== 'number') return judge;
    const unfit =
      alreadyDone(round.voted, judge, 'said what it comes to') ?? checkAccepted(context, round, message);
    if (unfit !== null) return unfit;
    outcomes.set(context.state, judgeKey(id, judge), { accepted, newRoot, evalLoss });
    keepRound(context, id, run, { ...round, voted: withJudge(round.voted, judge) });
    outcomeFound(context, id, round.round, context.sender);
    return null;
  },
});

/** Accepted is what can be had, and no update twice: of two equal ones at most the one whose header names its seat. */
function checkAccepted({ state }: MessageContext, round: Round, { run, accepted }: SettleRound): Verdict {
  if (!isWithin(accepted, availableOf(round))) {
    return problem(
      'UPDATE_UNAVAILABLE',
      `The outcome accepts an update that too few witnesses found. Those of places ${placesOf(availableOf(round)).join(', ')} can be had.`,
    );
  }
  const payloads = placesOf(accepted).map((place) =>
    bytesToHex(updates.get(state, placeKey(run, round.round, place))!.payload),
  );
  if (new Set(payloads).size === payloads.length) return null;
  return problem(
    'UPDATE_COPIED',
    'The outcome accepts the same update twice. Accept the one whose header names the seat that committed it.',
  );
}
