import { askNode } from '../answer/ask-node.ts';
import { asCount, asObject } from '../answer/checks.ts';
import type { Connection } from '../connect.ts';
import { CliError } from '../errors.ts';
import type { Outcome } from '../spend.ts';
import { exactCairn } from '../terminal/format.ts';
import { describeCleared, findCleared } from './cleared.ts';
import type { SwapPlan } from './plan-swap.ts';

/** Reports the sale in its block and the purchase in the next. */
export async function followSwap(
  connection: Connection,
  { sale, purchase }: SwapPlan,
  owner: string,
  height: number,
): Promise<Outcome> {
  const sold = await findCleared(connection, height, {
    netuid: sale.netuid,
    side: 'sell',
    owner,
    amountIn: sale.amountIn,
  });
  const first = describeCleared('sell', sold);
  if (sold === null || sold.amountOut === 0n) return { ...first, value: { sale: sold, purchase: null } };
  await waitForBlock(connection, height + 1);
  const bought = await findCleared(connection, height + 1, {
    netuid: purchase.netuid,
    side: 'buy',
    owner,
    amountIn: sold.amountOut,
  });
  const value = { sale: sold, purchase: bought };
  if (bought === null) {
    const line = `There was no room for the purchase: ${exactCairn(sold.amountOut)} were paid out.`;
    return { isDone: false, value, lines: [...first.lines, line] };
  }
  const second = describeCleared('buy', bought);
  return { isDone: second.isDone, value, lines: [...first.lines, ...second.lines] };
}

/** @throws CliError `NOT_FOUND` when the node ends its events without that block */
async function waitForBlock(connection: Connection, height: number): Promise<void> {
  const { ledger } = connection;
  const status = await askNode(connection, 'chain_status', {}, asObject({ height: asCount }));
  if (status.height >= height) return;
  for await (const event of ledger.events({ names: ['chain.committed'], from: height }))
    if (event.height >= height) return;
  throw new CliError(
    { code: 'NOT_FOUND', what: `block ${height}` },
    `Block ${height} did not come. See ./cairn status, then ./cairn token show.`,
  );
}
