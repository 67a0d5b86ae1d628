import { MAX_INNER_STEPS, type TensorShape } from '@cairn/protocol';
import { createBitWriter } from './bits.ts';
import { sizeOf, type Units } from './change.ts';
import { quantise } from './code-book.ts';
import {
  BLOCK_VALUES,
  blocksOf,
  FIXED_HEADER_BYTES,
  keptOf,
  MAGIC,
  malformed,
  riceBits,
  selectedOf,
  type UpdateCodec,
  type UpdateHeader,
  VERSION,
} from './format.ts';
import { createSelector, type Selector } from './select-largest.ts';

export interface Encoded {
  readonly bytes: Uint8Array;
  /** What was not sent: the residual of the next round. */
  readonly residual: Units;
}

/**
 * Writes a trainer's change as an update. Sparse: of each block of 4,096 values the `kept` largest, their places as
 * Rice-coded gaps and their values in two bits; what that loses stays in the residual, exactly. Dense: eight bits
 * for each value and one scale for each block, without residual. `changes` is used up.
 *
 * @throws TrainingError `UPDATE_MALFORMED` when header or codec are out of range.
 */
export function encodeUpdate(
  header: UpdateHeader,
  codec: UpdateCodec,
  table: readonly TensorShape[],
  changes: ReadonlyMap<string, Int32Array>,
): Encoded {
  assertHeader(header);
  assertCodec(codec);
  const parts = [headerBytes(header, codec, table)];
  const selector = createSelector();
  for (const { name } of table) {
    const values = changes.get(name)!;
    parts.push(codec.kind === 'sparse' ? sparseBytes(values, codec.kept, selector) : denseBytes(values));
  }
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return { bytes, residual: changes };
}

export function assertHeader({ run, base, round, steps }: UpdateHeader): void {
  if (run.length !== 32 || base.length !== 32) throw malformed('its run and base are 32 bytes each');
  if (!Number.isInteger(round) || round < 0 || round > 0xffff_ffff) throw malformed('its round is no u32');
  if (!Number.isInteger(steps) || steps < 1 || steps > MAX_INNER_STEPS)
    throw malformed(`it claims ${steps} steps, and a round has 1 to ${MAX_INNER_STEPS}`);
}

export function assertCodec(codec: UpdateCodec): void {
  if (codec.kind === 'dense') return;
  const { kept } = codec;
  if (!Number.isInteger(kept) || kept < 1 || kept > BLOCK_VALUES)
    throw malformed(`it keeps ${kept} values of a block of ${BLOCK_VALUES}`);
}

function headerBytes(header: UpdateHeader, codec: UpdateCodec, table: readonly TensorShape[]): Uint8Array {
  const bytes = new Uint8Array(FIXED_HEADER_BYTES + table.length * 4);
  const view = new DataView(bytes.buffer);
  bytes.set(MAGIC);
  bytes[4] = VERSION;
  bytes[5] = codec.kind === 'sparse' ? 0 : 1;
  view.setUint16(6, codec.kind === 'sparse' ? codec.kept : 0, true);
  view.setUint16(8, header.steps, true);
  view.setUint32(10, header.round, true);
  bytes.set(header.run, 14);
  bytes.set(header.base, 46);
  view.setUint16(78, table.length, true);
  for (const [index, shape] of table.entries())
    view.setUint32(FIXED_HEADER_BYTES + index * 4, sizeOf(shape), true);
  return bytes;
}

/** Four entries of the book, the bytes of the gaps and their number, the codes. Leaves the residual in `values`. */
function sparseBytes(values: Int32Array, kept: number, selector: Selector): Uint8Array {
  const positions = new Uint32Array(selectedOf(values.length, kept));
  let count = 0;
  const gaps = createBitWriter(positions.length);
  for (let start = 0; start < values.length; start += BLOCK_VALUES) {
    const end = Math.min(start + BLOCK_VALUES, values.length);
    const wanted = keptOf(end - start, kept);
    selector.select(values, start, end, wanted, positions, count);
    if (wanted < end - start) {
      const lowBits = riceBits(end - start, wanted);
      let next = start;
      for (let i = count; i < count + wanted; i += 1) {
        gaps.writeRice(positions[i]! - next, lowBits);
        next = positions[i]! + 1;
      }
    }
    count += wanted;
  }
  const { book, codes } = quantise(values, positions);
  for (let i = 0; i < count; i += 1) values[positions[i]!]! -= book[codes[i]!]!;
  const written = gaps.finish();
  const bytes = new Uint8Array(20 + written.length + Math.ceil(count / 4));
  const view = new DataView(bytes.buffer);
  for (const [code, entry] of book.entries()) view.setInt32(code * 4, entry, true);
  view.setUint32(16, written.length, true);
  bytes.set(written, 20);
  const first = 20 + written.length;
  for (let i = 0; i < count; i += 1) bytes[first + (i >>> 2)]! |= codes[i]! << ((i & 3) * 2);
  return bytes;
}

/** The scales, the values. What rounding loses is dropped: `values` is set to zero. */
function denseBytes(values: Int32Array): Uint8Array {
  const blocks = blocksOf(values.length);
  const bytes = new Uint8Array(blocks * 4 + values.length);
  const view = new DataView(bytes.buffer);
  for (let block = 0; block < blocks; block += 1) {
    const start = block * BLOCK_VALUES;
    const end = Math.min(start + BLOCK_VALUES, values.length);
    let largest = 0;
    for (let i = start; i < end; i += 1) largest = Math.max(largest, Math.abs(values[i]!));
    const scale = Math.ceil(largest / 127);
    view.setInt32(block * 4, scale, true);
    if (scale === 0) continue;
    for (let i = start; i < end; i += 1) {
      view.setInt8(blocks * 4 + i, Math.floor(values[i]! / scale + 0.5));
      values[i] = 0;
    }
  }
  return bytes;
}
