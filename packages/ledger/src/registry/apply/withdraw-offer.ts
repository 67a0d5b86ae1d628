import { areBytesEqual, bytesToHex } from '@cairn/core';
import { releaseDeposit } from '../../accounts/money.ts';
import { defineMessage, problem } from '../../execution/message.ts';
import { offerWithdrawn } from '../events.ts';
import { withdrawOfferShape } from '../messages/offers.ts';
import { offerCounts, offers } from '../state.ts';

export const withdrawOfferMessage = defineMessage({
  id: 67,
  name: 'registry.withdrawOffer',
  help: 'Takes an offer of the sender back and returns its deposit.',
  shape: withdrawOfferShape,
  work: () => 5,
  apply(context, { offer: id }) {
    const hex = bytesToHex(id);
    const offer = offers.get(context.state, hex);
    if (offer === undefined) return problem('OFFER_UNKNOWN', `There is no offer ${hex}.`);
    if (!areBytesEqual(offer.provider, context.sender))
      return problem('NOT_PROVIDER', `Only its provider can withdraw offer ${hex}.`);
    offers.delete(context.state, hex);
    const countKey = bytesToHex(context.sender);
    const count = (offerCounts.get(context.state, countKey)?.count ?? 1) - 1;
    if (count === 0) offerCounts.delete(context.state, countKey);
    else offerCounts.set(context.state, countKey, { count });
    releaseDeposit(context, context.sender, offer.recordDeposit);
    offerWithdrawn(context, id, offer);
    return null;
  },
});
