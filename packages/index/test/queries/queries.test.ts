import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createIndexer, INDEX_QUERIES, type IndexConnection } from '../../src/index.ts';
import { busyBlocks } from '../support/busy-chain.ts';
import { databasesUnderTest, type Target } from '../support/databases.ts';
import { aBlock, aLog, anAddress, createWrittenChain, hash } from '../support/written-chain.ts';

const databases = await databasesUnderTest();
const [ALICE, BOB, CAROL] = [anAddress(1), anAddress(2), anAddress(3)];

/** Asks as a stranger does: parameters are JSON. */
function ask<T>({ database }: IndexConnection, name: string, params: object): Promise<T> {
  const query = INDEX_QUERIES.find((each) => each.name === name)!;
  return query.run(database, query.params.fromJson(params)) as Promise<T>;
}

async function indexed(place: Target, blocks: Parameters<typeof createWrittenChain>[0]) {
  const connection = await place.open();
  const { ledger } = createWrittenChain(blocks);
  await createIndexer({ ledger, connection, log: aLog() }).catchUp();
  return connection;
}

interface EventPage {
  events: { height: number; name: string; timeMs: number; data: Record<string, unknown> }[];
  next: string | null;
}

const transfer = (from: string, to: string, amount: string) =>
  ['accounts.transferred', { from, to, amount }] as const;

const emission = (uid: number, kind: string, amount: string) =>
  ['emission.paid', { netuid: 1, uid, hotkey: CAROL, coldkey: BOB, kind, amount }] as const;

const story = () => [
  aBlock(1, { transactions: [[transfer(ALICE, BOB, '5')], [transfer(BOB, CAROL, '2')]] }),
  aBlock(2, { events: [emission(0, 'incentive', '10'), emission(0, 'take', '3')] }),
  aBlock(3),
  aBlock(4, {
    transactions: [[transfer(ALICE, BOB, '20000000000000001')]],
    events: [emission(0, 'incentive', '7'), ['pools.cleared', { netuid: 1, price: '99', orders: 1 }]],
  }),
];

