import {
  account,
  authorizationShape,
  bytes,
  bytes32,
  type Crypto,
  concatBytes,
  encode,
  struct,
  u16,
  u64,
  utf8ToBytes,
  type ValueOf,
} from '@cairn/core';

/** Largest encoded call; the parameter `maxTransactionBytes` bounds the whole transaction. */
export const MAX_CALL_BYTES = 65_536;

/** What a transaction says, without its signature. */
export const transactionBody = struct('TransactionBody', {
  /** SHA-256 of the genesis: a transaction is valid on one chain. */
  chainId: bytes32,
  sender: account,
  /** The sender's number of earlier transactions. */
  nonce: u64,
  /** Most pebbles the sender pays for bytes and work; what is not used is not taken. */
  maxFee: u64,
  /** Pebbles to the block's proposer; orders the mempool. */
  tip: u64,
  /** Last height at which it may enter a block; 0: no limit. */
  validUntil: u64,
  /** Number of the message, see the module's `messages`. */
  messageId: u16,
  /** SSZ bytes of the message. */
  message: bytes(MAX_CALL_BYTES),
});
export type TransactionBody = ValueOf<typeof transactionBody>;

export const transaction = struct('Transaction', {
  body: transactionBody,
  authorization: authorizationShape,
});
export type Transaction = ValueOf<typeof transaction>;

const SIGN_TAG = utf8ToBytes('cairn/tx/v1');

/** The bytes that the sender signs. */
export function transactionSignBytes(body: TransactionBody): Uint8Array {
  return concatBytes(SIGN_TAG, encode(transactionBody, body));
}

/** Where the parts of an encoded transaction begin. SSZ lays it out as two offsets of four bytes, body, authorization. */
function partsOf(bytes: Uint8Array): { readonly body: number; readonly authorization: number } {
  const offsets = new DataView(bytes.buffer, bytes.byteOffset, 8);
  return { body: offsets.getUint32(0, true), authorization: offsets.getUint32(4, true) };
}

/** The bytes that the sender signs, cut out of an encoded transaction that was decoded strictly. */
export function signBytesOf(bytes: Uint8Array): Uint8Array {
  const { body, authorization } = partsOf(bytes);
  return concatBytes(SIGN_TAG, bytes.subarray(body, authorization));
}

/** The authorization, cut out of an encoded transaction that was decoded strictly. */
export function authorizationBytesOf(bytes: Uint8Array): Uint8Array {
  return bytes.subarray(partsOf(bytes).authorization);
}

/** Id of a transaction, from the bytes that its sender signs: it does not depend on the signature. */
export function transactionId(crypto: Crypto, signBytes: Uint8Array): Uint8Array {
  return crypto.sha256(signBytes);
}
