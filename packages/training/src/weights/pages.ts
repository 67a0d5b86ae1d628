import {
  areBytesEqual,
  bytes32,
  bytesToHex,
  CairnError,
  type Crypto,
  concatBytes,
  decode,
  encode,
  list,
  struct,
  text,
  u32,
  utf8ToBytes,
  type ValueOf,
} from '@cairn/core';
import { merkleRoot, type TensorShape, type TensorTable } from '@cairn/protocol';
import { sizeOf } from '../compute/model/tensors.ts';
import { TrainingError } from '../errors.ts';

/** Bytes of one page of weights; the last page of a tensor may be shorter. */
export const PAGE_BYTES = 1 << 20;

/** Most tensors of one model. */
const MAX_TENSORS = 8192;
/** Most pages of one model: 64 GiB of 32-bit weights. */
const MAX_PAGES = 1 << 16;

const tensorShape = struct('Tensor', { name: text(200), shape: list(u32, 4) });

/** What the weights of a model are, without the weights: its tensors, and the hash of every page. */
export const pageListShape = struct('PageList', {
  tensors: list(tensorShape, MAX_TENSORS),
  /** SHA-256 of each page, tensor after tensor: also its id in a store of blobs. */
  pages: list(bytes32, MAX_PAGES),
});
export type PageList = ValueOf<typeof pageListShape>;

/** Where a page lies. */
export interface PagePlace {
  readonly tensor: string;
  /** Its first number, counted within the tensor. */
  readonly start: number;
  /** Numbers it holds. */
  readonly length: number;
}

const TAG = utf8ToBytes('cairn/weights/v1');

export function malformedWeights(reason: string): TrainingError {
  return new TrainingError(
    { code: 'WEIGHTS_MALFORMED', reason },
    `The weights cannot be used: ${reason}. Fetch them again from another peer.`,
  );
}

/** The pages of a model, in order. Pages never reach from one tensor into the next. */
export function placePages(tensors: readonly TensorShape[]): PagePlace[] {
  const places: PagePlace[] = [];
  for (const { name, shape } of tensors) {
    const elements = sizeOf(shape);
    for (let start = 0; start < elements; start += PAGE_BYTES / 4)
      places.push({ tensor: name, start, length: Math.min(PAGE_BYTES / 4, elements - start) });
  }
  return places;
}

/** Bytes of one page: little-endian 32-bit floats. They are a view of the weights, so copy what you keep. */
export function readPage(weights: TensorTable, { tensor, start, length }: PagePlace): Uint8Array {
  const values = weights.get(tensor);
  if (values === undefined || values.length < start + length) throw malformedWeights(`${tensor} is missing`);
  return new Uint8Array(values.buffer, values.byteOffset + 4 * start, 4 * length);
}

/** Hashes every page. O(bytes): about a second for 400 MB with native hashing. */
export function listPages(crypto: Crypto, tensors: readonly TensorShape[], weights: TensorTable): PageList {
  return {
    tensors: tensors.map(({ name, shape }) => ({ name, shape: [...shape] })),
    pages: placePages(tensors).map((place) => crypto.sha256(readPage(weights, place))),
  };
}

/**
 * The weight root: by RFC 6962, over the hash of the table of tensors and then the hashes of the pages. It names the
 * weights of a run on the ledger.
 */
export function weightRootOf(crypto: Crypto, { tensors, pages }: PageList): Uint8Array {
  const table = encode(pageListShape, { tensors, pages: [] });
  return merkleRoot(crypto, [crypto.sha256(concatBytes(TAG, table)), ...pages]);
}

/**
 * The name under which anybody who has weights hands out the list of their pages: their root, every bit of it flipped,
 * in hex. Nobody can make a blob whose SHA-256 it is, so no blob is ever taken for a list, nor a list for a blob.
 */
export function listNameOf(root: Uint8Array): string {
  return bytesToHex(root.map((byte) => ~byte));
}

/** The root of the weights whose pages these bytes of a stranger list, in hex; null when they are no such list. */
export function listedRoot(crypto: Crypto, bytes: Uint8Array): string | null {
  try {
    return bytesToHex(weightRootOf(crypto, decodePageList(bytes)));
  } catch (error) {
    if (error instanceof CairnError) return null;
    throw error;
  }
}

export function encodePageList(list: PageList): Uint8Array {
  return encode(pageListShape, list);
}

/** @throws CoreError `CODEC_MALFORMED`, `CODEC_NOT_CANONICAL`; TrainingError `WEIGHTS_MALFORMED` */
export function decodePageList(bytes: Uint8Array): PageList {
  const decoded = decode(pageListShape, bytes);
  const names = new Set(decoded.tensors.map(({ name }) => name));
  if (names.size < decoded.tensors.length) throw malformedWeights('a tensor is named twice');
  let pages = 0;
  for (const { name, shape } of decoded.tensors) {
    const elements = sizeOf(shape);
    if (shape.length === 0 || elements === 0 || !Number.isSafeInteger(elements))
      throw malformedWeights(`${name} has no size that is possible`);
    pages += Math.ceil((4 * elements) / PAGE_BYTES);
    if (pages > MAX_PAGES) throw malformedWeights(`it has more than ${MAX_PAGES} pages`);
  }
  if (pages !== decoded.pages.length)
    throw malformedWeights(`it lists ${decoded.pages.length} pages, and its tensors take ${pages}`);
  return decoded;
}

/** The weights of a list while its pages arrive, in any order. */
export interface WeightAssembly {
  /** Pages that are still missing, by index. */
  missing(): number[];
  /** Takes one page. False, and nothing is kept, when the bytes are not that page's. */
  put(index: number, bytes: Uint8Array): boolean;
  /** @throws TrainingError `WEIGHTS_MALFORMED` while pages are missing. */
  weights(): TensorTable;
}

/**
 * Puts weights together from pages of strangers: each is checked against its hash before it is kept. Memory is
 * allocated at once, so check the size of the model before.
 */
export function assembleWeights(crypto: Crypto, { tensors, pages }: PageList): WeightAssembly {
  const places = placePages(tensors);
  const weights = new Map(tensors.map(({ name, shape }) => [name, new Float32Array(sizeOf(shape))]));
  const isHere = new Uint8Array(pages.length);
  const missing = () => pages.flatMap((_, index) => (isHere[index] === 1 ? [] : [index]));
  return {
    missing,
    put(index, bytes) {
      const place = places[index];
      const hash = pages[index];
      if (place === undefined || hash === undefined || bytes.length !== 4 * place.length) return false;
      if (!areBytesEqual(crypto.sha256(bytes), hash)) return false;
      readPage(weights, place).set(bytes);
      isHere[index] = 1;
      return true;
    },
    weights() {
      const left = missing().length;
      if (left > 0) throw malformedWeights(`${left} of ${pages.length} pages are missing`);
      return weights;
    },
  };
}
