import { areBytesEqual } from '@cairn/core';
import { defineMessage, problem } from '../../execution/message.ts';
import { scoreCommitmentOf } from '../commitment.ts';
import { scoresRevealed } from '../events.ts';
import { hasJudge, withJudge } from '../judges.ts';
import { revealScoresShape } from '../messages/rounds.ts';
import { alreadyDone, judgeOfSender, keepRound, openPhase } from '../open-phase.ts';
import { judgeKey, scorings } from '../round.ts';

export const revealScoresMessage = defineMessage({
  id: 208,
  name: 'training.revealScores',
  help: 'Shows the scores that a validator is bound to, and the salt, which is mixed into the seed of the next round.',
  shape: revealScoresShape,
  work: () => 80,
  apply(context, message) {
    const { state, sender, crypto } = context;
    const { run: id, scores, salt } = message;
    const open = openPhase(context, message, 'settle');
    if ('code' in open) return open;
    const { run, round } = open;
    const judge = judgeOfSender(context, round);
    if (typeof judge !== 'number') return judge;
    const done = alreadyDone(round.revealed, judge, 'revealed its scores');
    if (done !== null) return done;
    if (!hasJudge(round.scored, judge))
      return problem('NOT_COMMITTED', `This validator is bound to no scores of round ${round.round}.`);
    if (scores.length !== round.roster.length)
      return problem(
        'SCORES_WRONG',
        `Round ${round.round} has ${round.roster.length} places, not ${scores.length}.`,
      );
    const { commitment } = scorings.get(state, judgeKey(id, judge))!;
    const shown = scoreCommitmentOf(crypto, { run: id, round: round.round, hotkey: sender, scores, salt });
    if (!areBytesEqual(shown, commitment))
      return problem(
        'COMMITMENT_OTHER',
        'These scores and this salt are not what the validator is bound to.',
      );
    scorings.set(state, judgeKey(id, judge), { commitment, scores, salt });
    keepRound(context, id, run, { ...round, revealed: withJudge(round.revealed, judge) });
    scoresRevealed(context, id, round.round, sender);
    return null;
  },
});
