import { setImmediate as nextTurn } from 'node:timers/promises';
import { decode } from '@cairn/core';
import {
  decodeClientFrame,
  INFER_PROTOCOL,
  type RecordStore,
  signedVoucherShape,
  type Transport,
} from '@cairn/protocol';
import type { InferEvent, Payer } from '@cairn/sdk';
import { describe, expect, it } from 'vitest';
import { systemTimer } from '../../src/real/timer.ts';
import { ask, gather, words } from './asking.ts';
import { aRecordStore, aTown, type Town } from './parts.ts';

/** A disk that takes a while: `durable` is what a kill at this moment leaves. */
function aSlowStore(from?: ReadonlyMap<string, Uint8Array>): RecordStore & { durable(): RecordStore } {
  const visible = new Map(from);
  const written = new Map(from);
  let turn: Promise<void> = Promise.resolve();
  const write = (change: (records: Map<string, Uint8Array>) => void) => {
    change(visible);
    turn = turn.then(async () => {
      for (let tick = 0; tick < 3; tick++) await new Promise<void>((resolve) => setImmediate(resolve));
      change(written);
    });
    return turn;
  };
  return {
    get: (key) => visible.get(key),
    set: (key, record) => write((records) => records.set(key, record.slice())),
    delete: (key) => write((records) => records.delete(key)),
    keys: (prefix) => [...visible.keys()].filter((key) => key.startsWith(prefix)).sort(),
    durable: () => aRecordStore(written),
    [Symbol.asyncDispose]: async () => undefined,
  };
}

/** Calls `onVoucher` for each voucher that is about to leave. */
function watching(
  transport: Transport,
  onVoucher: (cumulative: bigint, channel: Uint8Array) => void,
): Transport {
  return {
    ...transport,
    peer: transport.peer,
    async dial(...args) {
      const stream = await transport.dial(...args);
      if (args[1] !== INFER_PROTOCOL) return stream;
      return {
        ...stream,
        remote: stream.remote,
        protocol: stream.protocol,
        read: () => stream.read(),
        closeWrite: () => stream.closeWrite(),
        abort: (reason) => stream.abort(reason),
        write(bytes) {
          const frame = decodeClientFrame(bytes);
          if (frame.type === 'open' || frame.type === 'voucher') {
            const { voucher } = decode(signedVoucherShape, frame.voucher);
            onVoucher(voucher.cumulative, voucher.channel);
          }
          return stream.write(bytes);
        },
      };
    },
  };
}

const promisedIn = (town: Town, records: RecordStore): bigint =>
  town.startPayer(records).channels()[0]?.promised ?? 0n;

describe('answers that share a channel', () => {
  it('go on when one of them ends owing', async () => {
    let isCut = false;
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const town = await aTown({
      echo: { beforeToken: (token, request) => (request === 1 && token === 20 ? held : Promise.resolve()) },
      network: {
        onFrame({ from, stream, index }) {
          if (from !== 'miner' || stream !== 2 || index !== 30) return 'pass';
          isCut = true;
          return 'cut';
        },
      },
    });
    await gather(ask(town, 'settle first'));
    const slow = gather(ask(town, words(300)));
    await expect.poll(() => town.miner.miner.serving).toBe(1);
    await expect(gather(ask(town, words(100)))).rejects.toThrow();
    expect(isCut).toBe(true);
    await expect.poll(() => town.miner.miner.serving).toBe(1);
    release();
    const { text } = await slow;
    expect(text).toContain('word299');
  });

  it('begin with a long prompt beside a slow one', async () => {
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    let isHeld = false;
    const town = await aTown({
      echo: {
        async beforeToken(token, request) {
          if (request !== 1 || token !== 65) return;
          isHeld = true;
          await held;
        },
      },
    });
    await gather(ask(town, 'settle first'));
    const slow = gather(ask(town, words(200)));
    await expect.poll(() => isHeld).toBe(true);
    const quick = await gather(ask(town, words(200)));
    expect(quick.text).toContain('word199');
    release();
    expect((await slow).text).toContain('word199');
  });

  it('do not wait for a ledger that is busy', async () => {
    const town = await aTown();
    await gather(ask(town, 'settle first'));
    let release = () => {};
    const busy = new Promise<void>((resolve) => {
      release = resolve;
    });
    // What was seen is older than it is believed without asking, and nobody answers.
    town.clock.advance(3_000);
    town.ledger.holdFinds(busy);
    const answers = await Promise.all([1, 2, 3, 4].map(() => gather(ask(town, words(150)))));
    for (const { text } of answers) expect(text).toContain('word149');
    expect(town.ledger.finds.count).toBeLessThan(10);
    release();
  });
});

