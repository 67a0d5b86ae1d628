import { account, accountIdToAddress, optional, struct } from '@cairn/core';
import { asText } from '../database/columns.ts';
import { firstPlaceOf, heightOf } from '../database/place.ts';
import { boundsOf, cutPage, pageFields, withHeights } from './page.ts';
import { amountText, defineIndexQuery, orNull, pageOf, whole, words } from './query.ts';

export const blocksQuery = defineIndexQuery({
  name: 'index_blocks',
  help: 'Blocks with their time and how much is in them, in pages.',
  params: struct('IndexBlocksParams', pageFields),
  result: pageOf('blocks', { hash: words, proposer: words, transactions: whole, events: whole }),
  async run(database, given) {
    const { least, end, order, limit } = boundsOf(given);
    const blocks = await database
      .selectFrom('blocks')
      .select(['height', 'time_ms as timeMs', 'hash', 'proposer', 'transactions', 'events'])
      // A cursor is the first place of its block, so going up starts above it.
      .where('height', '>=', heightOf(least + firstPlaceOf(1) - 1))
      .where('height', '<', heightOf(end))
      .orderBy('height', order)
      .limit(limit + 1)
      .execute();
    const kept = blocks.slice(0, limit);
    return { blocks: kept, next: blocks.length > limit ? String(firstPlaceOf(kept.at(-1)!.height)) : null };
  },
});

export const transactionsQuery = defineIndexQuery({
  name: 'index_transactions',
  help: 'Transactions of a sender, or all, with what they cost and how they ended, in pages.',
  params: struct('IndexTransactionsParams', { sender: optional(account), ...pageFields }),
  result: pageOf('transactions', {
    id: words,
    sender: orNull(words),
    nonce: orNull(amountText),
    message: orNull(words),
    ok: { type: 'boolean' },
    code: orNull(words),
    fee: amountText,
    tip: orNull(amountText),
    sizeBytes: whole,
  }),
  async run(database, given) {
    const { least, end, order, limit } = boundsOf(given);
    const all = database
      .selectFrom('transactions')
      .select(['place', 'id', 'sender', 'message', 'ok', 'code', 'size_bytes as sizeBytes'])
      .select([asText('nonce').as('nonce'), asText('fee').as('fee'), asText('tip').as('tip')]);
    const found = await (given.sender === null
      ? all
      : all.where('sender', '=', accountIdToAddress(given.sender))
    )
      .where('place', '>=', least)
      .where('place', '<', end)
      .orderBy('place', order)
      .limit(limit + 1)
      .execute();
    const { rows, next } = cutPage(found, limit);
    const transactions = await withHeights(database, rows);
    return { transactions: transactions.map((each) => ({ ...each, ok: each.ok === 1 })), next };
  },
});
