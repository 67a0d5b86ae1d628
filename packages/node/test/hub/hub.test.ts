import { areBytesEqual, bytesToHex } from '@cairn/core';
import { soldArtifactOf } from '@cairn/ledger';
import { receiptId } from '@cairn/protocol';
import { type HowOpened, soldByHub } from '@cairn/sdk';
import { describe, expect, it } from 'vitest';
import { gather, words } from '../miner/asking.ts';
import { artifact, crypto, model } from '../miner/parts.ts';
import { aHubTown } from './hub-town.ts';

describe('a user with one channel, to a hub', () => {
  for (const sealing of ['x-wing', undefined] as const) {
    const how = sealing === undefined ? 'in clear' : 'sealed to the provider';
    it(`is answered by a provider that the hub pays, ${how}`, async () => {
      const town = await aHubTown(sealing === undefined ? {} : { sealing });
      const told: (string | undefined)[] = [];
      const onOpening = ({ sealed }: HowOpened) => void told.push(sealed);
      const { text, end } = await gather(town.ask(words(40), { onOpening }));
      await town.quiet();
      expect(told).toEqual([sealing]);
      expect(text).toContain('word39');
      expect(end.sealed).toBe(sealing);
      const [ofUser, ...others] = town.user.payer.channels();
      expect(others).toEqual([]);
      expect(ofUser!.settled).toBe(end.receipt.receipt.price);
      const [toProvider] = town.payer.channels();
      const bought = town.user.payer.bought(end.receiptId)!;
      expect(toProvider!.settled).toBe(bought.receipt.price);
      expect(end.receipt.receipt.price).toBeGreaterThan(bought.receipt.price);
      expect(areBytesEqual(end.receipt.receipt.responseHash, bought.receipt.responseHash)).toBe(true);
      expect(areBytesEqual(bought.receipt.provider, town.miner.account)).toBe(true);
    });
  }

  it('pays the royalties of what it asked once: where the hub buys', async () => {
    const town = await aHubTown();
    await gather(town.ask(words(10)));
    await town.quiet();
    const totals = (channel: { totals: readonly { artifact: Uint8Array }[] }) =>
      channel.totals.map((total) => bytesToHex(total.artifact));
    expect(totals(town.payer.channels()[0]!)).toEqual([
      bytesToHex(soldArtifactOf(crypto, { model, artifact })),
    ]);
    expect(totals(town.user.payer.channels()[0]!)).toEqual([
      bytesToHex(soldByHub(crypto, { model, artifact })),
    ]);
    await town.payee.claimAll();
    await town.miner.payee.claimAll();
    expect(town.ledger.claims).toHaveLength(2);
  });

  it('asks several providers and several at a time on its one channel', async () => {
    const town = await aHubTown({ sealing: 'x25519' });
    const other = await town.startMiner('other');
    town.offers.push(other.offer);
    const offers = [town.miner.offer, other.offer];
    for (const round of [0, 1, 2]) {
      const answers = await Promise.all(
        [0, 1, 2, 3].map((n) => gather(town.ask(words(60 + round + n), { offer: offers[n % 2]! }))),
      );
      for (const { text } of answers) expect(text).toContain('word59');
    }
    await town.quiet();
    expect(town.user.payer.channels()).toHaveLength(1);
    expect(town.payer.channels()).toHaveLength(2);
    const [mine] = town.user.payer.channels();
    expect(mine!.receipts).toBe(12);
    const bought = [...town.user.payer.receipts()].map(
      (_, at, all) => town.user.payer.bought(bytesToHex(receiptId(crypto, all[at]!.receipt)))!.receipt.price,
    );
    expect(bought.reduce((sum, price) => sum + price, 0n)).toBe(
      town.payer.channels().reduce((sum, { settled }) => sum + settled, 0n),
    );
  });
});
