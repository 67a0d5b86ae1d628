import { defineMessage, problem } from '../../execution/message.ts';
import { hasPlace, isWithin, withPlace } from '../bitmap.ts';
import { updatesWitnessed } from '../events.ts';
import { witnessUpdatesShape } from '../messages/rounds.ts';
import { keepRound, openPhase, placeOfSender } from '../open-phase.ts';
import { judgeKey, witnessings } from '../round.ts';
import { seatKey, seats } from '../seat.ts';

export const witnessMessage = defineMessage({
  id: 206,
  name: 'training.witness',
  help: 'Says which updates of the round a drawn machine holds, whole and with the hash that was committed. Once in a round.',
  shape: witnessUpdatesShape,
  work: () => 40,
  apply(context, message) {
    const { state } = context;
    const { run: id, found } = message;
    const open = openPhase(context, message, 'show');
    if ('code' in open) return open;
    const { run, round } = open;
    const own = placeOfSender(context, id, round);
    if ('code' in own) return own;
    if (!round.witnesses.includes(own.place))
      return problem('NOT_WITNESS', `This machine was not drawn as a witness of round ${round.round}.`);
    if (hasPlace(round.witnessed, own.place))
      return problem('ALREADY_DONE', `This machine has witnessed round ${round.round}.`);
    if (!isWithin(found, round.committed))
      return problem('PLACE_EMPTY', 'The bitmap names a place that committed no update. Leave it out.');
    witnessings.set(state, judgeKey(id, own.place), { found });
    const key = seatKey(id, own.seat);
    seats.set(state, key, { ...seats.get(state, key)!, lastRound: round.round });
    keepRound(context, id, run, {
      ...round,
      witnessed: withPlace(round.witnessed, own.place),
      found: round.found.map((count, place) => (hasPlace(found, place) ? count + 1 : count)),
    });
    updatesWitnessed(context, id, round.round, own.place);
    return null;
  },
});
