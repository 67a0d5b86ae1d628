import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createNativeSealCrypto } from '@cairn/chain';
import { utf8ToBytes } from '@cairn/core';
import { DATASET_CHUNK_BYTES, type DatasetCard, datasetIdOf, datasetShape } from '@cairn/ledger';
import type { RecordStore } from '@cairn/protocol';
import { type BuyParts, type BuyRequest, buyChunk, type DatasetForSale, type Payer } from '@cairn/sdk';
import { createDataBuyer } from '../../src/datasets/data-buyer.ts';
import { hashFile, holdDataset } from '../../src/datasets/held-dataset.ts';
import { serveDatasets } from '../../src/datasets/serve-datasets.ts';
import { createSoldChunks } from '../../src/datasets/sold-chunks.ts';
import { createPayee } from '../../src/miner/payee.ts';
import { realClock, realTimer } from '../compute/parts.ts';
import { aRecordStore, aSigner, aTown, chainId, crypto, type TownOptions } from '../miner/parts.ts';

export const sealCrypto = createNativeSealCrypto();
export const PRICE = 1_000n;
const seed = crypto.sha256(utf8ToBytes('seed of the salts'));

/** Bytes that are different in every chunk; the last one is short. */
function someData(chunks: number): Uint8Array {
  const data = new Uint8Array(chunks * DATASET_CHUNK_BYTES - 1_000);
  for (let at = 0; at < data.length; at += 4_096) data.set(crypto.sha256(utf8ToBytes(`data ${at}`)), at);
  return data.map((byte, at) => (byte === 0 ? at & 0xff : byte));
}

export interface DataTownOptions extends Pick<TownOptions, 'network' | 'sealing'> {
  readonly chunks?: number;
  readonly sampleChunks?: number;
  readonly payTimeoutMs?: number;
}

/** A seller of one data set, a buyer, the way between them and a ledger of channels. */
export async function aDataTown(options: DataTownOptions = {}) {
  const { chunks = 3, sampleChunks = 0, payTimeoutMs, ...townOptions } = options;
  const town = await aTown(townOptions);
  const folder = await mkdtemp(join(tmpdir(), 'cairn-data-'));
  const source = join(folder, 'source.bin');
  const data = someData(chunks);
  await writeFile(source, data);
  const key = aSigner('seller');
  const { sizeBytes, leaves, root } = await hashFile(crypto, source, seed);
  const card: DatasetCard = {
    name: 'lab/weather',
    description: '',
    licence: 'CC-BY-4.0',
    tags: [],
    sizeBytes,
    chunks: leaves.length,
    root,
    sampleChunks,
    pricePerChunk: PRICE,
    netuid: 1,
    peer: 'seller',
  };
  const id = datasetIdOf(crypto, key.account, card);
  const dataset: DatasetForSale = { id, owner: key.account, card };
  const held = holdDataset(crypto, { id, card, path: source, seed, leaves });
  const sellerRecords = aRecordStore();
  const transport = town.network.join('seller');

  /** Sells from these records, as after a restart. */
  function startSeller(records: RecordStore = sellerRecords) {
    const payee = createPayee({
      crypto,
      clock: realClock,
      chainId,
      payee: key.account,
      signer: key.signer,
      ledger: town.ledger.of(key.account),
      records,
      log: town.log,
    });
    const serving = serveDatasets(
      {
        ...{ crypto, chainId, sealCrypto, transport, payee },
        ...{ clock: realClock, timer: realTimer, log: town.log },
        random: { bytes: (length) => globalThis.crypto.getRandomValues(new Uint8Array(length)) },
        signer: key.signer,
        sold: createSoldChunks(records),
        ...town.sealingOf('seller', key.account),
      },
      (wanted) => (wanted === Buffer.from(id).toString('hex') ? held : undefined),
      payTimeoutMs === undefined ? {} : { payTimeoutMs },
    );
    return { payee, serving };
  }

  const buyParts = (payer: Payer = town.payer): BuyParts => ({
    ...town.inferParts(payer),
    timer: realTimer,
    chainId,
    sealCrypto,
  });
  let requests = 0;
  function buy(index: number, request: Partial<BuyRequest> = {}, payer: Payer = town.payer) {
    requests += 1;
    return buyChunk(buyParts(payer), {
      dataset,
      index,
      idempotencyKey: `chunk ${requests}`,
      earlier: null,
      onPay: async () => undefined,
      onChunk: async () => undefined,
      ...request,
    });
  }

  /** The ledger's list, with this data set on it. */
  const ledger = {
    async query<T>(method: string, params: object): Promise<T> {
      const row = {
        id: Buffer.from(id).toString('hex'),
        ...(datasetShape.toJson({
          owner: key.account,
          card,
          publishedHeight: 1n,
          recordDeposit: 0n,
        }) as object),
      };
      if (method === 'datasets_get')
        return ((params as { dataset: string }).dataset === row.id ? row : null) as T;
      return ((params as { after: unknown }).after === null ? [row] : []) as T;
    },
  };
  function startBuyer(records: RecordStore, payer: Payer = town.payer) {
    return createDataBuyer({
      parts: { ...buyParts(payer), ledger: ledger as never, log: town.log },
      payer,
      transport: town.payerTransport,
      seal: { crypto: sealCrypto, chainId, keysOf: async () => null },
      records,
    });
  }

  return {
    ...town,
    folder,
    source,
    data,
    dataset,
    key,
    held,
    sellerRecords,
    sellerTransport: transport,
    startSeller,
    startBuyer,
    buy,
    buyParts,
    chunk: (index: number) => data.subarray(index * DATASET_CHUNK_BYTES, (index + 1) * DATASET_CHUNK_BYTES),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}
