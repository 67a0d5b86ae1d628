import { bytes32, bytesToHex, optional, struct, u16, u64, type ValueOf } from '@cairn/core';
import { defineTable } from '../state/table.ts';
import type { StateView } from '../state/view.ts';
import { modelCardShape } from './card.ts';
import { type Offer, offerShape } from './offer.ts';
import { providerShape } from './provider.ts';

export const modelRecordShape = struct('ModelRecord', {
  card: modelCardShape,
  publishedHeight: u64,
  recordDeposit: u64,
  /** Models of the same name published just before and after it. */
  earlierVersion: optional(bytes32),
  laterVersion: optional(bytes32),
});
export type ModelRecord = ValueOf<typeof modelRecordShape>;

/** Model id → card. */
export const models = defineTable('registry', 'model', modelRecordShape);

/** Whether a model is registered, without decoding its card. */
export function isModelRegistered(view: StateView, model: Uint8Array): boolean {
  return view.get(models.prefix + bytesToHex(model)) !== undefined;
}

/** Model name → id of its newest version. A name belongs to one account while a version of it is registered. */
export const modelNames = defineTable('registry', 'name', struct('ModelName', { model: bytes32 }));

/** Offer id → offer. */
export const offers = defineTable('registry', 'offer', offerShape);

/** Provider → number of its offers, to bound them. */
export const offerCounts = defineTable('registry', 'offerCount', struct('OfferCount', { count: u16 }));

/** Account → keys and machines with which it provides. */
export const providers = defineTable('registry', 'provider', providerShape);

/** Bytes that deposits count besides card or terms: the record's other fields, and records that come with it. */
export const MODEL_EXTRA_BYTES = 320;
export const OFFER_EXTRA_BYTES = 120;
export const PROVIDER_EXTRA_BYTES = 48;

/** Whether an offer counts no more, so that anyone may clear it away. */
export function isOfferDead(view: StateView, { terms }: Offer, slot: bigint): boolean {
  return terms.expirySlot <= slot || !isModelRegistered(view, terms.model);
}

/** Most offers of one provider. */
export const MAX_OFFERS = 64;
