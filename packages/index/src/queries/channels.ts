import { bytes32, bytesToHex, struct } from '@cairn/core';
import { asText } from '../database/columns.ts';
import { boundsOf, cutPage, pageFields, withHeights } from './page.ts';
import { amountText, defineIndexQuery, pageOf, whole, words } from './query.ts';

export const channelQuery = defineIndexQuery({
  name: 'index_channel',
  help: 'What happened to a payment channel, closed ones too: deposits, claims with their burn, refund, in pages. Pebbles.',
  params: struct('IndexChannelParams', { channel: bytes32, ...pageFields }),
  result: pageOf('moves', {
    kind: words,
    payer: words,
    payee: words,
    netuid: whole,
    amount: amountText,
    burned: amountText,
  }),
  async run(database, given) {
    const { least, end, order, limit } = boundsOf(given);
    const found = await database
      .selectFrom('channel_moves')
      .select(['place', 'kind', 'payer', 'payee', 'netuid'])
      .select([asText('amount').as('amount'), asText('burned').as('burned')])
      .where('channel', '=', bytesToHex(given.channel))
      .where('place', '>=', least)
      .where('place', '<', end)
      .orderBy('place', order)
      .limit(limit + 1)
      .execute();
    const { rows, next } = cutPage(found, limit);
    return { moves: await withHeights(database, rows), next };
  },
});
