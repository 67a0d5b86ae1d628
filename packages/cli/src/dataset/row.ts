import { asAmount, asCount, asHex, asList, asObject, asText, type Checked } from '../answer/checks.ts';

/** A data set as the ledger lists it. */
export const asDataset = asObject({
  id: asHex,
  owner: asText,
  card: asObject({
    name: asText,
    description: asText,
    licence: asText,
    tags: asList(asText),
    sizeBytes: asAmount,
    chunks: asCount,
    root: asHex,
    sampleChunks: asCount,
    pricePerChunk: asAmount,
    netuid: asCount,
    peer: asText,
  }),
});
export type Dataset = Checked<typeof asDataset>;

/** For `--json`: amounts as text. */
export const plainDataset = ({ id, owner, card }: Dataset) => ({
  id,
  owner,
  ...card,
  sizeBytes: card.sizeBytes.toString(),
  pricePerChunk: card.pricePerChunk.toString(),
});

/** Pebbles for chunks `from` to `to`, the sample not counted. */
export function priceOfChunks(
  { card }: Dataset,
  { from, to }: { readonly from: number; readonly to: number },
): bigint {
  const first = Math.max(from, card.sampleChunks);
  return to > first ? card.pricePerChunk * BigInt(to - first) : 0n;
}
