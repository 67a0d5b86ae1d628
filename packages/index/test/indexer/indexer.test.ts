import { CairnError } from '@cairn/core';
import { describe, expect, it } from 'vitest';
import { createIndexer, type IndexConnection } from '../../src/index.ts';
import { busyBlocks } from '../support/busy-chain.ts';
import { databasesUnderTest } from '../support/databases.ts';
import { allRows } from '../support/rows.ts';
import { aBlock, aLog, createWrittenChain, hash } from '../support/written-chain.ts';

class NotKept extends CairnError<{ code: 'BLOCK_NOT_KEPT' }> {}

const databases = await databasesUnderTest();

const anIndexer = (
  connection: IndexConnection,
  { ledger }: ReturnType<typeof createWrittenChain>,
  options = {},
) => createIndexer({ ledger, connection, log: aLog() }, options);

/** Follows until the index is at a height. */
async function followTo(indexer: ReturnType<typeof anIndexer>, height: number): Promise<void> {
  const abort = new AbortController();
  const done = indexer.follow(abort.signal);
  while ((await indexer.status()).height !== height) {
    await Promise.race([done, new Promise((resolve) => setImmediate(resolve))]);
  }
  abort.abort();
  await done;
}

describe.each(databases)('an index in $name', ({ create, missing }) => {
  const test = it.skipIf(missing !== null);

  test('takes in every block there is and every one that comes', async () => {
    await using place = await create();
    await using connection = await place.open();
    const chain = createWrittenChain(busyBlocks(12));
    const indexer = anIndexer(connection, chain);
    const abort = new AbortController();
    const done = indexer.follow(abort.signal);
    while ((await indexer.status()).height !== 12) await new Promise((resolve) => setImmediate(resolve));
    chain.push(...busyBlocks(15).slice(12));
    while ((await indexer.status()).height !== 15) await new Promise((resolve) => setImmediate(resolve));
    expect(await indexer.status()).toMatchObject({ chainHeight: 15, isFollowing: true, failure: null });
    abort.abort();
    await done;
    const rows = await allRows(connection);
    expect(rows.blocks).toHaveLength(15);
    expect(rows.events).toHaveLength(
      chain.blocks.reduce(
        (sum, block) => sum + [block, ...block.transactions].reduce((n, { events }) => n + events.length, 0),
        0,
      ),
    );
    expect((await indexer.status()).isFollowing).toBe(false);
  });

  test('goes on where it stopped, and reads no block twice', async () => {
    await using place = await create();
    const chain = createWrittenChain(busyBlocks(10));
    {
      await using connection = await place.open();
      await anIndexer(connection, chain).catchUp();
    }
    chain.push(...busyBlocks(14).slice(10));
    await using connection = await place.open();
    const before = chain.reads.blocks;
    await anIndexer(connection, chain).catchUp();
    // The last indexed block is looked at to see that it is still the same chain.
    expect(chain.reads.blocks - before).toBe(1 + 4);
    expect((await allRows(connection)).blocks).toHaveLength(14);
  });

  test.each([1, 3, 100])('holds the same in batches of %i blocks', async (batchBlocks) => {
    await using one = await create();
    await using other = await create();
    await using whole = await one.open();
    await using parts = await other.open();
    const blocks = busyBlocks(20);
    await anIndexer(whole, createWrittenChain(blocks)).catchUp();
    await followTo(anIndexer(parts, createWrittenChain(blocks), { batchBlocks, batchEvents: 7 }), 20);
    expect(await allRows(parts)).toEqual(await allRows(whole));
  });

  test('holds the same after being rebuilt, or cut back and indexed again', async () => {
    await using place = await create();
    await using connection = await place.open();
    const chain = createWrittenChain(busyBlocks(20));
    const indexer = anIndexer(connection, chain);
    await indexer.catchUp();
    const before = await allRows(connection);
    for (const height of [20, 11, 1, 0]) {
      await indexer.cutBack(height);
      expect((await allRows(connection)).blocks, `cut back to ${height}`).toHaveLength(height);
      await indexer.catchUp();
      expect(await allRows(connection), `cut back to ${height}`).toEqual(before);
    }
  });

  test('cuts back to what an index of fewer blocks holds', async () => {
    await using one = await create();
    await using other = await create();
    await using long = await one.open();
    await using short = await other.open();
    const indexer = anIndexer(long, createWrittenChain(busyBlocks(20)));
    await indexer.catchUp();
    await indexer.cutBack(13);
    await anIndexer(short, createWrittenChain(busyBlocks(13))).catchUp();
    expect(await allRows(long)).toEqual(await allRows(short));
    await expect(indexer.cutBack(14)).rejects.toMatchObject({ code: 'INDEX_HEIGHT_INVALID' });
  });

  test('refuses another chain, and says so', async () => {
    await using place = await create();
    await using connection = await place.open();
    await anIndexer(connection, createWrittenChain(busyBlocks(3))).catchUp();
    const other = anIndexer(connection, createWrittenChain(busyBlocks(3), 'd2'.repeat(32)));
    await expect(other.follow(new AbortController().signal)).rejects.toMatchObject({
      code: 'INDEX_WRONG_CHAIN',
    });
    expect((await other.status()).failure).toMatchObject({ code: 'INDEX_WRONG_CHAIN' });
    await other.cutBack(0);
    expect(await other.catchUp()).toBe(3);
    expect((await other.status()).failure).toBeNull();
  });

  test('refuses a block whose hash changed, the last one and one on the way', async () => {
    await using place = await create();
    await using connection = await place.open();
    await anIndexer(connection, createWrittenChain(busyBlocks(3))).catchUp();
    const rewritten = [...busyBlocks(2), aBlock(3, { salt: 4 })];
    await expect(anIndexer(connection, createWrittenChain(rewritten)).catchUp()).rejects.toMatchObject({
      problem: { code: 'INDEX_CHAIN_CHANGED', height: 3, has: hash(3), given: hash(3, 4) },
    });
    const broken = [...busyBlocks(4), aBlock(5, { previousSalt: 4 })];
    const onTheWay = anIndexer(connection, createWrittenChain(broken), { batchBlocks: 1 });
    await expect(onTheWay.catchUp()).rejects.toMatchObject({
      problem: { code: 'INDEX_CHAIN_CHANGED', height: 4, has: hash(4), given: hash(4, 4) },
    });
    expect((await onTheWay.status()).height).toBe(4);
  });

  test('refuses a chain that is behind it, and one that lacks a block', async () => {
    await using place = await create();
    await using connection = await place.open();
    await anIndexer(connection, createWrittenChain(busyBlocks(5))).catchUp();
    await expect(anIndexer(connection, createWrittenChain(busyBlocks(4))).catchUp()).rejects.toMatchObject({
      problem: { code: 'INDEX_AHEAD', height: 5, chainHeight: 4 },
    });
    const pruned = busyBlocks(9).filter(({ header }) => header.height !== 7);
    await expect(anIndexer(connection, createWrittenChain(pruned)).catchUp()).rejects.toMatchObject({
      problem: { code: 'INDEX_BLOCK_MISSING', height: 7 },
    });
  });

  test('says so when the node began from a snapshot', async () => {
    await using place = await create();
    await using connection = await place.open();
    const chain = createWrittenChain(busyBlocks(9));
    const block = async () => {
      throw new NotKept({ code: 'BLOCK_NOT_KEPT' }, 'Block 1 is not kept here.');
    };
    await expect(
      anIndexer(connection, { ...chain, ledger: { ...chain.ledger, block } }).catchUp(),
    ).rejects.toMatchObject({ problem: { code: 'INDEX_BLOCK_MISSING', height: 1 } });
  });

  test('writes nothing of a batch in which one event is not as it was promised', async () => {
    await using place = await create();
    await using connection = await place.open();
    const bad = aBlock(3, { events: [['accounts.transferred', { from: 'x', to: 'y', amount: 'many' }]] });
    const indexer = anIndexer(connection, createWrittenChain([...busyBlocks(2), bad]));
    await expect(indexer.catchUp()).rejects.toMatchObject({
      problem: { code: 'INDEX_EVENT_MALFORMED', event: 'accounts.transferred', height: 3, field: 'amount' },
    });
    expect((await allRows(connection)).blocks).toEqual([]);
  });

  test('lets one of two writers win, and the other leave nothing', async () => {
    await using place = await create();
    await using mine = await place.open();
    await using theirs = await place.open();
    const chain = createWrittenChain(busyBlocks(2));
    const [first, second] = [anIndexer(mine, chain), anIndexer(theirs, chain)];
    await first.catchUp();
    await second.catchUp();
    chain.push(...busyBlocks(4).slice(2));
    await first.catchUp();
    await expect(second.catchUp()).rejects.toMatchObject({ code: 'INDEX_WRITER_CONFLICT' });
    expect((await allRows(mine)).blocks).toHaveLength(4);
  });

  test('refuses tables of a later release', async () => {
    await using place = await create();
    await using connection = await place.open();
    const indexer = anIndexer(connection, createWrittenChain(busyBlocks(2)));
    await indexer.catchUp();
    await connection.database.updateTable('progress').set({ version: 99 }).execute();
    await expect(indexer.follow(new AbortController().signal)).rejects.toMatchObject({
      code: 'INDEX_DATABASE_TOO_NEW',
    });
  });
});
