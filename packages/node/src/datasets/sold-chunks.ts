import { bytesToHex } from '@cairn/core';
import type { RecordStore } from '@cairn/protocol';

/** Which chunks each buyer has paid for. */
export interface SoldChunks {
  has(dataset: Uint8Array, buyer: Uint8Array, index: number): boolean;
  /** Resolves when it is on disk. */
  add(dataset: Uint8Array, buyer: Uint8Array, index: number): Promise<void>;
  /** Chunks sold of a data set, to all. */
  count(dataset: Uint8Array): number;
}

const SOLD = 'sold/';
const YES = Uint8Array.of(1);

export function createSoldChunks(records: RecordStore): SoldChunks {
  const keyOf = (dataset: Uint8Array, buyer: Uint8Array, index: number) =>
    `${SOLD}${bytesToHex(dataset)}/${bytesToHex(buyer)}/${index}`;
  return {
    has: (dataset, buyer, index) => records.get(keyOf(dataset, buyer, index)) !== undefined,
    add: (dataset, buyer, index) => records.set(keyOf(dataset, buyer, index), YES),
    count: (dataset) => [...records.keys(`${SOLD}${bytesToHex(dataset)}/`)].length,
  };
}
