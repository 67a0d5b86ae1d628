import { mulDiv, PEBBLES_PER_CAIRN } from '@cairn/core';
import { fetchParameters } from '@cairn/sdk';
import { askNode, checkAnswer } from '../answer/ask-node.ts';
import {
  asAmount,
  asList,
  asNullable,
  asObject,
  asOneOf,
  asRecord,
  asText,
  asU16,
  type Checked,
} from '../answer/checks.ts';
import type { Connection } from '../connect.ts';
import type { Outcome } from '../spend.ts';
import { exactCairn } from '../terminal/format.ts';
import { unitsOf } from './plan-trade.ts';
import { waitForBlock } from './wait-for-block.ts';

const asCleared = asObject({
  netuid: asU16,
  side: asOneOf('buy', 'sell'),
  kind: asOneOf('account', 'root'),
  owner: asText,
  status: asOneOf('filled', 'partial', 'limitMissed', 'partialUnwanted'),
  spent: asAmount,
  returned: asAmount,
  fee: asAmount,
  amountOut: asAmount,
});
/** One order when it was decided. */
type Cleared = Checked<typeof asCleared>;

const asEvents = asObject({ events: asList(asObject({ name: asText, data: asRecord })) });

export interface SoughtOrder {
  readonly netuid: number;
  readonly side: 'buy' | 'sell';
  readonly owner: string;
  readonly amountIn: bigint;
}

/** An order with the block that decided it. */
export interface ClearedAt {
  readonly height: number;
  readonly order: Cleared;
}

/**
 * What became of an order that is on the ledger since a block: it is decided there, or as soon as sealed orders that
 * it waits for are opened; null when no block of that time names one like it.
 */
export async function awaitCleared(
  connection: Connection,
  from: number,
  sought: SoughtOrder,
): Promise<ClearedAt | null> {
  const { sealedOrderWindow } = await fetchParameters(connection.ledger);
  for (let height = from; height <= from + Number(sealedOrderWindow); height += 1) {
    if (height > from) await waitForBlock(connection, height);
    const order = await findCleared(connection, height, sought);
    if (order !== null) return { height, order };
  }
  return null;
}

async function findCleared(
  connection: Connection,
  height: number,
  { netuid, side, owner, amountIn }: SoughtOrder,
): Promise<Cleared | null> {
  const block = await askNode(connection, 'chain_block', { at: height }, asNullable(asEvents));
  const cleared = (block?.events ?? [])
    .filter(({ name }) => name === 'pools.orderCleared')
    .map(({ data }) => checkAnswer('chain_block', data, asCleared));
  return (
    cleared.findLast(
      (order) =>
        order.kind === 'account' &&
        order.netuid === netuid &&
        order.side === side &&
        order.owner === owner &&
        order.spent + order.returned === amountIn,
    ) ?? null
  );
}

const WHY = {
  limitMissed: 'the price of the block was beyond the bounds',
  partialUnwanted: 'only a part could have been had within the bounds',
} as const;

/** What an order became, in words and for `--json`. */
export function describeCleared(side: 'buy' | 'sell', cleared: ClearedAt | null): Outcome {
  if (cleared === null) {
    const line = 'No block says what became of the order. See ./cairn block show.';
    return { isDone: false, value: { order: null }, lines: [line] };
  }
  const { status, spent, returned, fee, amountOut } = cleared.order;
  const [paid, got] = unitsOf(side);
  const value = { order: cleared.order };
  if (status !== 'filled' && status !== 'partial')
    return { isDone: false, value, lines: [`Not filled: ${WHY[status]}. ${paid(returned)} came back.`] };
  const [tokens, cairn] = side === 'buy' ? [amountOut, spent] : [spent, amountOut];
  const each =
    tokens === 0n ? '' : `, ${exactCairn(mulDiv(cairn, PEBBLES_PER_CAIRN, tokens))} each with the fee`;
  return {
    isDone: true,
    value,
    lines: [
      `${side === 'buy' ? 'Bought' : 'Sold'}: ${got(amountOut)} for ${paid(spent)}${each}. The pool kept a fee of ${paid(fee)}.`,
      ...(status === 'partial' ? [`Only a part was within the bounds: ${paid(returned)} came back.`] : []),
    ],
  };
}
