import { type AccountId, authorize, type Crypto, encode, type Signer } from '@cairn/core';
import {
  declaredWork,
  type Parameters,
  requiredFee,
  type TransactionBody,
  transactionId,
  transactionSignBytes,
  transactionToBytes,
} from '@cairn/ledger';
import { requireMessage } from './message-index.ts';

export interface TransactionRequest {
  readonly chainId: Uint8Array;
  readonly sender: AccountId;
  readonly nonce: bigint;
  /** `<module>.<verb>` */
  readonly message: string;
  /** The message's fields, as its shape wants them. */
  readonly value: unknown;
  /** Pebbles to the proposer. @default 0n */
  readonly tip?: bigint;
  /** Last height at which it may enter a block. @default 0n no limit */
  readonly validUntil?: bigint;
}

export interface SignedTransaction {
  readonly bytes: Uint8Array;
  readonly id: Uint8Array;
  /** Pebbles it costs for bytes and work. */
  readonly fee: bigint;
}

/** A quarter of its fee: what a transaction may cost more, should prices be voted up while it is on its way. */
const headroomDivisor = 4n;

/**
 * Builds and signs a transaction whose limit is its fee and a quarter more. It pays what its fee is in its block.
 *
 * @throws SdkError `MESSAGE_UNKNOWN`; CoreError `VALUE_OUT_OF_RANGE` when the value does not fit the message
 */
export async function signTransaction(
  crypto: Crypto,
  signer: Signer,
  parameters: Parameters,
  request: TransactionRequest,
): Promise<SignedTransaction> {
  const definition = requireMessage(request.message);
  const work = declaredWork(definition, request.value);
  const body: TransactionBody = {
    chainId: request.chainId,
    sender: request.sender,
    nonce: request.nonce,
    maxFee: 0n,
    tip: request.tip ?? 0n,
    validUntil: request.validUntil ?? 0n,
    messageId: definition.id,
    message: encode(definition.shape, request.value),
  };
  // A signature may vary in length (WebAuthn), the fee must not: measure with a first one, then sign the fee.
  const draft = transactionToBytes({
    body,
    authorization: await authorize(signer, transactionSignBytes(body)),
  });
  const fee = requiredFee(parameters, draft.length, work);
  const final = { ...body, maxFee: fee + fee / headroomDivisor };
  const signBytes = transactionSignBytes(final);
  const authorization = await authorize(signer, signBytes);
  return {
    bytes: transactionToBytes({ body: final, authorization }),
    id: transactionId(crypto, signBytes),
    fee,
  };
}
