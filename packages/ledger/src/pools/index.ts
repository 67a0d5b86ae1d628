import { buyMessage } from './apply/buy.ts';
import { openOrderMessage } from './apply/open-order.ts';
import { sealOrderMessage } from './apply/seal-order.ts';
import { sellMessage } from './apply/sell.ts';
import { swapMessage } from './apply/swap.ts';
import { transferTokensMessage } from './apply/transfer.ts';
import { clearPools } from './clear.ts';
import { placeLegs } from './legs.ts';
import { holdingsQuery, marketQuery, marketsQuery, sealedOrdersQuery } from './query.ts';

/** Subnet tokens: what each is worth in CAIRN, and the swaps of a block, which clear together at its end or when the sealed ones among them are opened. */
export const poolsModule = {
  name: 'pools',
  messages: [buyMessage, sellMessage, swapMessage, transferTokensMessage, sealOrderMessage, openOrderMessage],
  queries: [marketsQuery, marketQuery, holdingsQuery, sealedOrdersQuery],
  beginBlock: placeLegs,
  endBlock: clearPools,
} as const;
