import { createNativeSealCrypto } from '@cairn/chain';
import {
  bytes,
  bytes32,
  bytesToHex,
  concatBytes,
  decode,
  encode,
  struct,
  text,
  type ValueOf,
} from '@cairn/core';
import { type DatasetCard, datasetCardShape, datasetIdOf, findDatasetFault } from '@cairn/ledger';
import type { RecordStore, Transport } from '@cairn/protocol';
import { type AccountClient, createChannelLedger, findLicenceFault } from '@cairn/sdk';
import { NodeError } from '../errors.ts';
import { createPayee, type Payee } from '../miner/payee.ts';
import { PAYEE_RECEIPTS } from '../miner/payee-record.ts';
import { backgroundTask } from '../roles/background-task.ts';
import type { NodeParts, RunningRole } from '../roles/parts.ts';
import { createMinerSealing } from '../sealing/miner-sealing.ts';
import type { SealingKeyring } from '../sealing/sealing-keys.ts';
import { type HeldDataset, hashFile, holdDataset } from './held-dataset.ts';
import { serveDatasets } from './serve-datasets.ts';
import { createSoldChunks } from './sold-chunks.ts';

const HASH_BYTES = 32;
/** A listed file. Kept from before its listing is sent, so that a listing never lacks its file. */
const listedShape = struct('ListedDataset', {
  card: datasetCardShape,
  path: text(4096),
  /** What the salts of its chunks are made of: secret. */
  seed: bytes32,
  leaves: bytes(HASH_BYTES * 262_144),
});
type Listed = ValueOf<typeof listedShape>;
const LISTED = 'listed/';

export interface SellerOptions {
  readonly name: string;
  /** The account that lists, sells and is paid. */
  readonly client: AccountClient;
  readonly transport: Transport;
  readonly records: RecordStore;
  /** Keys that requests are sealed to, put on the ledger. */
  readonly sealing: SealingKeyring;
}

export type ListRequest = Omit<DatasetCard, 'sizeBytes' | 'chunks' | 'root' | 'peer'> & {
  /** Absolute path of the file. */
  readonly path: string;
};

export interface ListedRow {
  readonly dataset: string;
  readonly name: string;
  readonly path: string;
  readonly chunks: number;
  readonly chunksSold: number;
}

export interface DataSeller extends RunningRole {
  readonly payee: Payee;
  /** Lists a file. @throws NodeError `DATASET_REFUSED`; SdkError `TRANSACTION_REFUSED` */
  publish(request: ListRequest): Promise<{ readonly dataset: string; readonly card: DatasetCard }>;
  /** Takes a data set off the list and sells no more of it. @throws NodeError `DATASET_UNKNOWN` */
  retire(dataset: string): Promise<void>;
  listed(): readonly ListedRow[];
}

/** Lists data sets and sells their chunks. */
export async function startDataSeller(parts: NodeParts, options: SellerOptions): Promise<DataSeller> {
  const { client, transport, records } = options;
  const { crypto, random } = parts;
  const log = parts.log.child(options.name);
  const sold = createSoldChunks(records);
  const held = new Map<string, HeldDataset & { readonly path: string }>();
  const payee = createPayee({
    ...parts,
    log,
    payee: client.account,
    signer: client.signer,
    ledger: createChannelLedger(client, parts.ledger),
    records,
  });

  function hold({ card, path, seed, leaves }: Listed): string {
    const id = datasetIdOf(crypto, client.account, card);
    const hashes = Array.from({ length: card.chunks }, (_, index) =>
      leaves.subarray(index * HASH_BYTES, (index + 1) * HASH_BYTES),
    );
    const hex = bytesToHex(id);
    held.set(hex, { ...holdDataset(crypto, { id, card, path, seed, leaves: hashes }), path });
    return hex;
  }

  for (const key of records.keys(LISTED)) {
    const kept = records.get(key);
    if (kept !== undefined) hold(decode(listedShape, kept));
  }
  const sealing = createMinerSealing(parts, client, options.sealing, null);
  await sealing.register();
  const serving = serveDatasets(
    {
      ...{ ...parts, log, transport, payee, sold },
      signer: client.signer,
      sealCrypto: createNativeSealCrypto(),
      seal: sealing.seal,
    },
    (id) => held.get(id),
  );
  const claims = backgroundTask(log, 'claims', async (signal) => {
    for await (const { height } of parts.ledger.events({ names: ['chain.committed'], signal })) {
      await payee.onBlock(height);
      await sealing.onBlock(height);
    }
  });

  function checkCard(card: DatasetCard): void {
    const fault = findDatasetFault(card) ?? findLicenceFault(card.licence);
    if (fault !== null) throw new NodeError({ code: 'DATASET_REFUSED', reason: fault }, fault);
  }

  return {
    kind: 'seller',
    name: options.name,
    note: 'sells data sets',
    address: client.address,
    rotateSealing: sealing.rotate,
    payee,
    answers: () => [...records.keys(PAYEE_RECEIPTS)].length,
    listed: () =>
      [...held].map(([dataset, { id, card, path }]) => ({
        dataset,
        name: card.name,
        path,
        chunks: card.chunks,
        chunksSold: sold.count(id),
      })),
    async publish({ path, ...wanted }) {
      const seed = random.bytes(HASH_BYTES);
      const { sizeBytes, leaves, root } = await hashFile(crypto, path, seed);
      const card = { ...wanted, sizeBytes, chunks: leaves.length, root, peer: transport.peer };
      checkCard(card);
      const key = LISTED + bytesToHex(datasetIdOf(crypto, client.account, card));
      const listed = { card, path, seed, leaves: concatBytes(...leaves) };
      await records.set(key, encode(listedShape, listed));
      const dataset = hold(listed);
      try {
        await client.send('datasets.publish', { card });
      } catch (error) {
        held.delete(dataset);
        await records.delete(key);
        throw error;
      }
      return { dataset, card };
    },
    async retire(dataset) {
      const found = held.get(dataset);
      if (found === undefined) {
        throw new NodeError(
          { code: 'DATASET_UNKNOWN', dataset },
          `This node lists no data set ${dataset}. See node_datasets.`,
        );
      }
      await client.send('datasets.retire', { dataset: found.id });
      held.delete(dataset);
      await records.delete(LISTED + dataset);
    },
    async [Symbol.asyncDispose]() {
      await claims[Symbol.asyncDispose]();
      await serving[Symbol.asyncDispose]();
      await transport[Symbol.asyncDispose]();
      await records[Symbol.asyncDispose]();
    },
  };
}
