import { ed25519 } from '@noble/curves/ed25519.js';

/**
 * Whether a CometBFT vote is signed, by its rule for ed25519: ZIP-215, which is cofactored and takes encodings that the
 * rule for transactions refuses. Only votes are checked so: what CometBFT accepted, a light client must accept too.
 * Never throws. Cost: about 2 ms.
 */
export function verifyConsensusVote(
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  if (publicKey.length !== 32 || signature.length !== 64) return false;
  try {
    return ed25519.verify(signature, message, publicKey, { zip215: true });
  } catch {
    // Thrown for bytes that are no point: an expected outcome of a stranger's bytes.
    return false;
  }
}
