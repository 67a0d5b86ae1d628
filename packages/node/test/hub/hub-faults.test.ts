import { priceOf } from '@cairn/ledger';
import type { Frame } from '@cairn/network';
import type { RecordStore } from '@cairn/protocol';
import { addFee } from '@cairn/sdk';
import { describe, expect, it } from 'vitest';
import { gather, words } from '../miner/asking.ts';
import { aPrice, aRecordStore } from '../miner/parts.ts';
import { aHubTown, FEE_BPS, type HubTown } from './hub-town.ts';

const PROMPT_TOKENS = 60;
const question = words(PROMPT_TOKENS);
const ours = addFee(aPrice, FEE_BPS);
const MOST_TRANCHE = priceOf(ours, PROMPT_TOKENS, 0, 64);

const worthOf = (tokens: number) => (tokens === 0 ? 0n : priceOf(ours, PROMPT_TOKENS, 0, tokens));

/** Reads an answer until it ends or breaks; counts what came. */
async function tryAsk(town: HubTown, fields: Parameters<HubTown['ask']>[1] = {}) {
  let tokens = 0;
  try {
    for await (const event of town.ask(question, fields)) if (event.type === 'delta') tokens += event.tokens;
    return { tokens, isBroken: false };
  } catch {
    return { tokens, isBroken: true };
  }
}

const promised = (channels: readonly { readonly promised: bigint }[]) =>
  channels.reduce((sum, channel) => sum + channel.promised, 0n);

const paidTo = (
  channels: readonly { readonly record: { readonly highest: { voucher: { cumulative: bigint } } | null } }[],
) => channels.reduce((sum, { record }) => sum + (record.highest?.voucher.cumulative ?? 0n), 0n);

interface Halves {
  readonly payee: HubTown['payee'];
  readonly payer: HubTown['payer'];
}

/** No side risks more than a tranche: the user by what it promises, the hub by what it promises on. */
function expectBounded(town: HubTown, hub: Halves, worth: bigint, note: string): void {
  const byUser = promised(town.user.payer.channels());
  expect(byUser <= worth + MOST_TRANCHE, `${note}: the user promised ${byUser} for ${worth}`).toBe(true);
  const byHub = promised(hub.payer.channels());
  const toHub = paidTo(hub.payee.channels());
  expect(byHub <= toHub + MOST_TRANCHE, `${note}: the hub promised ${byHub} of ${toHub}`).toBe(true);
  for (const { record } of town.miner.payee.channels()) {
    const paid = record.highest?.voucher.cumulative ?? 0n;
    expect(
      record.settled - paid <= MOST_TRANCHE,
      `${note}: the provider is owed ${record.settled - paid}`,
    ).toBe(true);
  }
}

describe('a connection that is lost', () => {
  const cases = [
    ['user', 'hub 1'],
    ['hub 1', 'user'],
    ['hub 1', 'miner'],
    ['miner', 'hub 1'],
  ] as const;

  for (const isTrusted of [false, true]) {
    const known = isTrusted ? 'who has settled before' : 'who is new';
    it.each(cases)(
      `at any frame from %s to %s leaves everybody within one tranche, for a user ${known}`,
      async (from, to) => {
        for (let at = 0; ; at += 7) {
          let isCut = false;
          let isArmed = !isTrusted;
          const town = await aHubTown({
            sealing: 'x25519',
            network: {
              onFrame(frame: Frame) {
                if (!isArmed || isCut || frame.from !== from || frame.to !== to || frame.index !== at)
                  return 'pass';
                isCut = true;
                return 'cut';
              },
            },
          });
          const note = `frame ${at}`;
          let worth = 0n;
          if (isTrusted) {
            worth += worthOf((await tryAsk(town)).tokens);
            await town.quiet();
            isArmed = true;
          }
          const { tokens } = await tryAsk(town);
          if (!isCut) break;
          worth += worthOf(tokens);
          await town.quiet();
          expectBounded(town, town, worth, note);
          const next = await gather(town.ask(question));
          expect(next.text, note).toContain(`word${PROMPT_TOKENS - 1}`);
          await town.quiet();
          const [books] = town.user.payer.channels();
          const [record] = town.payee.channels().map((channel) => channel.record);
          expect(record!.settled, note).toBe(books!.settled);
          expect(books!.disputed || town.payer.channels().some(({ disputed }) => disputed), note).toBe(false);
        }
      },
      120_000,
    );
  }
});

describe('a hub that dies in the middle of an answer', () => {
  it('is paid for it after its next start, and nobody loses more than a tranche', async () => {
    for (const [from, to] of [
      ['miner', 'hub 1'],
      ['user', 'hub 1'],
    ] as const) {
      for (let at = 1; ; at += 7) {
        let left: RecordStore | null = null;
        const records = aRecordStore();
        const town = await aHubTown({
          records,
          sealing: 'x25519',
          network: {
            onFrame(frame: Frame) {
              if (left !== null) return frame.from === 'hub 1' || frame.to === 'hub 1' ? 'cut' : 'pass';
              if (frame.from !== from || frame.to !== to || frame.index !== at) return 'pass';
              // What is on its disk at this moment, and no more.
              left = records.copy();
              return 'cut';
            },
          },
        });
        const { tokens } = await tryAsk(town);
        if (left === null) break;
        await town.quiet();
        const note = `${from} ${at}`;
        const again = await town.startHub(left);
        expectBounded(town, again, worthOf(tokens), note);
        const next = await gather(town.ask(question, { peer: again.peer }));
        expect(next.text, note).toContain(`word${PROMPT_TOKENS - 1}`);
        await expect.poll(() => again.hub.running).toBe(0);
        const [books] = town.user.payer.channels();
        const [record] = again.payee.channels().map((channel) => channel.record);
        expect(record!.settled, note).toBe(books!.settled);
        const out = again.payer.channels().reduce((sum, { settled }) => sum + settled, 0n);
        expect(out <= record!.settled + MOST_TRANCHE, `${note}: out ${out}, in ${record!.settled}`).toBe(
          true,
        );
      }
    }
  }, 120_000);

  it('is not paid twice when it dies behind the voucher that names its receipt', async () => {
    const disk = aRecordStore();
    let left: RecordStore | null = null;
    const records: RecordStore = {
      ...disk,
      async delete(key) {
        if (key.startsWith('hub/crossing/')) left ??= disk.copy();
        await disk.delete(key);
      },
    };
    const town = await aHubTown({ records });
    await gather(town.ask(question));
    await town.quiet();
    if (left === null) throw new Error('no answer was taken down');
    const [before] = town.user.payer.channels();
    const again = await town.startHub(left);
    const [record] = again.payee.channels().map((channel) => channel.record);
    expect(record!.settled).toBe(before!.settled);
    const next = await gather(town.ask(question, { peer: again.peer }));
    expect(next.text).toContain(`word${PROMPT_TOKENS - 1}`);
    const [books] = town.user.payer.channels();
    expect([books!.disputed, books!.settled]).toEqual([false, 2n * before!.settled]);
  });
});
