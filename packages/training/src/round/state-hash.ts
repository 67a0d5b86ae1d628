import type { TensorShape, TensorTable } from '@cairn/protocol';

/** SHA-256 of bytes; in browsers the native one is asynchronous. */
export type Digest = (bytes: Uint8Array) => Uint8Array | Promise<Uint8Array>;

/** Everything a further inner step depends on, besides the data. */
export interface InnerState {
  readonly parameters: TensorTable;
  readonly firstMoments: TensorTable;
  readonly secondMoments: TensorTable;
}

const HASH_BYTES = 32;

/**
 * Hash of a state: SHA-256 of the step (u32, little endian) and the SHA-256 of each tensor's bytes (f32, little
 * endian), parameters first, then first and second moments, each in table order. The leaf of a step trace.
 *
 * @param step inner steps that led to it; 0 is the base, where all moments are zero.
 */
export function stateHash(
  digest: Digest,
  table: readonly TensorShape[],
  step: number,
  state: InnerState,
): Promise<Uint8Array> {
  return hashTensors(digest, step, orderTensors(table, state));
}

/** The tensors of a state in the order in which they are hashed. */
export function orderTensors(table: readonly TensorShape[], state: InnerState): Float32Array[] {
  return [state.parameters, state.firstMoments, state.secondMoments].flatMap((tensors) =>
    table.map(({ name }) => tensors.get(name)!),
  );
}

/** As `stateHash`. All tensors are handed to `digest` before this returns. */
export async function hashTensors(
  digest: Digest,
  step: number,
  tensors: readonly Float32Array[],
): Promise<Uint8Array> {
  const hashes = await Promise.all(tensors.map((values) => digest(bytesOf(values))));
  const hashed = new Uint8Array(4 + HASH_BYTES * hashes.length);
  new DataView(hashed.buffer).setUint32(0, step, true);
  for (const [index, hash] of hashes.entries()) hashed.set(hash, 4 + HASH_BYTES * index);
  return digest(hashed);
}

function bytesOf(values: Float32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
