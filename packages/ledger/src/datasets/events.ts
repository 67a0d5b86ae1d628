import { type AccountId, accountIdToAddress, bytesToHex } from '@cairn/core';
import type { BlockContext } from '../execution/context.ts';
import type { DatasetCard } from './card.ts';

export function datasetPublished(
  context: BlockContext,
  id: Uint8Array,
  owner: AccountId,
  { name, licence, chunks, pricePerChunk }: DatasetCard,
): void {
  context.emit('datasets.published', {
    dataset: bytesToHex(id),
    owner: accountIdToAddress(owner),
    datasetName: name,
    licence,
    chunks,
    pricePerChunk: pricePerChunk.toString(),
  });
}

export function datasetRetired(context: BlockContext, id: Uint8Array, owner: AccountId): void {
  context.emit('datasets.retired', { dataset: bytesToHex(id), owner: accountIdToAddress(owner) });
}
