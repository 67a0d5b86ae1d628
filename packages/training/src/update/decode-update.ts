import type { TensorShape } from '@cairn/protocol';
import { createBitReader } from './bits.ts';
import { sizeOf } from './change.ts';
import { assertCodec, assertHeader } from './encode-update.ts';
import {
  BLOCK_VALUES,
  blocksOf,
  type DenseTensor,
  FIXED_HEADER_BYTES,
  keptOf,
  MAGIC,
  MAX_UNITS,
  malformed,
  riceBits,
  type SparseTensor,
  selectedOf,
  type Update,
  type UpdateCodec,
  VERSION,
} from './format.ts';

/** Largest scale of a block: 127 of it are the largest value allowed. */
const MAX_SCALE = Math.ceil(MAX_UNITS / 127);

/**
 * No update of this table and codec is longer, in bytes. What is longer need not be read to be refused.
 */
export function maxUpdateBytes(codec: UpdateCodec, table: readonly TensorShape[]): number {
  let bytes = FIXED_HEADER_BYTES + table.length * 4;
  for (const shape of table) {
    const size = sizeOf(shape);
    bytes +=
      codec.kind === 'dense'
        ? size + blocksOf(size) * 4
        : 20 + maxGapBytes(size, codec.kept) + Math.ceil(selectedOf(size, codec.kept) / 4);
  }
  return bytes;
}

/** Each gap costs its low bits and a zero; all quotients of a block together at most its length over 2^bits. */
function maxGapBytes(size: number, kept: number): number {
  const bitsOf = (length: number): number => {
    const wanted = keptOf(length, kept);
    if (wanted === length) return 0;
    const lowBits = riceBits(length, wanted);
    return wanted * (lowBits + 1) + (length >>> lowBits);
  };
  const whole = Math.floor(size / BLOCK_VALUES);
  return Math.ceil((whole * bitsOf(BLOCK_VALUES) + bitsOf(size % BLOCK_VALUES)) / 8);
}

/**
 * Reads a stranger's update for a run's table and codec. There is one encoding of each update and everything else is
 * refused; what it says is whole numbers within bounds, so no value of it is infinite or NaN. It allocates no more
 * than the table's own values.
 *
 * @throws TrainingError `UPDATE_MALFORMED`.
 */
export function decodeUpdate(bytes: Uint8Array, codec: UpdateCodec, table: readonly TensorShape[]): Update {
  assertCodec(codec);
  if (bytes.length > maxUpdateBytes(codec, table)) throw malformed(`${bytes.length} bytes are too many`);
  const start = FIXED_HEADER_BYTES + table.length * 4;
  if (bytes.length < start) throw malformed('it ends in its header');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (MAGIC.some((byte, index) => bytes[index] !== byte)) throw malformed('it does not begin as an update');
  if (bytes[4] !== VERSION) throw malformed(`its version is ${bytes[4]}, and ${VERSION} is known`);
  const kept = codec.kind === 'sparse' ? codec.kept : 0;
  if (bytes[5] !== (codec.kind === 'sparse' ? 0 : 1) || view.getUint16(6, true) !== kept)
    throw malformed(`it is not ${codec.kind === 'sparse' ? `sparse with ${kept} kept` : 'dense'}`);
  const header = {
    steps: view.getUint16(8, true),
    round: view.getUint32(10, true),
    run: bytes.slice(14, 46),
    base: bytes.slice(46, 78),
  };
  assertHeader(header);
  if (view.getUint16(78, true) !== table.length) throw malformed('its table has another number of tensors');
  let at = start;
  const take = (length: number): Uint8Array => {
    if (at + length > bytes.length) throw malformed('it ends early');
    at += length;
    return bytes.subarray(at - length, at);
  };
  const tensors = table.map((shape, index) => {
    const size = sizeOf(shape);
    if (view.getUint32(FIXED_HEADER_BYTES + index * 4, true) !== size)
      throw malformed(`it gives ${shape.name} another size than ${size}`);
    return codec.kind === 'sparse' ? readSparse(take, size, codec.kept) : readDense(take, size);
  });
  if (at !== bytes.length) throw malformed('bytes follow its last tensor');
  return { header, codec, tensors };
}

type Take = (length: number) => Uint8Array;

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function readSparse(take: Take, size: number, kept: number): SparseTensor {
  const head = viewOf(take(20));
  const book = Int32Array.from({ length: 4 }, (_, code) => head.getInt32(code * 4, true));
  const gapBytes = head.getUint32(16, true);
  if (gapBytes > maxGapBytes(size, kept)) throw malformed('its gaps take more bytes than they can');
  const positions = readPositions(take(gapBytes), size, kept);
  const packed = take(Math.ceil(positions.length / 4));
  const codes = new Uint8Array(positions.length);
  const isUsed = [false, false, false, false];
  for (let i = 0; i < codes.length; i += 1) {
    const code = (packed[i >>> 2]! >>> ((i & 3) * 2)) & 3;
    codes[i] = code;
    isUsed[code] = true;
  }
  const spare = codes.length & 3;
  if (spare !== 0 && packed.at(-1)! >>> (spare * 2) !== 0)
    throw malformed('what fills its last codes is not zero');
  assertBook(book, isUsed);
  return { kind: 'sparse', size, positions, codes, book };
}

function readPositions(bytes: Uint8Array, size: number, kept: number): Uint32Array {
  const reader = createBitReader(bytes);
  const positions = new Uint32Array(selectedOf(size, kept));
  let count = 0;
  for (let start = 0; start < size; start += BLOCK_VALUES) {
    const end = Math.min(start + BLOCK_VALUES, size);
    const wanted = keptOf(end - start, kept);
    const isWhole = wanted === end - start;
    const lowBits = riceBits(end - start, wanted);
    let next = start;
    for (let left = wanted; left > 0; left -= 1) {
      const gap = isWhole ? 0 : reader.readRice(lowBits, end - next - left);
      positions[count++] = next + gap;
      next += gap + 1;
    }
  }
  reader.end();
  return positions;
}

function assertBook(book: Int32Array, isUsed: readonly boolean[]): void {
  let before = -MAX_UNITS - 1;
  for (const [code, entry] of book.entries()) {
    if (!isUsed[code]) {
      if (entry !== 0) throw malformed('its book has an entry that nothing uses');
      continue;
    }
    if (entry > MAX_UNITS || entry <= before)
      throw malformed('the entries of its book do not rise within bounds');
    if (code < 2 ? entry >= 0 : entry < 0) throw malformed('an entry of its book has the wrong sign');
    before = entry;
  }
}

function readDense(take: Take, size: number): DenseTensor {
  const blocks = blocksOf(size);
  const head = viewOf(take(blocks * 4));
  const scales = Int32Array.from({ length: blocks }, (_, block) => head.getInt32(block * 4, true));
  const raw = take(size);
  const values = new Int8Array(size);
  values.set(raw);
  for (const [block, scale] of scales.entries()) {
    if (scale < 0 || scale > MAX_SCALE) throw malformed('a scale is out of bounds');
    const end = Math.min((block + 1) * BLOCK_VALUES, size);
    for (let i = block * BLOCK_VALUES; i < end; i += 1) {
      if (values[i] === -128) throw malformed('a value is below -127');
      if (scale === 0 && values[i] !== 0) throw malformed('a value has no scale');
    }
  }
  return { kind: 'dense', size, scales, values };
}
