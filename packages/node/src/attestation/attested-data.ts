import { areBytesEqual, type Crypto, concatBytes, utf8ToBytes } from '@cairn/core';
import type { SealingPublicKeys } from '@cairn/protocol';

/** Whose keys a quote vouches for. */
export interface AttestedProvider {
  readonly chainId: Uint8Array;
  readonly provider: Uint8Array;
  readonly sealing: SealingPublicKeys;
}

/**
 * What a guest puts into its quote so that it vouches for sealing keys of a provider: SHA-256 over a tag, the chain, the
 * provider and both keys, then 32 zeros. So requests that are sealed to these keys are opened in that guest, if its
 * program keeps them there.
 */
export function attestedDataOf(crypto: Crypto, { chainId, provider, sealing }: AttestedProvider): Uint8Array {
  const bound = new Uint8Array(64);
  bound.set(
    crypto.sha256(
      concatBytes(utf8ToBytes('cairn/attest/v1'), chainId, provider, sealing.x25519, sealing.xWing),
    ),
  );
  return bound;
}

/** Whether a report's data vouches for these keys of this provider, on this chain. */
export const isBoundTo = (crypto: Crypto, reportData: Uint8Array, wanted: AttestedProvider): boolean =>
  areBytesEqual(reportData, attestedDataOf(crypto, wanted));
