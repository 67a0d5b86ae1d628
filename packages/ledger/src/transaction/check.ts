import {
  type AccountId,
  type Amount,
  accountIdToAddress,
  areBytesEqual,
  authorizationAccount,
  bytesToHex,
  CoreError,
  type Crypto,
  decode,
  encode,
  formatAmount,
  verifyAuthorization,
} from '@cairn/core';
import { frozenProblem, speakingKeyOf } from '../accounts/keys/speaking.ts';
import { type Account, accounts } from '../accounts/state.ts';
import { createCalls } from '../execution/calls.ts';
import { type MessageDefinition, problem, type TransactionProblem } from '../execution/message.ts';
import { modulePaused } from '../governance/paused-problem.ts';
import { MODULES } from '../modules.ts';
import type { Parameters } from '../parameters/table.ts';
import type { StateView } from '../state/view.ts';
import { signBytesOf, type Transaction, transaction, transactionId } from './transaction.ts';

// biome-ignore lint/suspicious/noExplicitAny: each message is matched to its own shape by id
const MESSAGES = new Map<number, MessageDefinition<any>>(
  MODULES.flatMap((module) => module.messages.map((message) => [message.id, message])),
);

/** Messages that run inside others. */
export const CALLS = createCalls(MESSAGES);

/** Declared work units of a message. */
export function declaredWork<T>(definition: MessageDefinition<T>, message: T): number {
  return definition.work(message, CALLS);
}

/** A decoded transaction with what follows from its bytes alone. */
export interface ParsedTransaction {
  readonly transaction: Transaction;
  /** Hex; does not depend on the signature. */
  readonly id: string;
  readonly sizeBytes: number;
  // biome-ignore lint/suspicious/noExplicitAny: see above
  readonly definition: MessageDefinition<any>;
  readonly message: unknown;
  /** Declared work units. */
  readonly work: number;
  /** Account of the key that signed. Whether it may speak for the sender is for the state to say. */
  readonly signer: AccountId;
}

export type Parsed =
  | { readonly ok: true; readonly parsed: ParsedTransaction }
  | { readonly ok: false; readonly problem: TransactionProblem };

const refuse = (code: string, message: string) => ({ ok: false, problem: problem(code, message) }) as const;

/** Decodes strictly. Never throws on bytes of strangers. */
export function parseTransaction(crypto: Crypto, bytes: Uint8Array): Parsed {
  try {
    const decoded = decode(transaction, bytes);
    const definition = MESSAGES.get(decoded.body.messageId);
    if (definition === undefined) {
      return refuse(
        'MESSAGE_UNKNOWN',
        `No message has the number ${decoded.body.messageId}. Upgrade, or use a known one.`,
      );
    }
    const message = decode(definition.shape, decoded.body.message);
    const parsed = {
      transaction: decoded,
      id: bytesToHex(transactionId(crypto, signBytesOf(bytes))),
      sizeBytes: bytes.length,
      definition,
      message,
      work: declaredWork(definition, message),
      signer: authorizationAccount(crypto, decoded.authorization),
    };
    return { ok: true, parsed };
  } catch (error) {
    if (error instanceof CoreError)
      return refuse('TRANSACTION_MALFORMED', `${error.message} Build it with the SDK.`);
    throw error;
  }
}

/** Pebbles for the bytes and the declared work of a transaction, without tip. */
export function requiredFee(parameters: Parameters, sizeBytes: number, work: number): Amount {
  return (
    parameters.feeBase + parameters.feePerByte * BigInt(sizeBytes) + parameters.feePerWork * BigInt(work)
  );
}

/** What may differ between admission and execution. */
export interface CheckOptions {
  readonly chainId: Uint8Array;
  readonly parameters: Parameters;
  /** Height of the block it would enter. */
  readonly height: number;
  /** Admission lets nonces run ahead by this much; execution wants the exact one. @default 0 */
  readonly nonceWindow?: number;
}

/**
 * Checks a parsed transaction against the state: all but whether the signature holds, which follows from the
 * bytes alone. Null: it may enter.
 */
