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

  it('of an engine that is faster than anybody reads travels in few pieces, paid and receipted as in many', async () => {
    const town = await aTown({ miner: { gatherMs: 5 } });
    await gather(ask(town, 'one that earns trust'));
    const pieces: number[] = [];
    const texts: string[] = [];
    for await (const event of ask(town, words(100))) {
      if (event.type !== 'delta') continue;
      pieces.push(event.tokens);
      texts.push(event.text);
    }
    expect(texts.join('')).toBe(words(100));
    // The first at once; of 64 on trust a quarter at a time.
    expect(pieces).toEqual([1, 16, 16, 16, 16, 16, 16, 3]);
    expect(town.payer.channels()[0]).toMatchObject({
      settled: priceOf(aPrice, 4, 0, 4) + priceOf(aPrice, 100, 0, 100),
      receipts: 2,
    });
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

  it('of an engine without token ids is tier 0, and its counts stand only as far as they were streamed', async () => {
    const town = await aTown({ echo: { tokenIds: false } });
    const { text, end } = await gather(ask(town, words(50)));
    expect(text).toBe(words(50));
    expect(end.receipt.receipt).toMatchObject({ tier: 0, completionTokens: 50, promptTokens: 50 });
    expect(end.receipt.receipt.tokenIdsRoot).toEqual(new Uint8Array(32));
    expect(town.payer.channels()[0]?.settled).toBe(priceOf(aPrice, 50, 0, 50));
  });

  it('is not started twice when the payer cancels before it begins', async () => {
    const town = await aTown();
    const signal = AbortSignal.abort();
    await expect(gather(ask(town, 'x', { signal }))).rejects.toMatchObject({ code: 'PEER_UNREACHABLE' });
    expect(town.miner.payee.channels()).toHaveLength(0);
  });

  it('that is cancelled in the middle ends with a receipt for what came', async () => {
    const town = await aTown();
    const controller = new AbortController();
    let tokens = 0;
    for await (const event of ask(town, words(300), { signal: controller.signal })) {
      if (event.type === 'delta') tokens += event.tokens;
      if (tokens === 5) controller.abort();
      if (event.type === 'end') {
        expect(event.receipt.receipt).toMatchObject({ finishReason: 'cancelled', completionTokens: tokens });
      }
    }
    expect(tokens).toBeLessThan(300);
  });
});
