import { buyMessage } from './apply/buy.ts';
import { sellMessage } from './apply/sell.ts';
import { swapMessage } from './apply/swap.ts';
import { transferTokensMessage } from './apply/transfer.ts';
import { clearPools } from './clear.ts';
import { placeLegs } from './legs.ts';
import { holdingsQuery, marketQuery, marketsQuery } from './query.ts';

/** Subnet tokens: what each is worth in CAIRN, and the swaps of a block, which clear together at its end. */
export const poolsModule = {
  name: 'pools',
  messages: [buyMessage, sellMessage, swapMessage, transferTokensMessage],
  queries: [marketsQuery, marketQuery, holdingsQuery],
  beginBlock: placeLegs,
  endBlock: clearPools,
} as const;
