import { areBytesEqual, bytesToHex } from '@cairn/core';
import { defineMessage, problem, type Verdict } from '../../execution/message.ts';
import { hasPlace, withPlace } from '../bitmap.ts';
import { trainingSlot } from '../clock.ts';
import { updateCommitted } from '../events.ts';
import { type CommitUpdate, commitUpdateShape } from '../messages/rounds.ts';
import { keepRound, openPhase, placeOfSender } from '../open-phase.ts';
import { placeKey, type Round, type Update, updates } from '../round.ts';
import type { Run } from '../run.ts';
import { seatKey, seats } from '../seat.ts';

export const commitUpdateMessage = defineMessage({
  id: 205,
  name: 'training.commitUpdate',
  help: 'Binds a machine of the roster to its update by its hash, before anybody has seen it, and to the hashes of its inner steps.',
  shape: commitUpdateShape,
  work: () => 12,
  apply(context, message) {
    const { state } = context;
    const { run: id, payload, sizeBytes, traceRoot, residualRoot, steps } = message;
    const open = openPhase(context, message, 'train');
    if ('code' in open) return open;
    const { run, round } = open;
    const own = placeOfSender(context, id, round);
    if ('code' in own) return own;
    const unfit = checkUpdate(run, round, own.place, message);
    if (unfit !== null) return unfit;
    const update: Update = {
      payload,
      sizeBytes,
      traceRoot,
      residualRoot,
      steps,
      committedSlot: trainingSlot(state),
    };
    updates.set(state, placeKey(id, round.round, own.place), update);
    const key = seatKey(id, own.seat);
    seats.set(state, key, { ...seats.get(state, key)!, lastRound: round.round });
    keepRound(context, id, run, { ...round, committed: withPlace(round.committed, own.place) });
    updateCommitted(context, id, round.round, own.place, update);
    return null;
  },
});

function checkUpdate(run: Run, round: Round, place: number, update: CommitUpdate): Verdict {
  if (hasPlace(round.committed, place))
    return problem('ALREADY_COMMITTED', `This machine is bound to its update of round ${round.round}.`);
  if (!areBytesEqual(update.baseRoot, round.baseRoot)) {
    return problem(
      'BASE_ROOT_STALE',
      `The update is of weights ${bytesToHex(update.baseRoot)}; the round starts from ${bytesToHex(round.baseRoot)}. Fetch those first.`,
    );
  }
  const { innerSteps } = run.terms;
  if (update.steps < 1 || update.steps > innerSteps)
    return problem('STEPS_INVALID', `An update has 1 to ${innerSteps} inner steps, not ${update.steps}.`);
  if (update.sizeBytes === 0) return problem('UPDATE_EMPTY', 'An update has bytes. Give its size.');
  return null;
}
