import { bytesToHex } from '@cairn/core';
import { priceOf } from '@cairn/ledger';
import { describe, expect, it } from 'vitest';
import { ask, gather, words } from './asking.ts';
import { aPrice, aTown } from './parts.ts';

describe('a paid answer', () => {
  it('streams the answer, signs a receipt and settles to the pebble', async () => {
    const town = await aTown();
    const { text, end } = await gather(ask(town, 'one two three'));
    expect(text).toBe('one two three');
    const { receipt } = end.receipt;
    expect(receipt.price).toBe(priceOf(aPrice, 3, 0, 3));
    expect(receipt.finishReason).toBe('stop');
    const [books] = town.payer.channels();
    expect(books).toMatchObject({ settled: receipt.price, receipts: 1, disputed: false });
    await town.miner.miner[Symbol.asyncDispose]();
    await town.miner.payee.claimAll();
    expect(town.ledger.claims).toEqual([{ channel: bytesToHex(receipt.channel), amount: receipt.price }]);
  });

  it('serves many answers at once on one channel, and claims are the sum of receipts', async () => {
    const town = await aTown();
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, index) => gather(ask(town, `${words(100 + index)}`))),
    );
    for (const [index, { text }] of answers.entries()) expect(text).toBe(words(100 + index));
    await gather(ask(town, 'and one more'));
    await town.miner.miner[Symbol.asyncDispose]();
    await town.miner.payee.claimAll();
    const receipts = [...town.payer.receipts()];
    expect(receipts).toHaveLength(9);
    const sum = receipts.reduce((total, { receipt }) => total + receipt.price, 0n);
    expect(town.ledger.claims.reduce((total, { amount }) => total + amount, 0n)).toBe(sum);
    expect(town.payer.channels()).toHaveLength(1);
  });
});