describe('a payer that may be killed at any moment', () => {
  it('has every voucher on disk before it leaves, however many answers share the channel', async () => {
    const records = aSlowStore();
    const town = await aTown();
    const payer = town.startPayer(records);
    let seen = 0;
    const transport = watching(town.payerTransport, (cumulative) => {
      seen += 1;
      const kept = promisedIn(town, records.durable());
      expect(kept >= cumulative, `voucher ${seen} promises ${cumulative}, on disk is ${kept}`).toBe(true);
    });
    const parts = { ...town.inferParts(payer), transport };
    Object.assign(town, { inferParts: () => parts });
    for (let round = 0; round < 4; round++) {
      const asked = [...Array(6).keys()].map((n) => gather(ask(town, words(40 + 10 * n), { payer })));
      for (const { text } of await Promise.all(asked)) expect(text).toContain('word39');
    }
    expect(seen).toBeGreaterThan(40);
  });

  it('is believed, and believes, after a kill at any voucher', async () => {
    for (let at = 1; ; at++) {
      const records = aSlowStore();
      const town = await aTown();
      const payer = town.startPayer(records);
      let left: RecordStore | null = null;
      let seen = 0;
      let isCut: Promise<void> | null = null;
      const transport = watching(town.payerTransport, () => {
        seen += 1;
        if (seen !== at) return;
        left = records.durable();
        // This voucher still leaves at every other kill.
        const cut = () => town.network.part('payer', 'miner');
        if (at % 2 === 0) cut();
        else isCut = nextTurn().then(cut);
      });
      const parts = town.inferParts(payer);
      Object.assign(town, { inferParts: (payer: Payer) => ({ ...parts, payer, transport }) });
      await Promise.allSettled([0, 1, 2].map((n) => gather(ask(town, words(30 + n), { payer }))));
      if (left === null) break;
      // Of the last voucher the answers may end before.
      await isCut;
      town.network.heal('payer', 'miner');
      await expect.poll(() => town.miner.miner.serving).toBe(0);
      const next = town.startPayer(left);
      const { text } = await gather(ask(town, words(12), { payer: next }));
      expect(text, `kill at ${at}`).toContain('word11');
      const [books] = next.channels();
      expect(books!.disputed, `kill at ${at}`).toBe(false);
      await expect.poll(() => town.miner.miner.serving).toBe(0);
      expect(town.miner.payee.channels()[0]!.record.settled, `kill at ${at}`).toBe(books!.settled);
    }
  });

  it.each([1, 64])(
    'takes new questions before the vouchers of the last answers are written, %i at once',
    async (atOnce) => {
      const town = await aTown({ terms: { maxConcurrency: atOnce } });
      const payer = town.startPayer(aSlowStore(), systemTimer);
      let answers = 0;
      const paid: Promise<unknown>[] = [];
      async function keepAsking(): Promise<void> {
        for (let question = 0; question < 4; question += 1) {
          const events = ask(town, 'one two', { payer });
          for (let isTold = false; !isTold; ) {
            const { value } = await events.next();
            isTold = value!.type === 'end';
          }
          answers += 1;
          paid.push(events.return());
        }
      }
      await Promise.all(Array.from({ length: atOnce }, keepAsking));
      await Promise.all(paid);
      expect(answers).toBe(4 * atOnce);
      expect([...payer.receipts()]).toHaveLength(4 * atOnce);
      expect(payer.channels()).toHaveLength(1);
    },
  );

  it('writes what waits for a next request when it stops', async () => {
    const town = await aTown();
    const store = aSlowStore();
    const payer = town.startPayer(store, town.timer);
    const events = ask(town, 'one two', { payer });
    let end: InferEvent | undefined;
    while (end?.type !== 'end') end = (await events.next()).value!;
    const { receiptId, receipt } = end;
    expect(payer.receipt(receiptId), 'told before it is written').toEqual(receipt);
    expect([...town.startPayer(store.durable()).receipts()]).toEqual([]);
    await payer.flush();
    expect([...town.startPayer(store.durable()).receipts()]).toEqual([receipt]);
    await events.return();
    expect(payer.channels()[0]).toMatchObject({ settled: receipt.receipt.price });
  });

  it('is shown the receipt again that it was killed before writing, and pays it once', async () => {
    const town = await aTown();
    const store = aSlowStore();
    const events = ask(town, 'one two', { payer: town.startPayer(store, town.timer) });
    let end: InferEvent | undefined;
    while (end?.type !== 'end') end = (await events.next()).value!;
    const again = town.startPayer(store.durable());
    expect([...again.receipts()]).toEqual([]);
    const next = await gather(ask(town, 'three four', { payer: again }));
    expect(again.receipt(end.receiptId)).toEqual(end.receipt);
    const settled = end.receipt.receipt.price + next.end.receipt.receipt.price;
    expect(again.channels()).toMatchObject([{ settled, receipts: 2, disputed: false }]);
  });
});
