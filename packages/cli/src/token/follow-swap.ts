import type { Connection } from '../connect.ts';
import type { Outcome } from '../spend.ts';
import { exactCairn } from '../terminal/format.ts';
import { awaitCleared, describeCleared } from './cleared.ts';
import type { SwapPlan } from './plan-swap.ts';
import { waitForBlock } from './wait-for-block.ts';

/** Reports the sale and, in a later block, the purchase. */
export async function followSwap(
  connection: Connection,
  { sale, purchase }: SwapPlan,
  owner: string,
  height: number,
): Promise<Outcome> {
  const sold = await awaitCleared(connection, height, {
    netuid: sale.netuid,
    side: 'sell',
    owner,
    amountIn: sale.amountIn,
  });
  const first = describeCleared('sell', sold);
  if (sold === null || sold.order.amountOut === 0n)
    return { ...first, value: { sale: sold?.order ?? null, purchase: null } };
  await waitForBlock(connection, sold.height + 1);
  const bought = await awaitCleared(connection, sold.height + 1, {
    netuid: purchase.netuid,
    side: 'buy',
    owner,
    amountIn: sold.order.amountOut,
  });
  const value = { sale: sold.order, purchase: bought?.order ?? null };
  if (bought === null) {
    const line = `There was no room for the purchase: ${exactCairn(sold.order.amountOut)} were paid out.`;
    return { isDone: false, value, lines: [...first.lines, line] };
  }
  const second = describeCleared('buy', bought);
  return { isDone: second.isDone, value, lines: [...first.lines, ...second.lines] };
}
