import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { EngineError, reasonOf } from '../errors.ts';

/** Bytes of one leaf of the Merkle tree over a file. */
export const DIGEST_CHUNK_BYTES = 1 << 20;

export interface FileDigest {
  readonly sizeBytes: number;
  /** Lower-case hex. */
  readonly sha256: string;
  /** Lower-case hex of the root over 1 MiB chunks. */
  readonly merkleRoot: string;
}

const LEAF = Uint8Array.of(0);
const INNER = Uint8Array.of(1);

/**
 * Size, SHA-256 and Merkle root of a file in one pass, with one chunk in memory at a time.
 *
 * The tree: leaf = SHA-256(0x00 ‖ chunk) of each 1 MiB chunk (the last may be shorter; an empty file is one empty
 * chunk); inner = SHA-256(0x01 ‖ left ‖ right); a node without a right neighbour moves up unchanged. The prefixes
 * keep a chunk from passing for an inner node.
 *
 * @throws EngineError `MODEL_FILE_MISSING`
 */
export async function digestFile(path: string): Promise<FileDigest> {
  const whole = createHash('sha256');
  const leaves: Uint8Array[] = [];
  let leaf = createHash('sha256').update(LEAF);
  let inLeaf = 0;
  let sizeBytes = 0;
  try {
    for await (const part of createReadStream(path, { highWaterMark: DIGEST_CHUNK_BYTES })) {
      const bytes = part as Uint8Array;
      whole.update(bytes);
      sizeBytes += bytes.length;
      for (let at = 0; at < bytes.length; ) {
        const piece = bytes.subarray(at, at + DIGEST_CHUNK_BYTES - inLeaf);
        leaf.update(piece);
        inLeaf += piece.length;
        at += piece.length;
        if (inLeaf < DIGEST_CHUNK_BYTES) continue;
        leaves.push(leaf.digest());
        leaf = createHash('sha256').update(LEAF);
        inLeaf = 0;
      }
    }
  } catch (error) {
    throw new EngineError(
      { code: 'MODEL_FILE_MISSING', path },
      `The file ${path} cannot be read: ${reasonOf(error)}. Check the path and its permissions.`,
      { cause: error },
    );
  }
  if (inLeaf > 0 || leaves.length === 0) leaves.push(leaf.digest());
  return {
    sizeBytes,
    sha256: whole.digest('hex'),
    merkleRoot: Buffer.from(merkleRoot(leaves)).toString('hex'),
  };
}

function merkleRoot(leaves: readonly Uint8Array[]): Uint8Array {
  let level = leaves;
  while (level.length > 1) {
    const next: Uint8Array[] = [];
    for (let index = 0; index < level.length; index += 2) {
      const left = level[index]!;
      const right = level[index + 1];
      next.push(
        right === undefined ? left : createHash('sha256').update(INNER).update(left).update(right).digest(),
      );
    }
    level = next;
  }
  return level[0]!;
}
