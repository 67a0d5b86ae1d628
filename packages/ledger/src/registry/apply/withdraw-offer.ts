import { areBytesEqual, bytesToHex } from '@cairn/core';
import { releaseDeposit } from '../../accounts/money.ts';
import { defineMessage, problem } from '../../execution/message.ts';
import { offerWithdrawn } from '../events.ts';
import { withdrawOfferShape } from '../messages/offers.ts';
import { isOfferDead, offerCounts, offers } from '../state.ts';

export const withdrawOfferMessage = defineMessage({
  id: 67,
  name: 'registry.withdrawOffer',
  help: 'Takes an offer of the sender back and returns its deposit. One that expired, or whose model is retired, anyone may clear away: the deposit goes to its provider.',
  shape: withdrawOfferShape,
  work: () => 6,
  apply(context, { offer: id }) {
    const hex = bytesToHex(id);
    const offer = offers.get(context.state, hex);
    if (offer === undefined) return problem('OFFER_UNKNOWN', `There is no offer ${hex}.`);
    const isOwn = areBytesEqual(offer.provider, context.sender);
    if (!isOwn && !isOfferDead(context.state, offer, context.slot))
      return problem('NOT_PROVIDER', `Only its provider can withdraw offer ${hex} while it counts.`);
    offers.delete(context.state, hex);
    const countKey = bytesToHex(offer.provider);
    const count = (offerCounts.get(context.state, countKey)?.count ?? 1) - 1;
    if (count === 0) offerCounts.delete(context.state, countKey);
    else offerCounts.set(context.state, countKey, { count });
    releaseDeposit(context, offer.provider, offer.recordDeposit);
    offerWithdrawn(context, id, offer);
    return null;
  },
});
