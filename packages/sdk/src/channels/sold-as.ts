import { areBytesEqual, type Crypto, utf8ToBytes } from '@cairn/core';
import { soldArtifactOf } from '@cairn/ledger';

/** The model and the file that an answer came from. */
export interface Sold {
  readonly model: Uint8Array;
  readonly artifact: Uint8Array;
}

/** What the vouchers of a channel count an answer as: the ledger pays royalties by it. */
export type SoldAs = (crypto: Crypto, sold: Sold) => Uint8Array;

/** A provider sells a model and its file. */
export const soldByProvider: SoldAs = soldArtifactOf;

/**
 * A hub sells what it buys. Royalties are paid where it buys; what it sells is counted as this one thing, which pays
 * none, however many models a user asks.
 */
export const soldByHub: SoldAs = (crypto) => crypto.sha256(utf8ToBytes('cairn/resold/v1'));

/** The same, kept for what was asked last: a channel counts the same goods many times in each answer. */
export function rememberSold(crypto: Crypto, soldAs: SoldAs): (sold: Sold) => Uint8Array {
  let last: { readonly sold: Sold; readonly id: Uint8Array } | null = null;
  return ({ model, artifact }) => {
    const isSame =
      last !== null && areBytesEqual(last.sold.model, model) && areBytesEqual(last.sold.artifact, artifact);
    if (!isSame) last = { sold: { model, artifact }, id: soldAs(crypto, { model, artifact }) };
    return (last as NonNullable<typeof last>).id;
  };
}
