import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { authorize, decode, encode } from '@cairn/core';
import {
  badChunkShape,
  type ChunkSale,
  chunkSaleSignBytes,
  DATASET_PROTOCOL,
  type DatasetServerFrame,
  decodeClientFrame,
  decodeDatasetBody,
  decodeDatasetFrame,
  encodeDatasetBody,
  encodeDatasetFrame,
  encodeFrame,
  hashDatasetParams,
  isBadChunk,
  type OpenFrame,
  openChunk,
  type Stream,
  sealChunk,
  signedChunkSaleShape,
} from '@cairn/protocol';
import { chunkPrice } from '@cairn/sdk';
import { describe, expect, it } from 'vitest';
import { aRecordStore, aSigner, chainId, crypto } from '../miner/parts.ts';
import { aDataTown, PRICE, sealCrypto } from './parts.ts';

type Town = Awaited<ReturnType<typeof aDataTown>>;

/** A seller that signs and seals as it should, but for what `twist` does. */
function sellAs(
  town: Town,
  act: (
    stream: Stream,
    sale: Extract<DatasetServerFrame, { type: 'sale' }>,
    key: Uint8Array,
  ) => Promise<void>,
  twist: { readonly chunk?: Uint8Array; readonly index?: number; readonly signer?: string } = {},
) {
  town.sellerTransport.listen(DATASET_PROTOCOL, async (stream) => {
    const open = decodeClientFrame((await stream.read())!) as OpenFrame;
    const { index } = decodeDatasetBody(open.body);
    const { salt, leaf, path, bytes } = (await town.held.chunk(twist.index ?? index))!;
    const key = crypto.sha256(open.body);
    const sealed = sealChunk(sealCrypto, key, leaf, salt, twist.chunk ?? bytes);
    const terms: ChunkSale = {
      channel: town.payer.channels()[0]!.channel,
      requestHash: crypto.sha256(open.body),
      dataset: town.dataset.id,
      index,
      leaf,
      sealedHash: crypto.sha256(sealed),
      keyHash: crypto.sha256(key),
    };
    const { signer } = twist.signer === undefined ? town.key : aSigner(twist.signer);
    const authorization = await authorize(signer, chunkSaleSignBytes(chainId, terms));
    const sale = encode(signedChunkSaleShape, { sale: terms, authorization });
    await act(stream, { type: 'sale', isPaid: false, sale, path, sealed, missed: [] }, key);
  });
}

const write = (stream: Stream, frame: DatasetServerFrame) => stream.write(encodeDatasetFrame(frame));
/** Waits for the voucher, then goes on. */
const paid = (stream: Stream) => stream.read();

