import { createNativeSealCrypto } from '@cairn/chain';
import { accountIdToAddress, bytesToHex, encode, formatAmount } from '@cairn/core';
import { badChunkShape, type RecordStore, type Transport } from '@cairn/protocol';
import { buyChunk, type DatasetForSale, fetchSample, type Payer, type SealParts } from '@cairn/sdk';
import { writeFileDurably } from '../data/durable-file.ts';
import { NodeError } from '../errors.ts';
import type { NodeParts } from '../roles/parts.ts';
import { type BoughtFile, type ChunkRange, openBoughtFile } from './bought-file.ts';
import { findDataset } from './ledger-datasets.ts';

export interface BuyerParts {
  readonly parts: Pick<NodeParts, 'crypto' | 'random' | 'timer' | 'chainId' | 'ledger' | 'log'>;
  readonly payer: Payer;
  readonly transport: Transport;
  readonly seal: SealParts;
  readonly records: RecordStore;
}

export interface PurchaseRequest {
  /** Name, or id in hex. */
  readonly dataset: string;
  /** Absolute path of the file to make. */
  readonly path: string;
  /** @default all */
  readonly chunks?: ChunkRange;
  /** Most chunks bought in this step. */
  readonly count: number;
  /** Most pebbles that this step may cost. */
  readonly most: bigint;
}

export interface PurchaseStep {
  readonly dataset: string;
  /** Chunks of those wanted that are in the file. */
  readonly done: number;
  readonly total: number;
  /** Pebbles of this step. */
  readonly cost: bigint;
  /** Whether the file has its name. */
  readonly isWhole: boolean;
}

/** Buys data sets chunk by chunk. A step that is cut goes on where it was, and pays nothing twice. */
export interface DataBuyer {
  /** @throws NodeError `DATASET_…`; what `buyChunk` throws */
  step(request: PurchaseRequest): Promise<PurchaseStep>;
}

const PAYING = 'paying/';
const IDLE_MS = 30_000;

export function createDataBuyer({ parts, payer, transport, seal, records }: BuyerParts): DataBuyer {
  const { crypto, random } = parts;
  const buyParts = { ...parts, transport, payer, seal, sealCrypto: createNativeSealCrypto() };
  /** The last purchase from each seller: one at a time, so that one chunk is at risk. */
  const turns = new Map<string, Promise<unknown>>();

  function inTurn<T>(seller: string, action: () => Promise<T>): Promise<T> {
    const mine = (turns.get(seller) ?? Promise.resolve()).then(action);
    const quiet = mine.then(
      () => undefined,
      () => undefined,
    );
    turns.set(seller, quiet);
    return mine;
  }

  async function takeSample(dataset: DatasetForSale, index: number, file: BoughtFile): Promise<void> {
    const chunk = await fetchSample({ ...parts, transport }, dataset, index);
    if (chunk === null) {
      throw new NodeError(
        { code: 'DATASET_REFUSED', reason: 'sample' },
        `The seller of ${dataset.card.name} does not give chunk ${index} of its sample. Nothing was paid.`,
      );
    }
    await file.put(index, chunk);
  }

  /** @returns what it cost, in pebbles. */
  async function buyOne(
    dataset: DatasetForSale,
    index: number,
    file: BoughtFile,
    path: string,
  ): Promise<bigint> {
    const key = `${PAYING}${bytesToHex(dataset.id)}/${index}`;
    const bought = await buyChunk(buyParts, {
      dataset,
      index,
      idempotencyKey: bytesToHex(random.bytes(16)),
      earlier: records.get(key) ?? null,
      onPay: (requestHash) => records.set(key, requestHash),
      onChunk: (chunk) => file.put(index, chunk),
      idleTimeoutMs: IDLE_MS,
    });
    if (bought.ok) {
      await records.delete(key);
      return bought.cost;
    }
    const proof = `${path}.bad-chunk-${index}.proof`;
    await writeFileDurably(proof, encode(badChunkShape, bought.proof));
    throw new NodeError(
      { code: 'DATASET_BAD_CHUNK', dataset: bytesToHex(dataset.id), index, proof },
      `The seller signed for chunk ${index} and delivered something else. Its channel is closed; the proof that it signed is in ${proof}, for cairn dataset proof.`,
    );
  }

  async function step(dataset: DatasetForSale, request: PurchaseRequest): Promise<PurchaseStep> {
    const { card } = dataset;
    const range = request.chunks ?? { from: 0, to: card.chunks };
    if (range.from >= range.to || range.to > card.chunks) {
      const reason = `${card.name} has chunks 0 to ${card.chunks - 1}.`;
      throw new NodeError({ code: 'DATASET_REFUSED', reason }, reason);
    }
    await using file = await openBoughtFile(crypto, records, dataset, request.path, range);
    const wanted = file.missing().slice(0, request.count);
    const paid = wanted.filter((index) => index >= card.sampleChunks);
    const needs = BigInt(paid.length) * card.pricePerChunk;
    if (needs > request.most) {
      throw new NodeError(
        { code: 'DATASET_TOO_DEAR', most: request.most, needs },
        `${paid.length} chunks cost ${formatAmount(needs)} CAIRN, above the ${formatAmount(request.most)} that may be paid. Allow more, or take fewer chunks.`,
      );
    }
    let cost = 0n;
    for (const index of wanted) {
      if (index < card.sampleChunks) await takeSample(dataset, index, file);
      else cost += await buyOne(dataset, index, file, request.path);
    }
    const total = range.to - range.from;
    const done = total - file.missing().length;
    if (done === total) await file.finish();
    return { dataset: bytesToHex(dataset.id), done, total, cost, isWhole: done === total };
  }

  return {
    async step(request) {
      const dataset = await findDataset(parts.ledger, request.dataset);
      return inTurn(accountIdToAddress(dataset.owner), () => step(dataset, request));
    },
  };
}
