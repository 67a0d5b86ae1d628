import { areBytesEqual, type Crypto, formatAmount, utf8ToBytes } from '@cairn/core';
import { type Price, priceOf } from '@cairn/ledger';
import {
  decodeSignedReceipt,
  logprobRoot,
  type Receipt,
  responseHashOf,
  type SignedReceipt,
  tokenIdsRoot,
  verifyReceipt,
} from '@cairn/protocol';
import { SdkError } from '../errors.ts';

/** What whoever pays for an answer knows of its counts and its price. */
export interface ExpectedCounts {
  readonly requestHash: Uint8Array;
  readonly artifact: Uint8Array;
  readonly model: Uint8Array;
  readonly price: Price;
  /** Most tokens the prompt can have. */
  readonly mostPromptTokens: number;
  readonly maxTokens: number;
}

/** What a payer knows of an answer by itself. */
export interface ExpectedAnswer extends ExpectedCounts {
  /** Salt of the request's body. */
  readonly salt: Uint8Array;
  readonly paramsHash: Uint8Array;
}

/** What came over the stream. */
export interface ReceivedAnswer {
  readonly text: string;
  readonly tokens: number;
  /** Null when the engine exposes no ids. */
  readonly tokenIds: readonly number[] | null;
  /** Of the emitted tokens; null when none were asked for. */
  readonly logprobs: readonly number[] | null;
  /** As told when the request was accepted; null when the engine could not tell. */
  readonly promptTokens: number | null;
  /** As told when the request was accepted; zero when nothing was. */
  readonly engineClass: Uint8Array;
}

export interface ReceiptParties {
  readonly crypto: Crypto;
  readonly chainId: Uint8Array;
  readonly channel: Uint8Array;
  readonly payer: Uint8Array;
  readonly payee: Uint8Array;
}

export function receiptRefused(reason: string, cause?: unknown): SdkError {
  return new SdkError(
    { code: 'RECEIPT_REFUSED', reason },
    `The provider's receipt was refused: ${reason}. Nothing more is paid on this channel.`,
    cause === undefined ? {} : { cause },
  );
}

/** A receipt as it was sent; nobody vouches for it yet. @throws SdkError `RECEIPT_REFUSED` */
export function decodeReceipt(bytes: Uint8Array): SignedReceipt {
  try {
    return decodeSignedReceipt(bytes);
  } catch (cause) {
    throw receiptRefused('it is malformed', cause);
  }
}

/** Decodes a receipt and checks who signed it for whom. @throws SdkError `RECEIPT_REFUSED` */
export function openReceipt(parties: ReceiptParties, bytes: Uint8Array): SignedReceipt {
  const signed = decodeReceipt(bytes);
  const { receipt } = signed;
  if (!verifyReceipt(parties.crypto, parties.chainId, signed, parties.payee)) {
    throw receiptRefused('the provider did not sign it');
  }
  if (!areBytesEqual(receipt.channel, parties.channel) || !areBytesEqual(receipt.payer, parties.payer)) {
    throw receiptRefused('it is for another channel or payer');
  }
  return signed;
}

/**
 * Checks everything a payer can check about one answer; what was said and how only where it knows the question.
 *
 * @throws SdkError `RECEIPT_REFUSED`
 */
export function checkReceipt(
  crypto: Crypto,
  receipt: Receipt,
  expected: ExpectedCounts | ExpectedAnswer,
  received: ReceivedAnswer,
): void {
  for (const field of ['requestHash', 'artifact', 'model'] as const) {
    if (!areBytesEqual(receipt[field], expected[field])) throw isAnother(field);
  }
  checkCounts(receipt, expected, received);
  checkPrice(receipt, expected.price);
  if ('salt' in expected) checkContent(crypto, receipt, expected, received);
}

const isAnother = (field: string) => receiptRefused(`its ${field} is not the one asked for`);

function checkCounts(receipt: Receipt, expected: ExpectedCounts, received: ReceivedAnswer): void {
  // Without ids the provider's own count stands, as long as it is not above what it said while streaming.
  const counts =
    received.tokenIds === null
      ? receipt.completionTokens <= received.tokens
      : receipt.completionTokens === received.tokens;
  if (!counts) {
    throw receiptRefused(`it counts ${receipt.completionTokens} tokens where ${received.tokens} came`);
  }
  if (receipt.completionTokens > expected.maxTokens) {
    throw receiptRefused(
      `it counts ${receipt.completionTokens} tokens where ${expected.maxTokens} were allowed`,
    );
  }
  if (
    receipt.promptTokens > expected.mostPromptTokens ||
    receipt.cachedTokens > receipt.promptTokens ||
    (received.promptTokens !== null && receipt.promptTokens !== received.promptTokens)
  ) {
    throw receiptRefused(`it counts ${receipt.promptTokens} tokens of prompt, which cannot be`);
  }
}

function checkContent(
  crypto: Crypto,
  receipt: Receipt,
  expected: ExpectedAnswer,
  received: ReceivedAnswer,
): void {
  if (!areBytesEqual(receipt.paramsHash, expected.paramsHash)) throw isAnother('paramsHash');
  if (
    !areBytesEqual(receipt.responseHash, responseHashOf(crypto, expected.salt, utf8ToBytes(received.text)))
  ) {
    throw receiptRefused('it is for another text');
  }
  if (!areBytesEqual(receipt.tokenIdsRoot, tokenIdsRoot(crypto, expected.salt, received.tokenIds))) {
    throw receiptRefused('it is for other tokens');
  }
  if (!areBytesEqual(receipt.engineClass, received.engineClass)) {
    throw receiptRefused('it names another engine than the terms did');
  }
  if (!areBytesEqual(receipt.logprobRoot, logprobRoot(crypto, expected.salt, received.logprobs))) {
    throw receiptRefused('it is for other log probabilities');
  }
}

function checkPrice(receipt: Receipt, price: Price): void {
  const { promptTokens, cachedTokens, completionTokens } = receipt;
  const most = priceOf(price, promptTokens, cachedTokens, completionTokens);
  if (receipt.price > most) {
    throw receiptRefused(
      `it asks ${formatAmount(receipt.price)} CAIRN where the offer makes it ${formatAmount(most)} CAIRN`,
    );
  }
}
