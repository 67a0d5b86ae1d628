import { bytesToHex } from '@cairn/core';
import { priceOf } from '@cairn/ledger';
import type { Frame } from '@cairn/network';
import type { RecordStore } from '@cairn/protocol';
import { describe, expect, it } from 'vitest';
import { ask, gather, words } from './asking.ts';
import { aPrice, aTown, type Town } from './parts.ts';

const PROMPT_TOKENS = 150;
const MOST_TRANCHE = priceOf(aPrice, PROMPT_TOKENS, 0, 64);
const question = words(PROMPT_TOKENS);

/** Reads an answer until it ends or breaks; counts what came. */
async function tryAsk(town: Town) {
  let tokens = 0;
  try {
    for await (const event of ask(town, question)) if (event.type === 'delta') tokens += event.tokens;
    return { tokens, isBroken: false };
  } catch {
    return { tokens, isBroken: true };
  }
}

function worthOf(tokens: number): bigint {
  return tokens === 0 ? 0n : priceOf(aPrice, PROMPT_TOKENS, 0, tokens);
}

/** Both exposures are bounded, whatever happened. */
function expectBounded(town: Town, worth: bigint, note: string): void {
  const promised = town.payer.channels()[0]?.promised ?? 0n;
  expect(promised <= worth + MOST_TRANCHE, `${note}: promised ${promised} for ${worth}`).toBe(true);
  for (const { record } of town.miner.payee.channels()) {
    const paid = record.highest?.voucher.cumulative ?? 0n;
    expect(record.settled - paid <= MOST_TRANCHE, `${note}: unpaid ${record.settled - paid}`).toBe(true);
    expect(worth - promised <= MOST_TRANCHE, `${note}: sent unpaid ${worth - promised}`).toBe(true);
  }
}

/** Waits until the miner has taken the last voucher of every answer. */
async function idle(town: Town): Promise<void> {
  while (town.miner.miner.serving > 0) await new Promise((resolve) => setImmediate(resolve));
}

async function expectAgreement(town: Town, note: string): Promise<void> {
  await idle(town);
  await town.miner.miner[Symbol.asyncDispose]();
  await town.miner.payee.claimAll();
  const claimed = town.ledger.claims.reduce((sum, { amount }) => sum + amount, 0n);
  const [books] = town.payer.channels();
  const [record] = town.miner.payee.channels().map((channel) => channel.record);
  expect(record?.settled, note).toBe(books?.settled);
  expect(claimed, note).toBe(books?.settled);
  const receipts = [...town.payer.receipts()].reduce((sum, { receipt }) => sum + receipt.price, 0n);
  expect(receipts, note).toBe(claimed);
}

describe('a connection that is lost', () => {
  it.each(['payer', 'miner'])(
    'at any frame from the %s leaves both within one tranche, and the next answer settles all',
    async (from) => {
      for (let cutAt = 0; cutAt < 45; cutAt += 1) {
        const note = `cut at frame ${cutAt} from ${from}`;
        let cuts = 0;
        const onFrame = (frame: Frame) => {
          if (frame.from !== from || frame.stream !== 1 || frame.index !== cutAt) return 'pass';
          cuts += 1;
          return 'cut';
        };
        const town = await aTown({ network: { onFrame } });
        const first = await tryAsk(town);
        expectBounded(town, worthOf(first.tokens), note);
        const second = await tryAsk(town);
        if (cuts === 1 && from === 'miner') expect(second.isBroken, note).toBe(true);
        expectBounded(town, worthOf(first.tokens) + worthOf(second.tokens), note);
        const { text } = await gather(ask(town, question));
        expect(text, note).toBe(question);
        await expectAgreement(town, note);
        if (cuts === 0) break;
      }
    },
  );

  it('again and again costs the payer at most one tranche more than it got', async () => {
    let frames = 0;
    const town = await aTown({
      network: { onFrame: ({ from }: Frame) => (from === 'miner' && ++frames % 37 === 0 ? 'cut' : 'pass') },
    });
    let worth = 0n;
    for (let round = 0; round < 25; round += 1) {
      const { tokens } = await tryAsk(town);
      worth += worthOf(tokens);
      expectBounded(town, worth, `round ${round}`);
    }
    expect(town.payer.channels()[0]?.disputed).toBe(false);
  });

  it('by a provider that dies in the middle is told, and what came is on the books', async () => {
    const town = await aTown();
    const events = ask(town, question);
    let tokens = 0;
    const reading = (async () => {
      for await (const event of events) {
        if (event.type !== 'delta') continue;
        tokens += event.tokens;
        if (tokens === 40) await town.miner.miner[Symbol.asyncDispose]();
      }
    })();
    await expect(reading).rejects.toMatchObject({ code: 'PROVIDER_LOST' });
    expectBounded(town, worthOf(tokens), 'provider died');
  });
});