describe('a hostile seller', () => {
  it('that delivers another chunk is paid one chunk at most, and leaves a proof that convicts it', async () => {
    await using town = await aDataTown();
    sellAs(
      town,
      async (stream, sale, key) => {
        await write(stream, sale);
        await paid(stream);
        await write(stream, { type: 'key', key });
      },
      { chunk: new Uint8Array(100) },
    );
    const path = join(town.folder, 'bought.bin');
    const buyer = town.startBuyer(aRecordStore());
    const request = { dataset: 'lab/weather', path, count: 9, most: 1_000_000n };
    await expect(buyer.step(request)).rejects.toMatchObject({ code: 'DATASET_BAD_CHUNK' });
    const proof = decode(badChunkShape, await readFile(`${path}.bad-chunk-0.proof`));
    const convicts = (given: typeof proof, seller = town.key.account) =>
      isBadChunk(crypto, sealCrypto, chainId, given, seller);
    expect(convicts(proof)).toBe(true);
    expect(convicts(proof, aSigner('another').account)).toBe(false);
    expect(convicts({ ...proof, key: new Uint8Array(32) })).toBe(false);
    expect(convicts({ ...proof, sealed: proof.sealed.slice(1) })).toBe(false);
    expect(town.payer.channels()[0]).toMatchObject({ promised: PRICE, disputed: true });
    await expect(buyer.step(request)).rejects.toMatchObject({ code: 'CHANNEL_DISPUTED' });
    expect(town.payer.channels()[0]?.promised).toBe(PRICE);
  });

  it('that delivered what it signed for is not convicted by what its buyer holds', async () => {
    await using town = await aDataTown();
    const { salt, leaf, bytes } = (await town.held.chunk(0))!;
    const key = new Uint8Array(32).fill(7);
    const sealed = sealChunk(sealCrypto, key, leaf, salt, bytes);
    const sale: ChunkSale = {
      ...{ channel: new Uint8Array(32), requestHash: new Uint8Array(32), dataset: town.dataset.id, index: 0 },
      ...{ leaf, sealedHash: crypto.sha256(sealed), keyHash: crypto.sha256(key) },
    };
    const authorization = await authorize(town.key.signer, chunkSaleSignBytes(chainId, sale));
    const proof = { signed: { sale, authorization }, key, sealed };
    expect(isBadChunk(crypto, sealCrypto, chainId, proof, town.key.account)).toBe(false);
    expect(openChunk(crypto, sealCrypto, key, leaf, sealed)?.chunk.length).toBe(bytes.length);
  });

  it.each<[string, Parameters<typeof sellAs>[1], Parameters<typeof sellAs>[2], object, bigint]>([
    [
      'sends another key than it signed for',
      async (stream, sale) => {
        await write(stream, sale);
        await paid(stream);
        await write(stream, { type: 'key', key: new Uint8Array(32) });
      },
      {},
      { code: 'PROVIDER_BROKE_PROTOCOL' },
      PRICE,
    ],
    [
      'keeps the key',
      async (stream, sale) => {
        await write(stream, sale);
        await paid(stream);
      },
      {},
      { code: 'PROVIDER_LOST' },
      PRICE,
    ],
    [
      'offers a chunk of another place',
      (stream, sale) => write(stream, sale),
      { index: 1 },
      { code: 'PROVIDER_BROKE_PROTOCOL' },
      0n,
    ],
    [
      'lets somebody else sign',
      (stream, sale) => write(stream, sale),
      { signer: 'somebody else' },
      { code: 'PROVIDER_BROKE_PROTOCOL' },
      0n,
    ],
    [
      'sends other bytes than it signed for',
      (stream, sale) => write(stream, { ...sale, sealed: sale.sealed.slice(1) }),
      {},
      { code: 'PROVIDER_BROKE_PROTOCOL' },
      0n,
    ],
    [
      'sends more than a chunk',
      async (stream, sale) =>
        stream.write(encodeDatasetFrame({ ...sale, sealed: new Uint8Array(1024 * 1024) })),
      {},
      { code: 'PROVIDER_BROKE_PROTOCOL' },
      0n,
    ],
    [
      'sends a path that leads nowhere',
      (stream, sale) => write(stream, { ...sale, path: [] }),
      {},
      { code: 'PROVIDER_BROKE_PROTOCOL' },
      0n,
    ],
    [
      'shows a receipt of nothing that was asked',
      (stream, sale) => write(stream, { ...sale, missed: [new Uint8Array(40)] }),
      {},
      { code: 'RECEIPT_REFUSED' },
      0n,
    ],
    [
      'sends its key before its sale',
      (stream) => write(stream, { type: 'key', key: new Uint8Array(32) }),
      {},
      { code: 'PROVIDER_BROKE_PROTOCOL' },
      0n,
    ],
    [
      'sends garbage',
      (stream) => stream.write(Uint8Array.of(1, 2, 3)),
      {},
      { code: 'PROVIDER_BROKE_PROTOCOL' },
      0n,
    ],
  ])('that %s is given up', async (_, act, twist, problem, promised) => {
    await using town = await aDataTown();
    sellAs(town, act, twist);
    await expect(town.buy(0)).rejects.toMatchObject(problem);
    expect(town.payer.channels()[0]?.promised).toBe(promised);
  });

  it('that keeps the key again and again is promised one chunk and no more', async () => {
    await using town = await aDataTown();
    sellAs(town, async (stream, sale) => {
      await write(stream, sale);
      await paid(stream);
      stream.abort('no key today');
    });
    for (let attempt = 0; attempt < 4; attempt++)
      await expect(town.buy(0, { idleTimeoutMs: 200 })).rejects.toThrow();
    expect(town.payer.channels()[0]?.promised).toBe(PRICE);
  });

  it('that stalls is given up after the silence that the buyer allows', async () => {
    await using town = await aDataTown();
    sellAs(town, async (stream) => {
      await stream.read();
    });
    await expect(town.buy(0, { idleTimeoutMs: 20 })).rejects.toMatchObject({ code: 'PROVIDER_TIMED_OUT' });
    expect(town.payer.channels()[0]?.promised).toBe(0n);
  });

  it('that takes the money for an earlier request and asks again is refused', async () => {
    await using town = await aDataTown();
    const { payee } = town.startSeller();
    const asked: Uint8Array[] = [];
    await town.buy(0, { onPay: async (hash) => void asked.push(hash) });
    const first = payee.channels()[0]!;
    expect(first.record.settled).toBe(PRICE);
    // It forgets what it sold.
    for (const key of [...town.sellerRecords.keys('sold/')]) await town.sellerRecords.delete(key);
    const again = town.buy(0, { earlier: asked[0]! });
    await expect(again).rejects.toMatchObject({ code: 'PROVIDER_BROKE_PROTOCOL' });
    expect(town.payer.channels()[0]?.promised).toBe(PRICE);
  });
});

