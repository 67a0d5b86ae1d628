import { priceOf } from '@cairn/ledger';
import { describe, expect, it } from 'vitest';
import { aComputeTown, functionPrice, textOf } from './parts.ts';

describe('a paid call of a function', () => {
  it('answers, is receipted and billed by the work that was measured', async () => {
    await using town = await aComputeTown();
    const { answer, receipt } = await town.call({ n: 200_000 });
    expect(textOf(answer.output)).toBe('19999900000');
    expect(answer).toMatchObject({ fault: null });
    expect(answer.work).toBeGreaterThan(1);
    expect(answer.coldStartMs).toBeGreaterThan(0);
    expect(receipt.receipt.completionTokens).toBe(answer.work);
    expect(receipt.receipt.price).toBe(priceOf(functionPrice, 1, 0, answer.work));
    await town.payee.claimAll();
    expect(town.ledger.claims.map(({ amount }) => amount)).toEqual([receipt.receipt.price]);
  });

  it('is trusted after the first, finds the instance warm, and pays the sum of its receipts', async () => {
    await using town = await aComputeTown();
    const prices: bigint[] = [];
    for (const n of [1_000, 400_000, 10]) {
      const { answer, receipt } = await town.call({ n });
      expect(answer.fault).toBe(null);
      prices.push(receipt.receipt.price);
    }
    expect(town.pool.state).toMatchObject({ coldStarts: 1, calls: 3 });
    await town.payee.claimAll();
    const paid = town.ledger.claims.reduce((sum, { amount }) => sum + amount, 0n);
    expect(paid).toBe(prices.reduce((sum, price) => sum + price, 0n));
  });
});
