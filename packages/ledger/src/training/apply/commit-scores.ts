import { defineMessage } from '../../execution/message.ts';
import { scoresCommitted } from '../events.ts';
import { withJudge } from '../judges.ts';
import { commitScoresShape } from '../messages/rounds.ts';
import { alreadyDone, judgeOfSender, keepRound, openPhase } from '../open-phase.ts';
import { judgeKey, scorings } from '../round.ts';

export const commitScoresMessage = defineMessage({
  id: 207,
  name: 'training.commitScores',
  help: 'Binds a validator to its scores of the round by a hash, before anybody shows any. From a hotkey that judges it.',
  shape: commitScoresShape,
  work: () => 40,
  apply(context, message) {
    const { run: id, commitment } = message;
    const open = openPhase(context, message, 'show');
    if ('code' in open) return open;
    const { run, round } = open;
    const judge = judgeOfSender(context, round);
    if (typeof judge !== 'number') return judge;
    const done = alreadyDone(round.scored, judge, 'committed to its scores');
    if (done !== null) return done;
    scorings.set(context.state, judgeKey(id, judge), { commitment, scores: [], salt: new Uint8Array(32) });
    keepRound(context, id, run, { ...round, scored: withJudge(round.scored, judge) });
    scoresCommitted(context, id, round.round, context.sender);
    return null;
  },
});