describe('a reader that leaves early', () => {
  it('cancels the provider and still gets a receipt for what was sent', async () => {
    const town = await aTown();
    for await (const event of ask(town, question)) if (event.type === 'delta') break;
    const [receipt] = [...town.payer.receipts()];
    expect(receipt?.receipt.finishReason).toBe('cancelled');
    expect(receipt?.receipt.completionTokens).toBeLessThan(PROMPT_TOKENS);
    await expectAgreement(town, 'left early');
  });
});

describe('a restart', () => {
  it('of the payer at any moment never promises less or twice', async () => {
    for (let crashAt = 1; crashAt < 150; crashAt += 12) {
      const note = `crash at token ${crashAt}`;
      const town = await aTown();
      await gather(ask(town, 'warm up'));
      let left: RecordStore | null = null;
      let promised = 0n;
      let tokens = 0;
      try {
        for await (const event of ask(town, question)) {
          if (event.type === 'delta') tokens += event.tokens;
          if (tokens !== crashAt || left !== null) continue;
          left = town.payerRecords.copy();
          promised = town.payer.channels()[0]?.promised ?? 0n;
          town.network.part('payer', 'miner');
        }
      } catch (error) {
        expect(error, note).toMatchObject({ code: 'PROVIDER_LOST' });
      }
      await idle(town);
      town.network.heal('payer', 'miner');
      const restarted = town.startPayer(left ?? undefined);
      expect(restarted.channels()[0]?.promised, note).toBe(promised);
      const { text } = await gather(ask(town, 'one more', { payer: restarted }));
      expect(text, note).toBe('one more');
      const [books] = restarted.channels();
      expect(restarted.channels(), note).toHaveLength(1);
      expect(
        (books?.promised ?? 0n) <= worthOf(tokens) + 2n * priceOf(aPrice, 2, 0, 2) + MOST_TRANCHE,
        note,
      ).toBe(true);
      await idle(town);
      expect(town.miner.payee.channels()[0]?.record.settled, note).toBe(books?.settled);
    }
  });

  it('of the miner keeps the highest voucher and goes on with the same channel', async () => {
    const town = await aTown();
    await gather(ask(town, question));
    await town.miner.miner[Symbol.asyncDispose]();
    await town.miner.transport[Symbol.asyncDispose]();
    const again = await town.startMiner('miner', town.minerRecords.copy());
    const { text } = await gather(ask(town, 'still there?'));
    expect(text).toBe('still there?');
    await again.miner[Symbol.asyncDispose]();
    await again.payee.claimAll();
    const [books] = town.payer.channels();
    expect(town.ledger.claims).toEqual([{ channel: bytesToHex(books!.channel), amount: books!.settled }]);
  });
});

describe('claims', () => {
  it('come every ten blocks, and at once when the channel is closing', async () => {
    const town = await aTown();
    await gather(ask(town, 'first'));
    for (let height = 1; height < 10; height += 1) await town.miner.payee.onBlock(height);
    expect(town.ledger.claims).toHaveLength(0);
    await town.miner.payee.onBlock(10);
    expect(town.ledger.claims).toHaveLength(1);
    await gather(ask(town, 'second'));
    const [books] = town.payer.channels();
    await town.ledger.of(town.payerKey.account).startClose(books!.channel);
    town.clock.advance(10_000);
    await town.miner.payee.onBlock(11);
    expect(town.ledger.claims.reduce((sum, { amount }) => sum + amount, 0n)).toBe(books!.settled);
  });
});

describe('a channel that runs low', () => {
  it('is topped up before a voucher would overdraw it', async () => {
    const town = await aTown({ deposit: 1_000n });
    for (let round = 0; round < 3; round += 1) await gather(ask(town, question));
    const [books] = town.payer.channels();
    const [channel] = town.ledger.channels.values();
    expect(books!.promised <= channel!.deposited).toBe(true);
    expect(channel?.deposited).toBe(books?.deposited);
    await expectAgreement(town, 'topped up');
  });
});

describe('a channel that was closed', () => {
  it('is not filled again while it closes, and is replaced once it is finalised', async () => {
    const town = await aTown();
    const refusal = async () => {
      try {
        return (await gather(ask(town, 'a question'))).end.receiptId;
      } catch (error) {
        return (error as { problem: { refusal?: string } }).problem.refusal;
      }
    };
    await gather(ask(town, 'a question'));
    const [hex] = [...town.ledger.channels.keys()];
    await town.ledger.of(town.payerKey.account).startClose(town.payer.channels()[0]!.channel);
    town.clock.advance(60_000);
    expect(await refusal()).toBe('CHANNEL_CLOSING');
    expect(town.ledger.channels.size).toBe(1);
    const finalised = town.ledger.channels.get(hex!)!;
    town.ledger.channels.delete(hex!);
    town.clock.advance(60_000);
    expect(await refusal()).toBe('CHANNEL_UNKNOWN');
    expect(town.payer.channels()).toEqual([]);
    town.ledger.channels.set('finalised', finalised);
    expect((await gather(ask(town, 'a question'))).text).not.toBe('');
    expect(town.payer.channels()).toHaveLength(1);
    expect(bytesToHex(town.payer.channels()[0]!.channel)).not.toBe(hex);
  });
});
