import { bytesToHex } from '@cairn/core';
import { describe, expect, it } from 'vitest';
import { gather, words } from '../miner/asking.ts';
import { anOffer, aSigner } from '../miner/parts.ts';
import { aHubTown } from './hub-town.ts';

describe('channels of a hub', () => {
  it('are opened for a user who has paid nothing no more often than it may, whatever offers stand', async () => {
    const town = await aHubTown({ limits: { freeOpenings: 2 } });
    const shams = ['a', 'b', 'c'].map((name) => anOffer(aSigner(name).account, name));
    town.offers.push(...shams);
    const codes = [];
    for (const offer of shams)
      codes.push(await gather(town.ask('hello', { offer })).catch((error) => error.message));
    expect(codes[2]).toContain('has opened 2 channels to new providers for you');
    expect(town.payer.channels()).toHaveLength(2);
    // Another user is served by the provider that it wants.
    const { text } = await gather(town.ask(words(8), { asker: town.startUser('honest') }));
    expect(text).toContain('word7');
  });

  it('are closed when others are needed: those that paid nothing first, and never those in use', async () => {
    const town = await aHubTown({ limits: { channels: 2, freeOpenings: 9 } });
    await gather(town.ask('hello'));
    await town.quiet();
    const sham = anOffer(aSigner('sham').account, 'sham');
    const other = await town.startMiner('other');
    town.offers.push(sham, other.offer);
    await expect(gather(town.ask('hello', { offer: sham }))).rejects.toThrow('cannot be reached');
    await town.quiet();
    const { text } = await gather(town.ask(words(5), { offer: other.offer }));
    expect(text).toContain('word4');
    await town.quiet();
    const payees = town.payer.channels().map(({ payee }) => bytesToHex(payee));
    expect(payees.sort()).toEqual([town.miner.account, other.account].map(bytesToHex).sort());
    const closing = [...town.ledger.channels.values()].filter(({ finalAt }) => finalAt !== 0n);
    expect(closing.map(({ payee }) => bytesToHex(payee))).toEqual([bytesToHex(sham.provider)]);
  });

  it('all in use are told as such', async () => {
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const town = await aHubTown({ limits: { channels: 1 }, echo: { beforeToken: () => held } });
    const other = await town.startMiner('other');
    town.offers.push(other.offer);
    const first = gather(town.ask('hello'));
    await expect.poll(() => town.payer.channels().length).toBe(1);
    await expect(gather(town.ask('hello', { offer: other.offer }))).rejects.toThrow(
      'All 1 channels of this hub are in use',
    );
    release();
    await first;
  });
});