export function checkTransaction(
  view: StateView,
  parsed: ParsedTransaction,
  { chainId, parameters, height, nonceWindow = 0 }: CheckOptions,
): TransactionProblem | null {
  const {
    transaction: { body },
    sizeBytes,
    work,
    definition,
  } = parsed;
  if (!areBytesEqual(body.chainId, chainId)) {
    return problem(
      'WRONG_CHAIN',
      `This transaction is for chain ${bytesToHex(body.chainId)}, this is ${bytesToHex(chainId)}. Sign it for this chain.`,
    );
  }
  if (BigInt(sizeBytes) > parameters.maxTransactionBytes) {
    return problem(
      'TRANSACTION_TOO_LARGE',
      `${sizeBytes} bytes are more than the ${parameters.maxTransactionBytes} allowed.`,
    );
  }
  if (BigInt(work) > parameters.maxBlockWork) {
    return problem(
      'TRANSACTION_TOO_HEAVY',
      `${work} work units are more than a block's ${parameters.maxBlockWork}.`,
    );
  }
  if (body.validUntil !== 0n && body.validUntil < BigInt(height)) {
    return problem(
      'TRANSACTION_EXPIRED',
      `It was valid until height ${body.validUntil}, this is ${height}. Sign it again.`,
    );
  }
  const paused = modulePaused(view, definition.name);
  if (paused !== null) return paused;
  const account = accounts.get(view, body.sender);
  const address = (): string => accountIdToAddress(body.sender);
  if (account === undefined) {
    return problem(
      'ACCOUNT_UNKNOWN',
      `Account ${address()} does not exist. It opens with the first CAIRN sent to it.`,
    );
  }
  const barred = checkSigner(view, parsed, account);
  if (barred !== null) return barred;
  if (body.nonce < account.nonce) {
    return problem(
      'NONCE_STALE',
      `Nonce ${body.nonce} of ${address()} was used; the next is ${account.nonce}.`,
    );
  }
  if (body.nonce > account.nonce + BigInt(nonceWindow)) {
    return problem(
      'NONCE_TOO_HIGH',
      `Nonce ${body.nonce} of ${address()} is ahead; the next is ${account.nonce}.`,
    );
  }
  const fee = requiredFee(parameters, sizeBytes, work);
  if (body.maxFee < fee) {
    return problem(
      'FEE_TOO_LOW',
      `This transaction costs ${formatAmount(fee)} CAIRN, its limit is ${formatAmount(body.maxFee)}. Raise maxFee.`,
    );
  }
  const needs = fee + body.tip;
  if (account.spendable < needs) {
    return problem(
      'BALANCE_TOO_LOW',
      `Balance ${formatAmount(account.spendable)} of ${address()} is below the fee of ${formatAmount(needs)} CAIRN. Top up.`,
    );
  }
  return null;
}

/**
 * Whether the key that signed speaks for the sender now. An account that never changed its key and is not
 * frozen costs no further read.
 */
export function checkSigner(
  view: StateView,
  { transaction, signer }: Pick<ParsedTransaction, 'transaction' | 'signer'>,
  account: Account,
): TransactionProblem | null {
  const { sender } = transaction.body;
  if (!account.isKeyChanged) {
    if (!areBytesEqual(signer, sender)) return signatureInvalid(transaction);
  } else {
    const key = speakingKeyOf(view, sender, account);
    if (!areBytesEqual(signer, key)) {
      return problem(
        'KEY_CHANGED',
        `${accountIdToAddress(sender)} is spoken for by the key of ${accountIdToAddress(key)} now, not by that of ${accountIdToAddress(signer)}. Sign with the new key.`,
      );
    }
  }
  return account.isFrozen ? frozenProblem(view, sender) : null;
}

/**
 * The costly part of a check: whether the key of the authorization signed these bytes. The same for ever,
 * whatever the state says; who may sign is `checkSigner`'s.
 *
 * @param bytes what `transaction` was decoded from.
 */
export function verifySignature(
  crypto: Crypto,
  bytes: Uint8Array,
  transaction: Transaction,
): TransactionProblem | null {
  const isValid = verifyAuthorization(crypto, transaction.authorization, signBytesOf(bytes));
  return isValid ? null : signatureInvalid(transaction);
}

export function signatureInvalid({ body }: Transaction): TransactionProblem {
  return problem(
    'SIGNATURE_INVALID',
    `The signature is not one of ${accountIdToAddress(body.sender)} over this transaction.`,
  );
}

/** Encodes a transaction for the wire. */
export function transactionToBytes(value: Transaction): Uint8Array {
  return encode(transaction, value);
}
