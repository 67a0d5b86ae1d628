import { type Amount, mulDiv, mulDivUp } from '@cairn/core';

/** A pool of stake that its positions own by share. */
export interface SharePool {
  readonly totalStake: Amount;
  readonly totalShares: bigint;
}

/** Whole shares and the pebbles they move. */
export interface ShareTrade {
  readonly shares: bigint;
  readonly amount: Amount;
}

/** Pebbles that `shares` are worth. Rounds down: the pool never loses. */
export function valueOfShares(pool: SharePool, shares: bigint): Amount {
  return pool.totalShares === 0n ? 0n : mulDiv(shares, pool.totalStake, pool.totalShares);
}

/**
 * The whole shares that `budget` pebbles buy, and what they cost, rounded up. What is left of the budget
 * stays with the buyer, so that a pool whose shares were made expensive by dividends takes nothing from
 * who joins later: nobody pays for a fraction that rounding gives to the others.
 *
 * @param sharesPerUnit shares that a pebble buys in a pool without shares. A share is what rounding moves at
 * most, so a pool that can grow a million-fold wants more than one.
 */
export function buyShares(pool: SharePool, budget: Amount, sharesPerUnit = 1n): ShareTrade {
  if (pool.totalShares === 0n) return { shares: budget * sharesPerUnit, amount: budget };
  if (pool.totalStake === 0n) return { shares: 0n, amount: 0n };
  const shares = mulDiv(budget, pool.totalShares, pool.totalStake);
  return { shares, amount: mulDivUp(shares, pool.totalStake, pool.totalShares) };
}

/**
 * The fewest shares worth at least `wanted` pebbles, and all they are worth. Less than one share's worth is
 * paid beyond `wanted`, so that a seller does not lose the fraction either.
 */
export function sellShares(pool: SharePool, wanted: Amount): ShareTrade {
  if (pool.totalStake === 0n) return { shares: 0n, amount: 0n };
  const shares = mulDivUp(wanted, pool.totalShares, pool.totalStake);
  return { shares, amount: valueOfShares(pool, shares) };
}