describe('a hostile buyer', () => {
  /** What the seller answers to these frames, until it closes or aborts. */
  async function send(town: Town, frames: readonly Uint8Array[]): Promise<DatasetServerFrame[]> {
    const stream = await town.payerTransport.dial('seller', DATASET_PROTOCOL);
    const got: DatasetServerFrame[] = [];
    try {
      for (const frame of frames) await stream.write(frame);
      for (;;) {
        const bytes = await stream.read();
        if (bytes === null) return got;
        got.push(decodeDatasetFrame(bytes));
      }
    } catch {
      return got;
    }
  }

  /** An opening frame as an honest buyer sends it. */
  async function anOpening(town: Town, index: number, key: string) {
    const body = { dataset: town.dataset.id, index, salt: new Uint8Array(16) };
    const bytes = encodeDatasetBody(body);
    const channel = await town.payer.channelTo(town.key.account, 1);
    const payment = channel.pay({
      requestHash: crypto.sha256(bytes),
      artifact: town.dataset.card.root,
      model: town.dataset.id,
      paramsHash: hashDatasetParams(crypto, body),
      salt: body.salt,
      price: chunkPrice(PRICE),
      mostPromptTokens: 0,
      maxTokens: 1,
    });
    const opening = { type: 'open' as const, ...(await payment.open(key)), idempotencyKey: key, body: bytes };
    return { opening, payment };
  }

  it('that sends no voucher gets sealed bytes and no key', async () => {
    await using town = await aDataTown({ payTimeoutMs: 100 });
    const { payee } = town.startSeller();
    const { opening } = await anOpening(town, 0, 'a');
    const got = await send(town, [encodeFrame(opening)]);
    expect(got.map(({ type }) => type)).toEqual(['sale', 'error']);
    expect(got[1]).toMatchObject({ code: 'UNPAID' });
    expect(payee.channels()[0]?.record.settled).toBe(0n);
  });

  it('gets a refusal in words for garbage', async () => {
    await using town = await aDataTown();
    town.startSeller();
    for (const frame of [Uint8Array.of(1, 2, 3), encodeFrame({ type: 'cancel' })])
      expect(await send(town, [frame])).toMatchObject([{ type: 'error', code: 'REQUEST_MALFORMED' }]);
  });

  it('is sold nothing by a voucher that somebody else signed, or by one that promises more than there is', async () => {
    await using town = await aDataTown({ payTimeoutMs: 500 });
    town.startSeller();
    const { opening } = await anOpening(town, 0, 'a');
    const forged = { ...opening, voucher: opening.voucher.with(-1, opening.voucher.at(-1)! ^ 1) };
    expect(await send(town, [encodeFrame(forged)])).toMatchObject([{ code: 'VOUCHER_FORGED' }]);
  });

  it('does not pay for two chunks by one voucher, however many streams it opens', async () => {
    await using town = await aDataTown({ payTimeoutMs: 500 });
    const { payee } = town.startSeller();
    const terms = {
      type: 'accepted',
      promptTokens: 0,
      trancheTokens: 0,
      prepayTokens: 1,
      missed: [],
    } as const;
    const first = await anOpening(town, 0, 'a');
    const second = await anOpening(town, 1, 'b');
    const voucher = (await first.payment.accept(terms))!;
    const got = await Promise.all([
      send(town, [encodeFrame(first.opening), encodeFrame({ type: 'voucher', voucher })]),
      send(town, [encodeFrame(second.opening), encodeFrame({ type: 'voucher', voucher })]),
    ]);
    const keys = got.flat().filter(({ type }) => type === 'key');
    expect(keys.length).toBe(1);
    expect(payee.channels()[0]?.record.settled).toBe(PRICE);
  });

  it('that forks its vouchers is sold no more', async () => {
    await using town = await aDataTown({ payTimeoutMs: 500 });
    town.startSeller();
    const before = town.payerRecords.copy();
    await town.buy(0);
    await town.buy(1);
    // The books of before the first purchase: what it signs now contradicts what it signed since.
    const forked = town.startPayer(before as typeof town.payerRecords);
    forked.adopt(town.payer.channels()[0]!.channel, [...town.ledger.channels.values()][0]!);
    await expect(town.buy(2, {}, forked)).rejects.toMatchObject({ code: 'PROVIDER_REFUSED' });
  });

  it('is not served one request twice', async () => {
    await using town = await aDataTown({ payTimeoutMs: 100 });
    town.startSeller();
    const { opening } = await anOpening(town, 0, 'a');
    await send(town, [encodeFrame(opening)]);
    expect(await send(town, [encodeFrame(opening)])).toMatchObject([{ code: 'REQUEST_REPLAYED' }]);
  });
});
