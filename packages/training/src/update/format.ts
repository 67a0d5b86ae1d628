import { TrainingError } from '../errors.ts';

/** Values of a tensor are cut into blocks of this many; the last block of a tensor may be shorter. */
export const BLOCK_VALUES = 4_096;
/** All of an update's values are whole multiples of 2⁻²⁴. */
export const FIXED_UNIT = 2 ** 24;
/** No value of an update is larger, in units: 64 in the weights' own measure. */
export const MAX_UNITS = 2 ** 30;

export const MAGIC = Uint8Array.of(0x43, 0x55, 0x50, 0x44);
export const VERSION = 1;
/** Up to, not including, the sizes of the tensors. */
export const FIXED_HEADER_BYTES = 80;

/** How an update is written: the largest values of each block in two bits, or every value in eight. */
export type UpdateCodec =
  | {
      readonly kind: 'sparse';
      /** Values kept of each block of 4,096. */
      readonly kept: number;
    }
  | { readonly kind: 'dense' };

export interface UpdateHeader {
  /** Hash that names the run. 32 bytes. */
  readonly run: Uint8Array;
  readonly round: number;
  /** Root of the weights that the update was trained from. 32 bytes. */
  readonly base: Uint8Array;
  /** Inner steps that were made, 1 to 4,096. */
  readonly steps: number;
}

/** Some values of a tensor: `book[codes[i]]` is what changed at `positions[i]`, in units of 2⁻²⁴. */
export interface SparseTensor {
  readonly kind: 'sparse';
  readonly size: number;
  /** Ascending. */
  readonly positions: Uint32Array;
  /** One of 0 to 3 for each position. */
  readonly codes: Uint8Array;
  /** Four entries; one that no code uses is 0. */
  readonly book: Int32Array;
}

/** All values of a tensor: value `i` is `values[i] × scales[i / 4096]`, in units of 2⁻²⁴. */
export interface DenseTensor {
  readonly kind: 'dense';
  readonly size: number;
  readonly scales: Int32Array;
  readonly values: Int8Array;
}

export interface Update {
  readonly header: UpdateHeader;
  readonly codec: UpdateCodec;
  /** In the order of the run's table of tensors. */
  readonly tensors: readonly (SparseTensor | DenseTensor)[];
}

export function blocksOf(size: number): number {
  return Math.ceil(size / BLOCK_VALUES);
}

/** Values kept of a block of `length`: all of it, when it is shorter than what is kept of a full one. */
export function keptOf(length: number, kept: number): number {
  return Math.min(length, kept);
}

/** Values that a sparse tensor of `size` carries. */
export function selectedOf(size: number, kept: number): number {
  const whole = Math.floor(size / BLOCK_VALUES);
  return whole * keptOf(BLOCK_VALUES, kept) + keptOf(size % BLOCK_VALUES, kept);
}

/** Low bits of a gap that are written as they are: the most with 2^bits ≤ 0.69 × the mean gap. */
export function riceBits(length: number, kept: number): number {
  let bits = 0;
  while (2 ** (bits + 1) * 100 * kept <= 69 * length) bits += 1;
  return bits;
}

export function malformed(reason: string): TrainingError {
  return new TrainingError(
    { code: 'UPDATE_MALFORMED', reason },
    `The update is malformed: ${reason}. It is refused; its sender can encode it again.`,
  );
}
