import { areBytesEqual, bytesToHex, encode } from '@cairn/core';
import { holdDeposit, recordDeposit, releaseDeposit } from '../../accounts/money.ts';
import { defineMessage, problem } from '../../execution/message.ts';
import { subnetDissolved } from '../../subnets/problems.ts';
import { isDissolved } from '../../subnets/state.ts';
import { offerPublished } from '../events.ts';
import { publishOfferShape } from '../messages/offers.ts';
import { MAX_TIER, type Offer, offerIdOf, offerTermsShape } from '../offer.ts';
import { isRegion } from '../provider.ts';
import { MAX_OFFERS, models, OFFER_EXTRA_BYTES, offerCounts, offers } from '../state.ts';

export const publishOfferMessage = defineMessage({
  id: 66,
  name: 'registry.publishOffer',
  help: "Offers one artifact of a registered model at a price; replaces the sender's earlier offer of it.",
  shape: publishOfferShape,
  work: () => 10,
  apply(context, { terms }) {
    if (isDissolved(context.state, terms.netuid)) return subnetDissolved(terms.netuid);
    if (terms.tier > MAX_TIER)
      return problem('TIER_UNKNOWN', `Tier ${terms.tier} is unknown, the highest is ${MAX_TIER}.`);
    const model = models.get(context.state, bytesToHex(terms.model));
    if (model === undefined)
      return problem(
        'MODEL_UNKNOWN',
        `No model ${bytesToHex(terms.model)} is registered. Publish its card first.`,
      );
    if (!model.card.artifacts.some(({ sha256 }) => areBytesEqual(sha256, terms.artifact))) {
      return problem(
        'ARTIFACT_UNKNOWN',
        `Model ${model.card.name} has no artifact ${bytesToHex(terms.artifact)}.`,
      );
    }
    const misnamed = terms.regions.find((region) => !isRegion(region));
    if (misnamed !== undefined) {
      return problem(
        'REGION_INVALID',
        `Region "${misnamed}" is not lower-case letters, digits and dashes, such as eu-west.`,
      );
    }
    if (terms.expirySlot <= context.slot)
      return problem('OFFER_EXPIRED', `The offer ends at slot ${terms.expirySlot}, now is ${context.slot}.`);
    const id = offerIdOf(context.crypto, context.sender, terms);
    const earlier = offers.get(context.state, bytesToHex(id));
    const countKey = bytesToHex(context.sender);
    const count = offerCounts.get(context.state, countKey)?.count ?? 0;
    if (earlier === undefined && count >= MAX_OFFERS) {
      return problem('OFFERS_FULL', `A provider has at most ${MAX_OFFERS} offers. Withdraw one first.`);
    }
    if (earlier !== undefined) releaseDeposit(context, context.sender, earlier.recordDeposit);
    const deposit = recordDeposit(context, encode(offerTermsShape, terms).length + OFFER_EXTRA_BYTES);
    const refused = holdDeposit(context, context.sender, deposit);
    if (refused !== null) return refused;
    const offer: Offer = { provider: context.sender, terms, recordDeposit: deposit };
    offers.set(context.state, bytesToHex(id), offer);
    if (earlier === undefined) offerCounts.set(context.state, countKey, { count: count + 1 });
    offerPublished(context, id, offer);
    return null;
  },
});
