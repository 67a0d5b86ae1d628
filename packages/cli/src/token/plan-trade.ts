import { formatAmount } from '@cairn/core';
import { fetchParameters, quoteOrder, type TradeQuote } from '@cairn/sdk';
import type { Market } from '../answer/market.ts';
import type { Connection } from '../connect.ts';
import { CliError } from '../errors.ts';
import { exactCairn, exactTokens, formatChange } from '../terminal/format.ts';
import { printable } from '../terminal/printable.ts';
import { type Bounds, leastOf } from './bounds.ts';

export type Side = 'buy' | 'sell';

/** One order with what it would bring now and what it brings at least. */
export interface TradePlan {
  readonly side: Side;
  readonly netuid: number;
  /** Pebbles of a buyer, 1e-9 token of a seller. */
  readonly amountIn: bigint;
  readonly bounds: Bounds;
  readonly minOut: bigint;
  readonly quote: TradeQuote;
}

/** What is paid with, and what is bought. */
export function unitsOf(side: Side): readonly [paid: (n: bigint) => string, got: (n: bigint) => string] {
  return side === 'buy' ? [exactCairn, exactTokens] : [exactTokens, exactCairn];
}

/**
 * Quotes an order by the ledger's own rule and bounds it.
 *
 * @throws CliError `ORDER_UNFILLABLE` when it would bring nothing now
 */
export async function planTrade(
  connection: Connection,
  market: Market,
  { side, amountIn, bounds }: Pick<TradePlan, 'side' | 'amountIn' | 'bounds'>,
): Promise<TradePlan> {
  const parameters = await fetchParameters(connection.ledger);
  const rules = { feeRate: parameters.poolFeeRate, minimumReserve: parameters.poolMinReserve };
  const { cairnReserve, tokenReserve, quoteWeight, netuid } = market;
  const pool = { base: tokenReserve, quote: cairnReserve, quoteWeight };
  const free = quoteOrder(
    pool,
    { side, amountIn, limitPrice: null, minOut: 0n, isPartialAllowed: false },
    rules,
  );
  const [paid] = unitsOf(side);
  if (free.amountOut === 0n) {
    throw unfillable(
      netuid,
      'too small',
      `The pool of subnet ${netuid} (${printable(market.name)}) gives nothing for ${paid(amountIn)}. Offer more, or look at its reserves with ./cairn token show ${netuid}.`,
    );
  }
  const minOut = leastOf(free.amountOut, bounds.slippagePpm);
  const { limitPrice, isPartialAllowed } = bounds;
  const quote = quoteOrder(pool, { side, amountIn, limitPrice, minOut, isPartialAllowed }, rules);
  if (quote.amountOut > 0n) return { side, netuid, amountIn, bounds, minOut, quote };
  const price = formatAmount(free.price);
  throw unfillable(
    netuid,
    quote.status,
    quote.status === 'partialUnwanted'
      ? `The whole ${paid(amountIn)} would clear at ${price} CAIRN for a token, beyond the limit of ${formatAmount(limitPrice ?? 0n)}. Take a part with --partial, or move the limit.`
      : `This order would clear at ${price} CAIRN for a token, beyond the limit of ${formatAmount(limitPrice ?? 0n)}. Move the limit, or wait.`,
  );
}

function unfillable(netuid: number, reason: string, message: string): CliError {
  return new CliError({ code: 'ORDER_UNFILLABLE', netuid, reason }, `${message} Nothing was sent.`);
}

/** What a person reads before saying yes. */
export function describeTrade({ side, amountIn, bounds, minOut, quote }: TradePlan): [string, string][] {
  const [paid, got] = unitsOf(side);
  const { limitPrice, isPartialAllowed, slippagePpm } = bounds;
  const limit =
    limitPrice === null ? '' : `, ${side === 'buy' ? 'at most' : 'at least'} ${exactCairn(limitPrice)} each`;
  const part = quote.status === 'partial' ? ` for ${paid(quote.spent)} of ${paid(amountIn)}` : '';
  return [
    ['expected', `${got(quote.amountOut)}${part}`],
    ['price', `${exactCairn(quote.price)} for a token, ${formatAmount(quote.priceBefore)} before`],
    ['impact', formatChange(quote.impactPpm)],
    ['pool fee', `${paid(quote.fee)}, which is in the amount`],
    [
      'at least',
      `${got(minOut)} for the whole (${formatChange(slippagePpm).replace('+', '')} slippage)${limit}`,
    ],
    ['otherwise', isPartialAllowed ? 'what is within the bounds, and the rest comes back' : 'all comes back'],
  ];
}

/** The same for `--json`. */
export function tradeJson({ netuid, amountIn, bounds, minOut, quote }: TradePlan): object {
  return { netuid, amountIn, ...bounds, minOut, quote };
}
