import { fetchMarket } from '../answer/market.ts';
import type { Connection } from '../connect.ts';
import { exactTokens, formatChange } from '../terminal/format.ts';
import { leastOf } from './bounds.ts';
import { planTrade, type TradePlan, tradeJson } from './plan-trade.ts';

/** Both legs. The purchase is bounded for the least that the sale may bring. */
export interface SwapPlan {
  readonly sale: TradePlan;
  readonly purchase: TradePlan;
}

/** @throws CliError `NOT_FOUND`, `ORDER_UNFILLABLE` */
export async function planSwap(
  connection: Connection,
  wanted: {
    readonly from: number;
    readonly to: number;
    readonly amount: bigint;
    readonly slippagePpm: bigint;
  },
): Promise<SwapPlan> {
  const { from, to, amount, slippagePpm } = wanted;
  const bounds = { slippagePpm, limitPrice: null, isPartialAllowed: false };
  const [sold, bought] = await Promise.all([fetchMarket(connection, from), fetchMarket(connection, to)]);
  const sale = await planTrade(connection, sold, { side: 'sell', amountIn: amount, bounds });
  const purchase = await planTrade(connection, bought, {
    side: 'buy',
    amountIn: sale.quote.amountOut,
    bounds,
  });
  const minOut = leastOf(purchase.minOut, slippagePpm);
  return { sale, purchase: { ...purchase, minOut } };
}

export function describeSwap({ sale, purchase }: SwapPlan): [string, string][] {
  const slippage = formatChange(sale.bounds.slippagePpm).replace('+', '');
  return [
    ['tokens', `${exactTokens(sale.amountIn)} of subnet ${sale.netuid}`],
    ['expected', `${exactTokens(purchase.quote.amountOut)} of subnet ${purchase.netuid}`],
    ['impact', `${formatChange(sale.quote.impactPpm)} there, ${formatChange(purchase.quote.impactPpm)} here`],
    ['at least', `${exactTokens(purchase.minOut)} (${slippage} slippage in each block)`],
    ['otherwise', 'the tokens come back; or, when only the second block fails, their CAIRN'],
  ];
}

export function swapJson({ sale, purchase }: SwapPlan): object {
  return { sale: tradeJson(sale), purchase: tradeJson(purchase) };
}
