import { account, accountIdToAddress, list, optional, struct, text, u16 } from '@cairn/core';
import { findEvents } from './find-events.ts';
import { boundsOf, pageFields, withHeights } from './page.ts';
import { defineIndexQuery, orNull, pageOf, words } from './query.ts';

/** Most names of one call. */
const MAX_NAMES = 20;

export const eventsQuery = defineIndexQuery({
  name: 'index_events',
  help: 'Events since genesis by account, subnet, names (exact, or a module with a star) and heights, in pages.',
  params: struct('IndexEventsParams', {
    account: optional(account),
    netuid: optional(u16),
    names: optional(list(text(80), MAX_NAMES)),
    ...pageFields,
  }),
  result: pageOf('events', { transaction: orNull(words), name: words, data: { type: 'object' } }),
  async run(database, given) {
    const bounds = boundsOf(given);
    const filter = { ...given, account: given.account === null ? null : accountIdToAddress(given.account) };
    const { rows, next } = await findEvents(database, filter, bounds);
    if (rows.length === 0) return { events: [], next };
    const found = await database
      .selectFrom('events')
      .select(['place', 'transaction_id as transaction', 'name', 'data'])
      .where(
        'place',
        'in',
        rows.map(({ place }) => place),
      )
      .orderBy('place', bounds.order)
      .execute();
    const events = await withHeights(database, found);
    return { events: events.map((event) => ({ ...event, data: JSON.parse(event.data) as unknown })), next };
  },
});
