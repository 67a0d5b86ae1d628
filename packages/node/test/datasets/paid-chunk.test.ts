import { readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { areBytesEqual } from '@cairn/core';
import { describe, expect, it } from 'vitest';
import { aRecordStore } from '../miner/parts.ts';
import { aDataTown, PRICE } from './parts.ts';

const all = { count: 64, most: 1_000_000n };

describe('a data set', () => {
  it('is bought chunk by chunk, checked, and paid to the pebble', async () => {
    await using town = await aDataTown();
    const { payee } = town.startSeller();
    const path = join(town.folder, 'bought.bin');
    const step = await town.startBuyer(aRecordStore()).step({ dataset: 'lab/weather', path, ...all });
    expect(step).toMatchObject({ done: 3, total: 3, cost: 3n * PRICE, isWhole: true });
    expect(areBytesEqual(await readFile(path), town.data)).toBe(true);
    const [channel] = town.payer.channels();
    expect(channel?.settled).toBe(3n * PRICE);
    await expect.poll(() => payee.channels()[0]?.record.claimable?.voucher.cumulative).toBe(3n * PRICE);
    await payee.claimAll();
    expect(town.ledger.claims).toMatchObject([{ amount: 3n * PRICE }]);
  });

  it('gives its sample for nothing, to anybody, and no more than its sample', async () => {
    await using town = await aDataTown({ sampleChunks: 1 });
    town.startSeller();
    const path = join(town.folder, 'sample.bin');
    const buyer = town.startBuyer(aRecordStore());
    const sample = { dataset: 'lab/weather', path, chunks: { from: 0, to: 1 }, count: 9, most: 0n };
    expect(await buyer.step(sample)).toMatchObject({ cost: 0n, isWhole: true });
    expect(areBytesEqual(await readFile(path), town.chunk(0))).toBe(true);
    expect(town.ledger.channels.size).toBe(0);
    const more = { ...sample, path: `${path}2`, chunks: { from: 0, to: 2 } };
    await expect(buyer.step(more)).rejects.toMatchObject({ code: 'DATASET_TOO_DEAR' });
    expect(town.ledger.channels.size).toBe(0);
  });

  it('is sealed to the key of its seller, so that the wire shows none of it', async () => {
    let sealed = 0;
    await using town = await aDataTown({
      sealing: 'x25519',
      network: {
        onFrame({ from, bytes }) {
          if (from === 'seller' && (bytes[0] === 1 || bytes[0] === 2)) sealed += 1;
          return 'pass';
        },
      },
    });
    town.startSeller();
    expect(await town.buy(0)).toMatchObject({ ok: true, cost: PRICE });
    expect(sealed).toBeGreaterThanOrEqual(3);
  });

  it('is not sold when its file was changed, and nothing is paid', async () => {
    await using town = await aDataTown();
    town.startSeller();
    await rm(town.source);
    await expect(town.buy(0)).rejects.toMatchObject({ problem: { refusal: 'CHUNK_UNREADABLE' } });
    expect(town.payer.channels()[0]).toMatchObject({ promised: 0n, settled: 0n });
  });
});

describe('a purchase that is cut', () => {
  /** Frames of the seller in order: sale, key, receipt. Of the buyer: open, voucher, settlement. */
  const cuts = [
    ['before the sale', 'seller', 0],
    ['with the voucher on its way', 'payer', 1],
    ['before the key', 'seller', 1],
    ['before the receipt', 'seller', 2],
    ['before the settlement', 'payer', 2],
  ] as const;

  it.each(cuts)('%s goes on without paying twice', async (_, who, at) => {
    let isCut = false;
    await using town = await aDataTown({
      network: {
        onFrame({ from, index, protocol }) {
          if (isCut || !protocol.includes('dataset') || from !== who || index !== at) return 'pass';
          isCut = true;
          return 'cut';
        },
      },
    });
    const { payee } = town.startSeller();
    const path = join(town.folder, 'bought.bin');
    const buyer = town.startBuyer(aRecordStore());
    const request = { dataset: 'lab/weather', path, ...all };
    await buyer.step(request).catch(() => undefined);
    expect(isCut).toBe(true);
    const done = await stat(path).then(
      () => true,
      () => false,
    );
    if (!done) await buyer.step(request);
    expect(areBytesEqual(await readFile(path), town.data)).toBe(true);
    expect(town.payer.channels()[0]?.promised).toBe(3n * PRICE);
    expect(payee.channels()[0]?.record.settled).toBe(3n * PRICE);
  });

  it.each(cuts)('%s goes on after both sides died, from what was on their disks', async (_, who, at) => {
    let isCut = false;
    let atBuyer = aRecordStore();
    let atPayer = aRecordStore();
    let atSeller = aRecordStore();
    await using town = await aDataTown({
      network: {
        onFrame({ from, index, protocol }) {
          if (isCut || !protocol.includes('dataset') || from !== who || index !== at) return 'pass';
          isCut = true;
          // What a power cut at this moment leaves behind.
          atBuyer = buyerRecords.copy() as typeof atBuyer;
          atPayer = town.payerRecords.copy() as typeof atPayer;
          atSeller = town.sellerRecords.copy() as typeof atSeller;
          return 'cut';
        },
      },
    });
    const buyerRecords = aRecordStore();
    const first = town.startSeller();
    const path = join(town.folder, 'bought.bin');
    const request = { dataset: 'lab/weather', path, ...all, count: 1 };
    await town
      .startBuyer(buyerRecords)
      .step(request)
      .catch(() => undefined);
    expect(isCut).toBe(true);
    await first.serving[Symbol.asyncDispose]();
    const { payee } = town.startSeller(atSeller);
    const payer = town.startPayer(atPayer);
    const buyer = town.startBuyer(atBuyer, payer);
    for (let more = true; more; ) more = !(await buyer.step(request)).isWhole;
    expect(areBytesEqual(await readFile(path), town.data)).toBe(true);
    expect(payer.channels()[0]?.promised).toBeLessThanOrEqual(3n * PRICE);
    expect(payee.channels()[0]?.record.settled).toBeLessThanOrEqual(3n * PRICE);
  });
});
