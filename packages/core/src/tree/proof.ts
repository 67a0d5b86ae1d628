import { areBytesEqual } from '../bytes.ts';
import { bytes, bytes32, u16 } from '../codec/basic.ts';
import { list, optional, type StructOf, struct } from '../codec/compound.ts';
import type { Shape } from '../codec/shape.ts';
import type { Crypto } from '../ports.ts';
import { bitAt, EMPTY_ROOT, hashLeaf, hashStateKey } from './hashing.ts';

/** Levels of the tree: bits of a key hash. */
export const MAX_DEPTH = 256;

const leafFields = { keyHash: bytes32, valueHash: bytes32 };
const proofFields = {
  /** Level at which the path of the key ends. */
  depth: u16,
  /** Bit per level from the root, highest bit first: whether the sibling below it is not empty. */
  bitmap: bytes(MAX_DEPTH / 8),
  /** The siblings that are not empty, from the root down. */
  siblings: list(bytes32, MAX_DEPTH),
  /** The leaf of another key that stands where the path ends; only in a proof of absence. */
  other: optional(struct('StateLeaf', leafFields)),
};

/** Shows what the state holds under one key. */
export type StateProof = StructOf<typeof proofFields>;
export const stateProof: Shape<StateProof> = struct('StateProof', proofFields);

/** One tree and key have one proof; this refuses every other way to write it. */
function isWellFormed(proof: StateProof): boolean {
  const { depth, bitmap, siblings } = proof;
  if (depth > MAX_DEPTH || bitmap.length !== (depth + 7) >>> 3) return false;
  let count = 0;
  for (let level = 0; level < bitmap.length * 8; level++) {
    if (bitAt(bitmap, level) === 0) continue;
    if (level >= depth) return false;
    count++;
  }
  if (count !== siblings.length || siblings.some((sibling) => areBytesEqual(sibling, EMPTY_ROOT)))
    return false;
  // A path ends as high as it can, so the lowest sibling is never empty.
  return depth === 0 || bitAt(bitmap, depth - 1) === 1;
}

function sharesPath(a: Uint8Array, b: Uint8Array, depth: number): boolean {
  for (let level = 0; level < depth; level++) if (bitAt(a, level) !== bitAt(b, level)) return false;
  return true;
}

/** Hash of the node that the proof puts at the end of the path, or null when it may not stand there. */
function endOfPath(
  crypto: Crypto,
  keyHash: Uint8Array,
  value: Uint8Array | null,
  proof: StateProof,
): Uint8Array | null {
  if (value !== null) return proof.other === null ? hashLeaf(crypto, keyHash, crypto.sha256(value)) : null;
  if (proof.other === null) return EMPTY_ROOT;
  const { keyHash: otherKey, valueHash } = proof.other;
  if (areBytesEqual(otherKey, keyHash) || !sharesPath(otherKey, keyHash, proof.depth)) return null;
  return hashLeaf(crypto, otherKey, valueHash);
}

/**
 * Whether the state of `root` holds `value` under `key`, or nothing when `value` is null.
 * Never throws: a proof that is wrong in any way is `false`.
 */
export function verifyStateProof(
  crypto: Crypto,
  root: Uint8Array,
  key: string,
  value: Uint8Array | null,
  proof: StateProof,
): boolean {
  if (!isWellFormed(proof)) return false;
  const keyHash = hashStateKey(crypto, key);
  let hash = endOfPath(crypto, keyHash, value, proof);
  if (hash === null) return false;
  let next = proof.siblings.length;
  for (let level = proof.depth - 1; level >= 0; level--) {
    const sibling = bitAt(proof.bitmap, level) === 1 ? (proof.siblings[--next] as Uint8Array) : EMPTY_ROOT;
    const pair = new Uint8Array(64);
    const isRight = bitAt(keyHash, level) === 1;
    pair.set(hash, isRight ? 32 : 0);
    pair.set(sibling, isRight ? 0 : 32);
    hash = crypto.sha256(pair);
  }
  return areBytesEqual(hash, root);
}
