import {
  accountIdOf,
  authorize,
  createEd25519Signer,
  createPureCrypto,
  decode,
  encode,
  utf8ToBytes,
} from '@cairn/core';
import { describe, expect, it } from 'vitest';
import {
  logprobRoot,
  NO_ROOT,
  type Receipt,
  receiptId,
  receiptShape,
  receiptSignBytes,
  responseHashOf,
  tokenIdsRoot,
  verifyReceipt,
} from '../../src/index.ts';

const crypto = createPureCrypto();
const signer = createEd25519Signer(new Uint8Array(32).fill(3));
const provider = accountIdOf(crypto, 'ed25519', signer.publicKey);
const chainId = new Uint8Array(32).fill(1);

function aReceipt(fields: Partial<Receipt> = {}): Receipt {
  const none = new Uint8Array(32);
  return {
    channel: none,
    payer: none,
    provider,
    requestHash: none,
    responseHash: none,
    artifact: none,
    model: none,
    paramsHash: none,
    samplerSeed: 7,
    engineClass: none,
    promptTokens: 1,
    cachedTokens: 0,
    completionTokens: 2,
    tokenIdsRoot: none,
    logprobRoot: none,
    ttftMs: 1,
    durationMs: 2,
    price: 5n,
    cumulative: 5n,
    previousReceipt: none,
    finishReason: 'stop',
    tier: 1,
    ...fields,
  };
}

describe('a receipt', () => {
  it('has one encoding and an id that any change changes', () => {
    const receipt = aReceipt();
    expect(decode(receiptShape, encode(receiptShape, receipt))).toEqual(receipt);
    expect(receiptId(crypto, aReceipt({ price: 6n }))).not.toEqual(receiptId(crypto, receipt));
    expect(receiptId(crypto, aReceipt({ samplerSeed: null }))).not.toEqual(receiptId(crypto, receipt));
  });

  it('holds for its provider on its chain and for nothing else', async () => {
    const receipt = aReceipt();
    const signed = { receipt, authorization: await authorize(signer, receiptSignBytes(chainId, receipt)) };
    expect(verifyReceipt(crypto, chainId, signed, provider)).toBe(true);
    expect(verifyReceipt(crypto, new Uint8Array(32), signed, provider)).toBe(false);
    expect(verifyReceipt(crypto, chainId, signed, new Uint8Array(32))).toBe(false);
    expect(verifyReceipt(crypto, chainId, { ...signed, receipt: aReceipt({ price: 6n }) }, provider)).toBe(
      false,
    );
  });
});

describe('roots over tokens', () => {
  const salt = new Uint8Array(16).fill(1);

  it('are zero when there is nothing and differ by order, value and number', () => {
    expect(tokenIdsRoot(crypto, salt, null)).toEqual(NO_ROOT);
    expect(tokenIdsRoot(crypto, salt, [])).toEqual(NO_ROOT);
    const lists = [
      [1],
      [1, 0],
      [0, 1],
      [1, 2, 3],
      Array.from({ length: 9 }, (_, i) => i),
      Array.from({ length: 100 }, (_, i) => i),
    ];
    const roots = new Set(lists.map((ids) => tokenIdsRoot(crypto, salt, ids).join()));
    expect(roots.size).toBe(lists.length);
    expect(logprobRoot(crypto, salt, [-0.5])).not.toEqual(logprobRoot(crypto, salt, [-0.25]));
  });

  it('say nothing of a short answer to who does not know the salt of its request', () => {
    const other = new Uint8Array(16).fill(2);
    expect(tokenIdsRoot(crypto, salt, [7])).not.toEqual(tokenIdsRoot(crypto, other, [7]));
    expect(logprobRoot(crypto, salt, [-1])).not.toEqual(logprobRoot(crypto, other, [-1]));
    const yes = utf8ToBytes('yes');
    expect(responseHashOf(crypto, salt, yes)).not.toEqual(responseHashOf(crypto, other, yes));
    expect(responseHashOf(crypto, salt, yes)).not.toEqual(crypto.sha256(yes));
  });
});
