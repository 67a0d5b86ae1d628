import {
  account,
  bytes32,
  type Crypto,
  concatBytes,
  decode,
  encode,
  fixedBytes,
  struct,
  u16,
  u32,
  u64,
  utf8ToBytes,
  type ValueOf,
} from '@cairn/core';
import { ProtocolError } from '../errors.ts';

/** The protocol of live load: gossiped, never on the ledger. */
export const LOAD_PROTOCOL = '/cairn/load/1';

/** How busy one device of a provider is with one artifact. */
export const loadShape = struct('Load', {
  provider: account,
  /** Ed25519 public key of the device's peer, which signs. */
  peerKey: bytes32,
  artifact: bytes32,
  /** Requests that wait. */
  queueLength: u16,
  /** Requests being answered. */
  inFlight: u16,
  /** Tokens per second of one stream, in thousandths. */
  tokensPerSecondMilli: u32,
  /** Slot in which this was true. */
  slot: u64,
});
export type Load = ValueOf<typeof loadShape>;

export const signedLoadShape = struct('SignedLoad', { load: loadShape, signature: fixedBytes(64) });
export type SignedLoad = ValueOf<typeof signedLoadShape>;

/** The bytes a device signs. */
export function loadSignBytes(chainId: Uint8Array, load: Load): Uint8Array {
  return concatBytes(utf8ToBytes('cairn/load/v1'), chainId, encode(loadShape, load));
}

export function encodeSignedLoad(signed: SignedLoad): Uint8Array {
  return encode(signedLoadShape, signed);
}

/** @throws ProtocolError `FRAME_MALFORMED` */
export function decodeSignedLoad(bytes: Uint8Array): SignedLoad {
  try {
    return decode(signedLoadShape, bytes);
  } catch (cause) {
    throw new ProtocolError(
      { code: 'FRAME_MALFORMED', reason: 'load' },
      `${bytes.length} bytes are no signed load.`,
      { cause },
    );
  }
}

/** True when the device that the load names has signed it on this chain. */
export function verifyLoad(crypto: Crypto, chainId: Uint8Array, { load, signature }: SignedLoad): boolean {
  return crypto.verifyEd25519(load.peerKey, loadSignBytes(chainId, load), signature);
}
