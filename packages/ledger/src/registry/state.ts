import {
  areBytesEqual,
  bytes32,
  bytesToHex,
  optional,
  struct,
  u16,
  u64,
  utf8ToBytes,
  type ValueOf,
} from '@cairn/core';
import { defineTable } from '../state/table.ts';
import type { StateView } from '../state/view.ts';
import { type Alias, aliasShape } from './alias.ts';
import { modelCardShape } from './card.ts';
import { evaluationShape } from './evaluation.ts';
import { type Offer, offerShape } from './offer.ts';
import { providerShape } from './provider.ts';
import { royaltiesShape, soldArtifactShape } from './royalties.ts';

export const modelRecordShape = struct('ModelRecord', {
  card: modelCardShape,
  publishedHeight: u64,
  recordDeposit: u64,
  /** What its answers pay, to its owner and to those of the models it was made from. */
  royalties: royaltiesShape,
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

/** Account that a registered name belongs to; null when no model has it. */
export function findNameOwner(view: StateView, name: string): Uint8Array | null {
  const newest = modelNames.get(view, bytesToHex(utf8ToBytes(name)))?.model;
  const record = newest === undefined ? undefined : models.get(view, bytesToHex(newest));
  return record?.card.owner ?? null;
}

/** `aliasId` → alias. */
export const aliases = defineTable('registry', 'alias', aliasShape);

/** Whether an alias counts no more, because its name is free or somebody else's. */
export function isAliasDead(view: StateView, { name, owner }: Alias): boolean {
  const nameOwner = findNameOwner(view, name);
  return nameOwner === null || !areBytesEqual(nameOwner, owner);
}

/** `evaluationId` → what a validator measured. */
export const evaluations = defineTable('registry', 'evaluation', evaluationShape);

/** `soldArtifactOf` a model and a file → the royalties that claims pay for it. Without a record: none. */
export const soldArtifacts = defineTable('registry', 'sold', soldArtifactShape);

/** Account → keys and machines with which it provides. */
export const providers = defineTable('registry', 'provider', providerShape);

/** Bytes that deposits count besides card or terms: the record's other fields, and records that come with it. */
export const MODEL_EXTRA_BYTES = 320;
export const OFFER_EXTRA_BYTES = 120;
export const PROVIDER_EXTRA_BYTES = 48;
export const SOLD_EXTRA_BYTES = 56;
/** The key of an alias has its name once more, in hexadecimal digits. */
export const ALIAS_EXTRA_BYTES = 240;
export const EVALUATION_EXTRA_BYTES = 120;

/** Whether an offer counts no more, so that anyone may clear it away. */
export function isOfferDead(view: StateView, { terms }: Offer, slot: bigint): boolean {
  return terms.expirySlot <= slot || !isModelRegistered(view, terms.model);
}

/** Most offers of one provider. */
export const MAX_OFFERS = 64;
