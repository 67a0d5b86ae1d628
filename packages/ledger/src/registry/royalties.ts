import {
  account,
  bytes32,
  bytesToHex,
  type Crypto,
  concatBytes,
  list,
  struct,
  u16,
  u64,
  utf8ToBytes,
  type ValueOf,
} from '@cairn/core';

/** Most models that are paid royalties from one. */
export const MAX_ROYALTIES = 16;

/** Most that one answer pays in royalties, in hundredths of a percent. */
export const MAX_ROYALTY_BPS = 5_000;

export const royaltyShape = struct('Royalty', {
  /** The model it is for: the one that answered, or one it was made from. */
  model: bytes32,
  /** Who is paid. */
  owner: account,
  /** Hundredths of a percent of what the answer cost. */
  bps: u16,
});
export type Royalty = ValueOf<typeof royaltyShape>;
export const royaltiesShape = list(royaltyShape, MAX_ROYALTIES);

/** Royalties of one artifact of one model. They outlive its registration by a while. */
export const soldArtifactShape = struct('SoldArtifact', {
  /** Who paid the deposit. */
  owner: account,
  royalties: royaltiesShape,
  /** Slot from which claims pay none of them; 0: the model is registered. */
  endSlot: u64,
  recordDeposit: u64,
});
export type SoldArtifact = ValueOf<typeof soldArtifactShape>;

/**
 * Under which id vouchers count what was paid for an artifact: the artifact of *this* model, so that the same file
 * in somebody else's card neither takes its royalties nor avoids them.
 */
export function soldArtifactOf(
  crypto: Crypto,
  { model, artifact }: { readonly model: Uint8Array; readonly artifact: Uint8Array },
): Uint8Array {
  return crypto.sha256(concatBytes(utf8ToBytes('cairn/sold/v1'), model, artifact));
}

/**
 * What answers of a model pay: its own royalty and all that answers of its parents pay, each model once. Resolved
 * when it is published, so a claim reads one record however deep the lineage goes.
 *
 * @param own null when the model asks for none.
 */
export function inheritRoyalties(own: Royalty | null, parents: readonly (readonly Royalty[])[]): Royalty[] {
  const found = new Map<string, Royalty>();
  for (const royalty of [...(own === null ? [] : [own]), ...parents.flat()]) {
    const key = bytesToHex(royalty.model);
    if (!found.has(key)) found.set(key, royalty);
  }
  return [...found.values()];
}

export const sumOfRoyalties = (royalties: readonly Royalty[]): number =>
  royalties.reduce((sum, { bps }) => sum + bps, 0);
