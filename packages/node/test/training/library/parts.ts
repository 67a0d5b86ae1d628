import { createHash } from 'node:crypto';
import type { RecordStore } from '@cairn/protocol';
import type { ShrinkingBlobStore } from '../../../src/data/blob-store.ts';
import { type LibraryOptions, openLibrary } from '../../../src/training/library/library.ts';
import { aBlobStore, aRecordStore } from '../../data/parts.ts';
import { aLog } from '../../rpc/parts.ts';

export const idOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** Bytes that differ with `seed`. */
export const bytesOf = (length: number, seed = 0) =>
  Uint8Array.from({ length }, (_, at) => (at * 31 + seed * 7 + (at >> 8)) & 0xff);

export interface LibraryPlace {
  readonly options?: LibraryOptions;
  readonly records?: RecordStore;
  readonly blobs?: ShrinkingBlobStore;
}

/** A library in memory, with what it stands on. */
export function aLibrary({ options, records = aRecordStore(), blobs = aBlobStore() }: LibraryPlace = {}) {
  const log = aLog();
  return { library: openLibrary({ blobs, records, log }, options), records, blobs, log };
}
