import { areBytesEqual, type Crypto, concatBytes } from '@cairn/core';
import { merkleRoot, type TensorShape, type TensorTable } from '@cairn/protocol';

/** SHA-256 of bytes; in browsers the native one is asynchronous. */
export type Digest = (bytes: Uint8Array) => Uint8Array | Promise<Uint8Array>;

/** Everything a further inner step depends on, besides the data. */
export interface InnerState {
  readonly parameters: TensorTable;
  readonly firstMoments: TensorTable;
  readonly secondMoments: TensorTable;
}

/**
 * Hash of a state: SHA-256 of the step (u32, little endian) and the SHA-256 of each tensor's bytes (f32, little
 * endian), parameters first, then first and second moments, each in table order. The leaf of a step trace.
 *
 * @param step inner steps that led to it; 0 is the base, where all moments are zero.
 */
export async function stateHash(
  digest: Digest,
  table: readonly TensorShape[],
  step: number,
  state: InnerState,
): Promise<Uint8Array> {
  const head = new Uint8Array(4);
  new DataView(head.buffer).setUint32(0, step, true);
  const parts: Uint8Array[] = [head];
  for (const tensors of [state.parameters, state.firstMoments, state.secondMoments])
    for (const { name } of table) parts.push(await digest(bytesOf(tensors.get(name)!)));
  return digest(concatBytes(...parts));
}

function bytesOf(values: Float32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

/** Root of a step trace: RFC 6962 over the hashes of the states 0 to h. */
export function traceRoot(crypto: Crypto, leaves: readonly Uint8Array[]): Uint8Array {
  return merkleRoot(crypto, leaves);
}

/** The hashes beside the way from one leaf to the root, lowest first. */
export function traceProof(crypto: Crypto, leaves: readonly Uint8Array[], index: number): Uint8Array[] {
  if (leaves.length <= 1) return [];
  const width = widthBelow(leaves.length);
  const [left, right] = [leaves.slice(0, width), leaves.slice(width)];
  return index < width
    ? [...traceProof(crypto, left, index), merkleRoot(crypto, right)]
    : [...traceProof(crypto, right, index - width), merkleRoot(crypto, left)];
}

/** Whether `leaf` is the state `index` of the `count` states under `root`. Never throws. */
export function isInTrace(
  crypto: Crypto,
  root: Uint8Array,
  { leaf, index, count }: { readonly leaf: Uint8Array; readonly index: number; readonly count: number },
  proof: readonly Uint8Array[],
): boolean {
  if (!Number.isInteger(index) || index < 0 || index >= count || count > 0xffff_ffff) return false;
  const rootOf = (at: number, size: number, depth: number): Uint8Array | null => {
    if (size === 1) return depth === 0 ? crypto.sha256(concatBytes(Uint8Array.of(0), leaf)) : null;
    const sibling = proof[depth - 1];
    if (sibling?.length !== 32) return null;
    const width = widthBelow(size);
    const isLeft = at < width;
    const own = isLeft ? rootOf(at, width, depth - 1) : rootOf(at - width, size - width, depth - 1);
    if (own === null) return null;
    return crypto.sha256(
      isLeft ? concatBytes(Uint8Array.of(1), own, sibling) : concatBytes(Uint8Array.of(1), sibling, own),
    );
  };
  const found = rootOf(index, count, proof.length);
  return found !== null && areBytesEqual(found, root);
}

/** The largest power of two below `count`. */
function widthBelow(count: number): number {
  let width = 1;
  while (width * 2 < count) width *= 2;
  return width;
}
