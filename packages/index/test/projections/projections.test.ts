import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createIndexer } from '../../src/index.ts';
import { addBlockRows, noRows } from '../../src/projections/block-rows.ts';
import { readEvent } from '../../src/projections/event-reader.ts';
import { mentionsOf } from '../../src/projections/mentions.ts';
import { PROJECTIONS } from '../../src/projections/table.ts';
import { aBusyBlock, aBusyEvent } from '../support/busy-chain.ts';
import { databasesUnderTest } from '../support/databases.ts';
import { allRows } from '../support/rows.ts';
import { aBlock, aLog, anAddress, createWrittenChain, type Said } from '../support/written-chain.ts';

const databases = await databasesUnderTest();
const [ALICE, BOB] = [anAddress(1), anAddress(2)];
const eventOf = ([name, data]: Said) => ({ name, height: 1, transaction: null, data });
const project = (said: Said) => PROJECTIONS[said[0]]!(readEvent(eventOf(said)));

describe('what the index derives from an event', () => {
  it('moves a transfer from one account to the other', () => {
    expect(project(['accounts.transferred', { from: ALICE, to: BOB, amount: '5' }])).toEqual([
      {
        table: 'flows',
        account: ALICE,
        purse: 'free',
        token: 0,
        kind: 'transfer',
        amount: -5n,
        counterparty: BOB,
      },
      {
        table: 'flows',
        account: BOB,
        purse: 'free',
        token: 0,
        kind: 'transfer',
        amount: 5n,
        counterparty: ALICE,
      },
    ]);
  });

  it('keeps what pool orders traded in both tokens, and the price they cleared at', () => {
    const order = { netuid: 3, kind: 'account', owner: ALICE, status: 'filled', returned: '0', fee: '1' };
    const rows = project(['pools.orderCleared', { ...order, side: 'buy', spent: '10', amountOut: '4' }]);
    expect(rows).toMatchObject([
      { account: ALICE, token: 0, amount: -10n },
      { account: ALICE, token: 3, amount: 4n },
    ]);
    const sold = project(['pools.orderCleared', { ...order, side: 'sell', spent: '4', amountOut: '9' }]);
    expect(sold).toMatchObject([
      { token: 3, amount: -4n },
      { token: 0, amount: 9n },
    ]);
    expect(
      project(['pools.orderCleared', { ...order, kind: 'root', side: 'buy', spent: '1', amountOut: '1' }]),
    ).toEqual([]);
    expect(project(['pools.cleared', { netuid: 3, price: '25', orders: 2 }])).toEqual([
      { table: 'prices', netuid: 3, kind: 'pool', amount: 25n },
    ]);
  });

  it('gives dividends of all stakers to no coldkey', () => {
    const paid = { netuid: 1, uid: 2, hotkey: BOB, kind: 'dividends', amount: '7' };
    expect(project(['emission.paid', { ...paid, coldkey: null }])).toEqual([
      { table: 'pay', netuid: 1, uid: 2, hotkey: BOB, coldkey: null, kind: 'dividends', amount: 7n },
    ]);
    expect(project(['emission.paid', { ...paid, coldkey: ALICE }])).toHaveLength(2);
  });

  it.each([
    [{ to: BOB, amount: '5' }, 'from'],
    [{ from: ALICE, to: 7, amount: '5' }, 'to'],
    [{ from: ALICE, to: BOB, amount: 5 }, 'amount'],
    [{ from: ALICE, to: BOB, amount: '-5' }, 'amount'],
    [{ from: ALICE, to: BOB, amount: String(2n ** 63n) }, 'amount'],
  ])('says which field of %j is not as it was promised', (data, field) => {
    expect(() => project(['accounts.transferred', data as never])).toThrow(
      expect.objectContaining({ problem: expect.objectContaining({ code: 'INDEX_EVENT_MALFORMED', field }) }),
    );
  });

  it('finds accounts and subnets in events that it does not know', () => {
    const found = mentionsOf(
      eventOf([
        'new.event',
        { a: ALICE, b: [BOB, 'cairn1nothing'], toNetuid: 4, inner: { netuid: 5 }, uid: 9 } as never,
      ]),
    );
    expect([...found.accounts]).toEqual([ALICE, BOB]);
    expect([...found.netuids]).toEqual([4, 5]);
  });

  it('is the same for the same block, and leaves an unknown event raw', () => {
    fc.assert(
      fc.property(fc.nat(1_000_000), (height) => {
        const [once, twice] = [noRows(), noRows()];
        addBlockRows(once, aBusyBlock(height + 1));
        addBlockRows(twice, aBusyBlock(height + 1));
        expect(twice).toEqual(once);
      }),
    );
    const rows = noRows();
    addBlockRows(rows, aBlock(1, { events: [['nobody.knows', { from: ALICE, what: [1, 'two', null] }]] }));
    expect(rows.events).toMatchObject([
      { name: 'nobody.knows', data: JSON.stringify({ from: ALICE, what: [1, 'two', null] }) },
    ]);
    expect(rows.flows).toEqual([]);
  });

  it('moves no money inside an account or between two that was not there: such legs add up to zero', () => {
    const inside = [
      'accounts.transferred',
      'staking.staked',
      'staking.unstaked',
      'channels.opened',
      'channels.finalised',
    ];
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const said = aBusyEvent(seed);
        fc.pre(inside.includes(said[0]));
        const flows = project(said).filter((row) => row.table === 'flows');
        expect(flows.reduce((sum, { amount }) => sum + amount, 0n)).toBe(0n);
      }),
    );
  });
});

describe.each(databases)('projections in $name', ({ create, missing }) => {
  it.skipIf(missing !== null)(
    'hold the same however the blocks were cut into runs, cuts and repeats',
    async () => {
      await using one = await create();
      await using other = await create();
      await using patched = await one.open();
      await using straight = await other.open();
      const step = fc.record({ batch: fc.integer({ min: 1, max: 5 }), back: fc.integer({ min: 0, max: 6 }) });
      await fc.assert(
        fc.asyncProperty(
          fc.array(step, { minLength: 1, maxLength: 4 }),
          fc.nat(1_000),
          async (steps, seed) => {
            const blocks = Array.from({ length: 8 }, (_, i) => {
              const { transactions, events } = aBusyBlock(seed * 100 + i + 1);
              const said = (list: typeof events) => list.map(({ name, data }): Said => [name, data]);
              return aBlock(i + 1, {
                transactions: transactions.map((each) => said(each.events)),
                events: said(events),
              });
            });
            const { ledger } = createWrittenChain(blocks);
            for (const connection of [patched, straight])
              await createIndexer({ ledger, connection, log: aLog() }).cutBack(0);
            for (const { batch, back } of steps) {
              const indexer = createIndexer(
                { ledger, connection: patched, log: aLog() },
                { batchBlocks: batch },
              );
              await indexer.catchUp();
              await indexer.cutBack(back);
            }
            await createIndexer({ ledger, connection: patched, log: aLog() }).catchUp();
            await createIndexer({ ledger, connection: straight, log: aLog() }).catchUp();
            expect(await allRows(patched)).toEqual(await allRows(straight));
          },
        ),
        { numRuns: 8 },
      );
    },
  );
});
