import type { EventView } from '@cairn/protocol';
import { describe, expect, it } from 'vitest';
import { aChain, aTransfer, bob, include } from '../parts.ts';

async function take(events: AsyncIterable<EventView>, count: number): Promise<EventView[]> {
  const taken: EventView[] = [];
  for await (const event of events) {
    taken.push(event);
    if (taken.length === count) break;
  }
  return taken;
}

describe('the ledger in this process', () => {
  it('finds a block by height and hash, and nothing where there is none', async () => {
    await using chain = await aChain();
    await chain.engine.start();
    const { transaction } = await include(chain, await aTransfer());
    const block = (await chain.ledger.block(transaction!.height))!;
    expect(await chain.ledger.block(block.header.hash)).toEqual(block);
    expect(block.transactions.map(({ id }) => id)).toEqual([transaction!.id]);
    for (const at of [0, -1, 1.5, 9_999, Number.NaN, 'ff'.repeat(32), '']) {
      expect(await chain.ledger.block(at), String(at)).toBeNull();
    }
    expect(await chain.ledger.transaction('00')).toBeNull();
  });

  it('answers with plain JSON', async () => {
    await using chain = await aChain();
    await chain.engine.start();
    await include(chain, await aTransfer());
    for (const value of [
      await chain.ledger.status(),
      await chain.ledger.block(),
      await chain.ledger.proof('a'),
    ]) {
      expect(JSON.parse(JSON.stringify(value))).toEqual(value);
    }
  });

  it('replays events from a height and goes on with new ones, by name', async () => {
    await using chain = await aChain();
    await chain.engine.start();
    const first = await include(chain, await aTransfer({ nonce: 0n, amount: 5n }));
    const events = take(chain.ledger.events({ from: 1, names: ['accounts.*'] }), 2);
    const second = await include(chain, await aTransfer({ nonce: 1n, amount: 6n }));
    expect(
      (await events).map(({ name, height, transaction, data }) => [name, height, transaction, data.amount]),
    ).toEqual([
      ['accounts.transferred', first.transaction!.height, first.id, '5'],
      ['accounts.transferred', second.transaction!.height, second.id, '6'],
    ]);
  });

  it('reports every block once and in order, however slow the reader is', async () => {
    await using chain = await aChain();
    await chain.engine.start();
    const events = chain.ledger.events({ names: ['chain.committed'] });
    await chain.time.advance(300_000);
    const taken = await take(events, 300);
    expect(taken.map(({ height }) => height)).toEqual(Array.from({ length: 300 }, (_, i) => i + 1));
  });

  it('ends the events when the caller or the chain stops', async () => {
    const chain = await aChain();
    const stop = new AbortController();
    const stopped = take(chain.ledger.events({ signal: stop.signal }), 1);
    const closed = take(chain.ledger.events(), 1);
    stop.abort();
    expect(await stopped).toEqual([]);
    await chain.close();
    expect(await closed).toEqual([]);
  });

  it('says so when a transaction is not included in time, and still includes it later', async () => {
    await using chain = await aChain();
    const tx = await aTransfer();
    const waiting = chain.ledger.submitAndWait(tx, 100);
    while (chain.mempool.count === 0) await Promise.resolve();
    await chain.time.advance(100);
    const late = await waiting;
    expect(late).toMatchObject({ ok: false, problem: { code: 'NOT_INCLUDED_IN_TIME' }, transaction: null });
    await chain.engine.produceBlock();
    expect((await chain.ledger.transaction(late.id!))?.ok).toBe(true);
  });

  it('answers at once for a transaction that is in a block already, so that a retry is harmless', async () => {
    await using chain = await aChain();
    await chain.engine.start();
    const tx = await aTransfer();
    const first = await include(chain, tx);
    expect(await chain.ledger.submitAndWait(tx)).toEqual(first);
  });

  it('reports a transaction whose message failed as included, with its fee', async () => {
    await using chain = await aChain();
    await chain.engine.start();
    const result = await include(chain, await aTransfer({ from: bob, amount: 10n ** 18n }));
    expect(result).toMatchObject({ ok: false, problem: { code: 'BALANCE_TOO_LOW' } });
    expect(BigInt(result.transaction!.fee)).toBeGreaterThan(0n);
    expect(await chain.ledger.transaction(result.id!)).toEqual(result.transaction);
  });
});