describe.each(databases)('questions to an index in $name', ({ create, missing }) => {
  const test = it.skipIf(missing !== null);
  const stack = new AsyncDisposableStack();
  let told: IndexConnection;
  let busy: IndexConnection;

  beforeAll(async () => {
    if (missing !== null) return;
    told = stack.use(await indexed(stack.use(await create()), story()));
    busy = stack.use(await indexed(stack.use(await create()), busyBlocks(90)));
  });
  afterAll(() => stack.disposeAsync());

  test('finds events by account, subnet, name, module and height', async () => {
    const connection = told;
    const find = async (params: object) =>
      (await ask<EventPage>(connection, 'index_events', params)).events.map(
        ({ height, name }) => `${height} ${name}`,
      );
    expect(await find({})).toHaveLength(7);
    expect(await find({ account: ALICE })).toEqual(['1 accounts.transferred', '4 accounts.transferred']);
    expect(await find({ account: ALICE, descending: true, limit: 1 })).toEqual(['4 accounts.transferred']);
    expect(await find({ netuid: 1, names: ['pools.*'] })).toEqual(['4 pools.cleared']);
    expect(await find({ account: CAROL, netuid: 1, to: 3 })).toEqual(['2 emission.paid', '2 emission.paid']);
    expect(await find({ names: ['pools.cleared', 'emission.*'], from: 4 })).toEqual([
      '4 emission.paid',
      '4 pools.cleared',
    ]);
    expect(await find({ netuid: 2 })).toEqual([]);
    const { events } = await ask<EventPage>(connection, 'index_events', { from: 4, limit: 1 });
    expect(events[0]).toMatchObject({
      timeMs: 1_700_000_004_000,
      data: { from: ALICE, to: BOB, amount: '20000000000000001' },
    });
  });

  test.each([
    ['index_events', {}, 'events'],
    ['index_events', { names: ['accounts.*', 'emission.paid', 'nobody.knows'] }, 'events'],
    ['index_events', { account: ALICE }, 'events'],
    ['index_events', { netuid: 1, names: ['emission.*'] }, 'events'],
    ['index_accountHistory', { address: BOB }, 'flows'],
    ['index_blocks', {}, 'blocks'],
    ['index_transactions', {}, 'transactions'],
    ['index_pay', { netuid: 1 }, 'pay'],
    ['index_prices', { netuid: 1, kind: 'burn' }, 'prices'],
    ['index_channel', { channel: hash(1, 5) }, 'moves'],
  ])('gives the pages of %s %j without a gap or a repeat, both ways', async (name, params, entries) => {
    const connection = busy;
    const ask500 = await ask<Record<string, unknown>>(connection, name, { ...params, limit: 500 });
    const all = ask500[entries] as unknown[];
    expect(ask500.next).toBeNull();
    expect(all.length).toBeGreaterThan(6);
    for (const descending of [false, true]) {
      const walked: unknown[] = [];
      let after: unknown = null;
      do {
        const page = await ask<Record<string, unknown>>(connection, name, {
          ...params,
          limit: 3,
          after,
          descending,
        });
        walked.push(...(page[entries] as unknown[]));
        after = page.next;
      } while (after !== null);
      expect(walked, `descending ${descending}`).toEqual(descending ? all.toReversed() : all);
    }
  });

  test('adds up what an account was paid in CAIRN and in tokens, exactly', async () => {
    const connection = told;
    expect(await ask(connection, 'index_account', { address: BOB })).toEqual({
      address: BOB,
      firstHeight: 1,
      lastHeight: 4,
      sums: [
        { token: 0, purse: 'free', amount: '20000000000000004' },
        { token: 1, purse: 'free', amount: '20' },
      ],
    });
    const { points } = await ask<{ points: object[] }>(connection, 'index_balances', { address: BOB });
    expect(points).toEqual([
      { height: 1, timeMs: 1_700_000_001_000, amount: '3' },
      { height: 2, timeMs: 1_700_000_002_000, amount: '3' },
      { height: 3, timeMs: 1_700_000_003_000, amount: '3' },
      { height: 4, timeMs: 1_700_000_004_000, amount: '20000000000000004' },
    ]);
    expect(await ask(connection, 'index_account', { address: anAddress(8) })).toEqual({
      ...{ address: anAddress(8), firstHeight: null, lastHeight: null, sums: [] },
    });
  });

  test('sums up emission by blocks and kind, and shows pay and prices of a subnet', async () => {
    const connection = told;
    expect(await ask(connection, 'index_emission', { netuid: 1, every: 2 })).toEqual({
      sums: [
        { from: 1, to: 2, kinds: { incentive: '10', take: '3' }, payments: 2 },
        { from: 3, to: 4, kinds: { incentive: '7' }, payments: 1 },
      ],
      next: null,
    });
    expect(await ask(connection, 'index_pay', { hotkey: CAROL, from: 4 })).toMatchObject({
      pay: [{ height: 4, netuid: 1, uid: 0, coldkey: BOB, kind: 'incentive', amount: '7' }],
    });
    expect(await ask(connection, 'index_subnet', { netuid: 1 })).toEqual({
      netuid: 1,
      firstHeight: 2,
      lastHeight: 4,
      prices: { burn: null, lock: null, pool: { height: 4, amount: '99' } },
    });
  });

  test.each([
    ['index_events', { from: 9, to: 3 }],
    ['index_events', { limit: 0 }],
    ['index_events', { limit: 501 }],
    ['index_events', { after: '9007199254740993' }],
    ['index_events', { names: ["x' or 1=1 --"] }],
    ['index_balances', { address: ALICE, every: 0 }],
    ['index_emission', { netuid: 1, every: 0 }],
    ['index_pay', {}],
  ])('refuses %s %j with a code', async (name, params) => {
    const connection = busy;
    await expect(ask(connection, name, params)).rejects.toMatchObject({ code: 'INDEX_QUERY_INVALID' });
  });

  test('keeps series short', async () => {
    await using place = await create();
    await using connection = await indexed(
      place,
      Array.from({ length: 501 }, (_, i) => aBlock(i + 1)),
    );
    await expect(ask(connection, 'index_balances', { address: ALICE })).rejects.toMatchObject({
      code: 'INDEX_QUERY_INVALID',
    });
    const { points } = await ask<{ points: object[] }>(connection, 'index_balances', {
      address: ALICE,
      every: 2,
    });
    expect(points).toHaveLength(251);
  });
});

describe('parameters of strangers', () => {
  it.each([
    ['index_events', { account: 'x' }],
    ['index_events', { netuid: '1' }],
    ['index_events', { netuid: 1.5 }],
    ['index_events', { after: 5 }],
    ['index_events', { names: Array.from({ length: 21 }, () => 'a.b') }],
    ['index_events', { where: '1=1' }],
    ['index_channel', { channel: 'ff' }],
    ['index_prices', { netuid: 1, kind: 'tea' }],
    ['index_account', {}],
  ])('are refused before the database is asked: %s %j', (name, params) => {
    const query = INDEX_QUERIES.find((each) => each.name === name)!;
    expect(() => query.params.fromJson(params)).toThrow();
  });
});
