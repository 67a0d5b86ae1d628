import { describe, expect, it } from 'vitest';
import { ask, gather, words } from './asking.ts';
import { aRecordStore, aTown } from './parts.ts';

describe('a channel that only the ledger knows', () => {
  it('is paid through instead of another, as after a crash while it was opened', async () => {
    const town = await aTown();
    const opened = town.ledger.of(town.payerKey.account);
    const { provider, terms } = town.miner.offer;
    await opened.open(provider, terms.netuid, 1_000_000_000n);
    const restarted = town.startPayer(aRecordStore());
    for (const { id, channel } of await opened.own()) restarted.adopt(id, channel);
    await gather(ask(town, words(4), { payer: restarted }));
    expect(town.ledger.channels.size).toBe(1);
    expect(restarted.channels()[0]?.settled).toBeGreaterThan(0n);
  });

  it('is left alone when it is closing, was claimed from, is not ours, or its payee has one', async () => {
    const town = await aTown();
    const id = new Uint8Array(32).fill(9);
    const { provider, terms } = town.miner.offer;
    await town.ledger.of(town.payerKey.account).open(provider, terms.netuid, 5n);
    const [fresh] = [...town.ledger.channels.values()];
    const restarted = town.startPayer(aRecordStore());
    restarted.adopt(id, { ...fresh!, finalAt: 7n });
    restarted.adopt(id, { ...fresh!, claimed: 1n });
    restarted.adopt(id, { ...fresh!, payer: provider });
    expect(restarted.channels()).toEqual([]);
    restarted.adopt(id, fresh!);
    restarted.adopt(new Uint8Array(32).fill(8), fresh!);
    expect(restarted.channels().map(({ channel }) => channel)).toEqual([id]);
  });
});
