import { areBytesEqual, type Crypto, concatBytes } from '@cairn/core';
import { merkleRoot } from '@cairn/protocol';

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
