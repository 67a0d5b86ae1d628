import {
  account,
  bytes32,
  type Crypto,
  concatBytes,
  encode,
  struct,
  u64,
  utf8ToBytes,
  type ValueOf,
} from '@cairn/core';

/** What a block's hash covers. */
export const headerShape = struct('Header', {
  chainId: bytes32,
  height: u64,
  /** Consensus time, above the previous block's. Milliseconds since 1970. */
  timeMs: u64,
  previousHash: bytes32,
  transactionsRoot: bytes32,
  /** Root of the state after the previous block. */
  previousAppHash: bytes32,
  proposer: account,
});
export type Header = ValueOf<typeof headerShape>;

export function blockHash(crypto: Crypto, header: Header): Uint8Array {
  return crypto.sha256(encode(headerShape, header));
}

/** What the operator of a solo chain signs. */
export function blockSignBytes(hash: Uint8Array): Uint8Array {
  return concatBytes(utf8ToBytes('cairn/block/v1'), hash);
}
