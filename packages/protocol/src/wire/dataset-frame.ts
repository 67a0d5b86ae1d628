import type { Crypto } from '@cairn/core';
import { DATASET_CHUNK_BYTES } from '@cairn/ledger';
import { MAX_FRAME_BYTES } from '../ports/transport.ts';
import { CALL_ERROR_CODES } from './call-frame.ts';
import {
  bytesUpTo,
  fromCbor,
  listUpTo,
  oneOf,
  type Reader,
  record,
  tagged,
  textUpTo,
  toCbor,
  wholeUpTo,
} from './cbor.ts';
import { CHUNK_SALT_BYTES, MAX_SOLD_CHUNK_BYTES } from './dataset-sale.ts';
import { MAX_MISSED_RECEIPTS } from './infer-frame.ts';

/** Name of the protocol that sells chunks of data sets. A buyer sends the frames of `INFER_PROTOCOL`. */
export const DATASET_PROTOCOL = '/cairn/dataset/1';

/** Name of the protocol that gives the free chunks of a data set to anybody. */
export const DATASET_SAMPLE_PROTOCOL = '/cairn/dataset-sample/1';

/** Why a seller refuses. */
export const DATASET_ERROR_CODES = [...CALL_ERROR_CODES, 'DATASET_UNKNOWN', 'CHUNK_UNREADABLE'] as const;
export type DatasetErrorCode = (typeof DATASET_ERROR_CODES)[number];

/** Most hashes beside the path of a chunk: a data set has at most 2^26 chunks. */
const MAX_PATH = 26;
const MAX_INDEX = 0x3ff_ffff;
const MAX_SALE_BYTES = 8 * 1024;
const MAX_RECEIPT_BYTES = 8 * 1024;
const MAX_BODY_BYTES = 256;

/** Asks for one chunk. */
export interface DatasetBody {
  readonly dataset: Uint8Array;
  readonly index: number;
  /** 16 random bytes: equal requests have different hashes. */
  readonly salt: Uint8Array;
}

export type DatasetServerFrame =
  | {
      readonly type: 'sale';
      /** Whether this buyer has paid for the chunk before: then the key follows without a payment. */
      readonly isPaid: boolean;
      /** Encoded `SignedChunkSale`. */
      readonly sale: Uint8Array;
      /** From the leaf to the root on the ledger. */
      readonly path: readonly Uint8Array[];
      readonly sealed: Uint8Array;
      /** Signed receipts that the buyer's voucher does not know of, oldest first. */
      readonly missed: readonly Uint8Array[];
    }
  | { readonly type: 'key'; readonly key: Uint8Array }
  | { readonly type: 'receipt'; readonly receipt: Uint8Array }
  | { readonly type: 'error'; readonly code: DatasetErrorCode; readonly message: string };

/** The only frames of a sample: the wish, and the chunk with its salt and path, or nothing. */
export interface WantSampleFrame {
  readonly type: 'want';
  readonly dataset: Uint8Array;
  readonly index: number;
}
export type SampleFrame =
  | {
      readonly type: 'chunk';
      readonly salt: Uint8Array;
      readonly bytes: Uint8Array;
      readonly path: readonly Uint8Array[];
    }
  | { readonly type: 'absent' };

const asked = { dataset: bytesUpTo(32, 32), index: wholeUpTo(MAX_INDEX) };
const path = listUpTo(bytesUpTo(32, 32), MAX_PATH);
const bodyReader: Reader<DatasetBody> = record({ ...asked, salt: bytesUpTo(16, 16) });
const wantReader: Reader<WantSampleFrame> = record({ type: oneOf('want'), ...asked });
const flag = oneOf('yes', 'no');

const serverReader = tagged({
  sale: record({
    type: oneOf('sale'),
    isPaid: flag,
    sale: bytesUpTo(MAX_SALE_BYTES),
    path,
    sealed: bytesUpTo(MAX_SOLD_CHUNK_BYTES, 1),
    missed: listUpTo(bytesUpTo(MAX_RECEIPT_BYTES), MAX_MISSED_RECEIPTS),
  }),
  key: record({ type: oneOf('key'), key: bytesUpTo(32, 32) }),
  receipt: record({ type: oneOf('receipt'), receipt: bytesUpTo(MAX_RECEIPT_BYTES) }),
  error: record({ type: oneOf('error'), code: oneOf(...DATASET_ERROR_CODES), message: textUpTo(1000) }),
});

const sampleReader: Reader<SampleFrame> = tagged({
  chunk: record({
    type: oneOf('chunk'),
    salt: bytesUpTo(CHUNK_SALT_BYTES, CHUNK_SALT_BYTES),
    bytes: bytesUpTo(DATASET_CHUNK_BYTES, 1),
    path,
  }),
  absent: record({ type: oneOf('absent') }),
});

export function encodeDatasetBody(body: DatasetBody): Uint8Array {
  return toCbor(body);
}

/** @throws ProtocolError `FRAME_TOO_LARGE`, `FRAME_MALFORMED` */
export function decodeDatasetBody(bytes: Uint8Array): DatasetBody {
  return fromCbor(bytes, MAX_BODY_BYTES, bodyReader);
}

export function encodeDatasetFrame(frame: DatasetServerFrame): Uint8Array {
  return toCbor(frame.type === 'sale' ? { ...frame, isPaid: frame.isPaid ? 'yes' : 'no' } : frame);
}

/** @throws ProtocolError `FRAME_TOO_LARGE`, `FRAME_MALFORMED` */
export function decodeDatasetFrame(bytes: Uint8Array): DatasetServerFrame {
  const frame = fromCbor(bytes, MAX_FRAME_BYTES, serverReader);
  return frame.type === 'sale' ? { ...frame, isPaid: frame.isPaid === 'yes' } : frame;
}

export function encodeSampleFrame(frame: WantSampleFrame | SampleFrame): Uint8Array {
  return toCbor(frame);
}

/** @throws ProtocolError `FRAME_TOO_LARGE`, `FRAME_MALFORMED` */
export function decodeWantSample(bytes: Uint8Array): WantSampleFrame {
  return fromCbor(bytes, MAX_BODY_BYTES, wantReader);
}

/** @throws ProtocolError `FRAME_TOO_LARGE`, `FRAME_MALFORMED` */
export function decodeSampleFrame(bytes: Uint8Array): SampleFrame {
  return fromCbor(bytes, MAX_FRAME_BYTES, sampleReader);
}

/** What a receipt of a chunk says was asked: the chunk. */
export function hashDatasetParams(crypto: Crypto, { index }: Pick<DatasetBody, 'index'>): Uint8Array {
  return crypto.sha256(toCbor({ index }));
}
