import { FILE_TYPES, TENSOR_BLOCKS } from './gguf-types.ts';

export type GgufValue = number | bigint | boolean | string | GgufArray;

/** An array of the metadata. Long ones are only counted: vocabularies hold hundreds of thousands of texts. */
export interface GgufArray {
  readonly length: number;
  readonly values: readonly (number | bigint | boolean | string)[] | null;
}

export interface GgufHeader {
  readonly version: number;
  readonly tensorCount: number;
  readonly parameters: number;
  readonly metadata: ReadonlyMap<string, GgufValue>;
  readonly architecture: string;
  readonly name: string | null;
  /** As in `q4_k_m`; null when the file does not say or the number is new. */
  readonly quantisation: string | null;
  /** Tokens the model was made for; null when the file does not say. */
  readonly contextTokens: number | null;
  /** Where the header ends and where the last tensor ends, in bytes from the start. */
  readonly headerBytes: number;
  readonly dataEndBytes: number;
}

/** Why bytes are not a model; thrown by the parser, turned into `MODEL_FILE_CORRUPT` by the reader of files. */
export class GgufMalformed extends Error {
  override readonly name = 'GgufMalformed';
}

/** More bytes of the header are needed than were given. */
export class GgufIncomplete extends Error {
  override readonly name = 'GgufIncomplete';
}

const MAX_ENTRIES = 1 << 16;
const MAX_ARRAY_LENGTH = 1 << 24;
const MAX_KEY_BYTES = 1 << 16;
const MAX_TEXT_BYTES = 1 << 24;
const MAX_KEPT_ARRAY = 1024;
const MAX_DIMENSIONS = 4;
const NUMBER_BYTES = [1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8];
const TYPE_TEXT = 8;
const TYPE_ARRAY = 9;

/**
 * Reads the header of a GGUF file (version 2 or 3, little-endian) from its first bytes. Every count and length
 * is bounded before it is used, so no input makes it loop or allocate beyond a small multiple of its own size.
 *
 * @throws GgufMalformed the bytes cannot be the beginning of a model
 * @throws GgufIncomplete the header goes on behind `bytes`
 */
export function parseGgufHeader(bytes: Uint8Array): GgufHeader {
  const cursor = createCursor(bytes);
  if (cursor.u32() !== 0x46554747) throw new GgufMalformed('it does not begin with GGUF');
  const version = cursor.u32();
  if (version === 0x03000000 || version === 0x02000000) throw new GgufMalformed('it is big-endian');
  if (version !== 2 && version !== 3) throw new GgufMalformed(`its version ${version} is not 2 or 3`);
  const tensorCount = cursor.count('tensors', MAX_ENTRIES);
  const entryCount = cursor.count('metadata entries', MAX_ENTRIES);
  const metadata = new Map<string, GgufValue>();
  for (let index = 0; index < entryCount; index += 1) {
    const key = cursor.text(MAX_KEY_BYTES);
    if (metadata.has(key)) throw new GgufMalformed(`its metadata name ${JSON.stringify(key)} twice`);
    metadata.set(key, readValue(cursor, cursor.u32()));
  }
  const alignment = numberOf(metadata.get('general.alignment')) ?? 32;
  if (alignment < 1 || alignment > 65536)
    throw new GgufMalformed(`its alignment ${alignment} is out of range`);
  const tensors = readTensors(cursor, tensorCount);
  const headerBytes = cursor.offset();
  const dataStart = Math.ceil(headerBytes / alignment) * alignment;
  const architecture = metadata.get('general.architecture');
  if (typeof architecture !== 'string' || architecture === '') {
    throw new GgufMalformed('it names no general.architecture');
  }
  const name = metadata.get('general.name');
  const fileType = numberOf(metadata.get('general.file_type'));
  return {
    version,
    tensorCount,
    parameters: tensors.parameters,
    metadata,
    architecture,
    name: typeof name === 'string' ? name : null,
    quantisation: fileType === null ? null : (FILE_TYPES.get(fileType) ?? null),
    contextTokens: numberOf(metadata.get(`${architecture}.context_length`)),
    headerBytes,
    dataEndBytes: tensorCount === 0 ? headerBytes : dataStart + tensors.endOffset,
  };
}

