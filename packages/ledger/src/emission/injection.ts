import type { Amount } from '@cairn/core';
import type { Ratio } from '../fraction/ratio.ts';

export interface InjectionFacts {
  /** Pebbles of emission that are the subnet's. */
  readonly emission: Amount;
  /** Spot price of its token: pebbles for one unit. */
  readonly price: Ratio;
  /** Most units of the token that may be minted into the pool: root's part of the token's own emission. */
  readonly alphaCap: Amount;
}

export interface Injection {
  /** Pebbles added to the pool's reserve. */
  readonly cairn: Amount;
  /** Units of the token minted into the pool's reserve. */
  readonly alpha: Amount;
  /** Pebbles left, with which the protocol buys the token from the pool. */
  readonly buy: Amount;
}

/**
 * Emission put into a subnet's pool at its own price, so that the price stays. What would need more of the
 * token than its cap buys the token instead: the price rises rather than the supply.
 *
 * Both sides round down. A fraction of a unit less is minted than the price allows, to the pool's gain; under
 * the cap the fraction of a pebble goes to the buy, which is of the same pool. Nothing is lost: the whole
 * emission is `cairn + buy`.
 *
 * Source: Bittensor (subtensor, runtime `spec_version` 425), `coinbase`: α = min(τ / p, cap).
 */
export function injectEmission({ emission, price, alphaCap }: InjectionFacts): Injection {
  if (price.numerator === 0n) return { cairn: 0n, alpha: 0n, buy: emission };
  const alpha = (emission * price.denominator) / price.numerator;
  if (alpha <= alphaCap) return { cairn: emission, alpha, buy: 0n };
  const cairn = (alphaCap * price.numerator) / price.denominator;
  return { cairn, alpha: alphaCap, buy: emission - cairn };
}
