import fc from 'fast-check';
import type { BatchOrder, BatchOutcome, Pool, Ratio } from '../../../src/index.ts';
import { clearBatch, EVEN_WEIGHT, poolPrice, WEIGHT_ONE } from '../../../src/index.ts';

export const FREE = { feeRate: 0n, minimumReserve: 1n };

export function aPool(overrides: Partial<Pool> = {}): Pool {
  return { base: 4_000_000_000n, quote: 1_000_000_000n, quoteWeight: EVEN_WEIGHT, ...overrides };
}

/** Amounts of any size up to 2^54, small ones as often as large ones. */
export const anAmount = fc
  .tuple(fc.bigInt({ min: 0n, max: 53n }), fc.bigInt({ min: 0n, max: (1n << 53n) - 1n }))
  .map(([bits, noise]) => (1n << bits) + (noise & ((1n << bits) - 1n)));

const aWeight = fc
  .constantFrom(1n, 10n, 20n, 25n, 40n, 50n, 50n, 50n, 60n, 75n, 90n, 99n)
  .map((percent) => (percent * WEIGHT_ONE) / 100n);

export const anyPool: fc.Arbitrary<Pool> = fc.record({
  base: anAmount,
  quote: anAmount,
  quoteWeight: aWeight,
});

function wholePower(base: bigint, exponent: bigint): bigint {
  return exponent === 0n ? 1n : base * wholePower(base, exponent - 1n);
}

/** base^baseWeight · quote^quoteWeight in whole powers, for weights in whole per cent. */
export function productOf({ base, quote, quoteWeight }: Pool): bigint {
  let weights = [100n - (quoteWeight * 100n) / WEIGHT_ONE, (quoteWeight * 100n) / WEIGHT_ONE] as const;
  for (const divisor of [2n, 5n, 5n]) {
    while (weights[0] % divisor === 0n && weights[1] % divisor === 0n) {
      weights = [weights[0] / divisor, weights[1] / divisor];
    }
  }
  return wholePower(base, weights[0]) * wholePower(quote, weights[1]);
}

/** An order as a test draws it: relative to a pool, so that it matters there. */
export interface OrderPlan {
  readonly side: 'buy' | 'sell';
  /** Amount in thousandths of the reserve that is paid into, plus a few units. */
  readonly thousandths: bigint;
  readonly units: bigint;
  /** Limit in parts of 16 of the price, or a least output in parts of 16 of what the price promises. */
  readonly bound: { readonly kind: 'price' | 'output'; readonly sixteenths: bigint };
  readonly isPartialAllowed: boolean;
}

export const anOrderPlan: fc.Arbitrary<OrderPlan> = fc.record({
  side: fc.constantFrom('buy' as const, 'sell' as const),
  thousandths: fc.oneof(
    fc.constant(0n),
    fc.bigInt({ min: 0n, max: 300n }),
    fc.bigInt({ min: 0n, max: 4_000n }),
  ),
  units: fc.bigInt({ min: 1n, max: 9n }),
  bound: fc.record({
    kind: fc.constantFrom('price' as const, 'output' as const),
    sixteenths: fc.bigInt({ min: 4n, max: 40n }),
  }),
  isPartialAllowed: fc.boolean(),
});

let made = 0;

export function anId(): Uint8Array {
  made += 1;
  return Uint8Array.from([(made >> 16) & 255, (made >> 8) & 255, made & 255]);
}

export function orderOf(pool: Pool, { side, thousandths, units, bound, ...rest }: OrderPlan): BatchOrder {
  const price = poolPrice(pool);
  const amountIn = ((side === 'buy' ? pool.quote : pool.base) * thousandths) / 1_000n + units;
  const worth = side === 'buy' ? (price === 0n ? 0n : (amountIn << 64n) / price) : (amountIn * price) >> 64n;
  return {
    id: anId(),
    side,
    amountIn,
    limitPrice: bound.kind === 'price' ? (price * bound.sixteenths) / 16n : null,
    minOut: bound.kind === 'output' ? (worth * bound.sixteenths) / 16n : 0n,
    isPartialAllowed: rest.isPartialAllowed,
  };
}

/** An order without a bound but that it brings something. */
export function aMarketOrder(side: 'buy' | 'sell', amountIn: bigint): BatchOrder {
  return { id: anId(), side, amountIn, limitPrice: null, minOut: 0n, isPartialAllowed: true };
}

/** What somebody gained by fills, as change of base and quote. */
export function changeBy(
  orders: readonly BatchOrder[],
  outcome: BatchOutcome,
): { base: bigint; quote: bigint } {
  const change = { base: 0n, quote: 0n };
  orders.forEach(({ side }, index) => {
    const { spent, amountOut } = outcome.fills[index]!;
    change[side === 'buy' ? 'quote' : 'base'] -= spent;
    change[side === 'buy' ? 'base' : 'quote'] += amountOut;
  });
  return change;
}

/** Worth of a change at a price, in quote times the denominator of the price. */
export function worthAt(price: Ratio, change: { base: bigint; quote: bigint }): bigint {
  return change.base * price.numerator + change.quote * price.denominator;
}

/** Clears with the attacker's orders first; their change is theirs alone. */
export function attack(
  pool: Pool,
  own: readonly BatchOrder[],
  others: readonly BatchOrder[],
  rules: { feeRate: bigint; minimumReserve: bigint },
) {
  const outcome = clearBatch(pool, [...own, ...others], rules);
  return { outcome, change: changeBy(own, outcome) };
}
