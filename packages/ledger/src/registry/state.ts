import { bytes32, struct, u16, u64, type ValueOf } from '@cairn/core';
import { defineTable } from '../state/table.ts';
import { modelCardShape } from './card.ts';
import { offerShape } from './offer.ts';

export const modelRecordShape = struct('ModelRecord', {
  card: modelCardShape,
  publishedHeight: u64,
  recordDeposit: u64,
});
export type ModelRecord = ValueOf<typeof modelRecordShape>;

/** Model id → card. */
export const models = defineTable('registry', 'model', modelRecordShape);

/** Model name → id of its newest version. Names belong to who published them first. */
export const modelNames = defineTable('registry', 'name', struct('ModelName', { model: bytes32 }));

/** Offer id → offer. */
export const offers = defineTable('registry', 'offer', offerShape);

/** Provider → number of its offers, to bound them. */
export const offerCounts = defineTable('registry', 'offerCount', struct('OfferCount', { count: u16 }));

/** Most offers of one provider. */
export const MAX_OFFERS = 64;