/** A metadata value as a plain number; null when it is none or too large to be exact. */
export function numberOf(value: GgufValue | undefined): number | null {
  if (typeof value === 'bigint') return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : null;
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

function readTensors(cursor: Cursor, count: number): { parameters: number; endOffset: number } {
  let parameters = 0;
  let endOffset = 0;
  for (let index = 0; index < count; index += 1) {
    const name = cursor.text(MAX_KEY_BYTES);
    const dimensions = cursor.u32();
    if (dimensions > MAX_DIMENSIONS) {
      throw new GgufMalformed(`tensor ${JSON.stringify(name)} has ${dimensions} dimensions`);
    }
    let elements = 1;
    for (let dimension = 0; dimension < dimensions; dimension += 1) {
      elements *= cursor.count('elements of a dimension', 2 ** 40);
      if (elements > Number.MAX_SAFE_INTEGER)
        throw new GgufMalformed(`tensor ${JSON.stringify(name)} is too large`);
    }
    const block = TENSOR_BLOCKS.get(cursor.u32());
    const offset = cursor.count('bytes of offset', 2 ** 50);
    const bytes = block === undefined ? 0 : Math.ceil(elements / block.elements) * block.bytes;
    parameters += elements;
    endOffset = Math.max(endOffset, offset + bytes);
  }
  return { parameters, endOffset };
}

function readValue(cursor: Cursor, type: number): GgufValue {
  if (type === TYPE_TEXT) return cursor.text(MAX_TEXT_BYTES);
  if (type === TYPE_ARRAY) return readArray(cursor);
  return readNumber(cursor, type);
}

function readArray(cursor: Cursor): GgufArray {
  const type = cursor.u32();
  if (type === TYPE_ARRAY) throw new GgufMalformed('its metadata nest arrays');
  const length = cursor.count('elements of an array', MAX_ARRAY_LENGTH);
  if (length > MAX_KEPT_ARRAY) {
    if (type !== TYPE_TEXT) cursor.skip(length * numberBytes(type));
    else for (let index = 0; index < length; index += 1) cursor.skipText(MAX_TEXT_BYTES);
    return { length, values: null };
  }
  const values: (number | bigint | boolean | string)[] = [];
  for (let index = 0; index < length; index += 1) {
    values.push(type === TYPE_TEXT ? cursor.text(MAX_TEXT_BYTES) : readNumber(cursor, type));
  }
  return { length, values };
}

function numberBytes(type: number): number {
  const bytes = NUMBER_BYTES[type] ?? 0;
  if (bytes === 0) throw new GgufMalformed(`its metadata hold a value of unknown type ${type}`);
  return bytes;
}

function readNumber(cursor: Cursor, type: number): number | bigint | boolean {
  const view = cursor.view(numberBytes(type));
  switch (type) {
    case 0:
      return view.getUint8(0);
    case 1:
      return view.getInt8(0);
    case 2:
      return view.getUint16(0, true);
    case 3:
      return view.getInt16(0, true);
    case 4:
      return view.getUint32(0, true);
    case 5:
      return view.getInt32(0, true);
    case 6:
      return view.getFloat32(0, true);
    case 7:
      return view.getUint8(0) !== 0;
    case 10:
      return view.getBigUint64(0, true);
    case 11:
      return view.getBigInt64(0, true);
    default:
      return view.getFloat64(0, true);
  }
}

interface Cursor {
  u32(): number;
  /** An unsigned 64-bit count, at most `maximum`. */
  count(what: string, maximum: number): number;
  text(maximumBytes: number): string;
  skipText(maximumBytes: number): void;
  skip(length: number): void;
  view(length: number): DataView;
  offset(): number;
}

function createCursor(bytes: Uint8Array): Cursor {
  const all = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const decoder = new TextDecoder();
  let at = 0;
  function advance(length: number): number {
    if (length > bytes.length - at)
      throw new GgufIncomplete(`the header goes on behind byte ${bytes.length}`);
    const from = at;
    at += length;
    return from;
  }
  const cursor: Cursor = {
    u32: () => all.getUint32(advance(4), true),
    count(what, maximum) {
      const value = all.getBigUint64(advance(8), true);
      if (value > BigInt(maximum))
        throw new GgufMalformed(`it claims ${value} ${what}; at most ${maximum} are read`);
      return Number(value);
    },
    text(maximumBytes) {
      const length = cursor.count('bytes of text', maximumBytes);
      const from = advance(length);
      return decoder.decode(bytes.subarray(from, from + length));
    },
    skipText(maximumBytes) {
      advance(cursor.count('bytes of text', maximumBytes));
    },
    skip(length) {
      advance(length);
    },
    view(length) {
      return new DataView(bytes.buffer, bytes.byteOffset + advance(length), length);
    },
    offset: () => at,
  };
  return cursor;
}
