import type { OfferTerms } from '@cairn/ledger';
import type { BlobStore, LoadedModel, PeerName, RecordStore, Transport } from '@cairn/protocol';
import { type AccountClient, createChannelLedger } from '@cairn/sdk';
import { serveQuote } from '../attestation/quote-exchange.ts';
import { answerCases } from '../checking/answer-cases.ts';
import { createBlobFinder } from '../checking/blob-finder.ts';
import { fetchPeersOf } from '../checking/judges.ts';
import { createLimitsBook } from '../checking/limits-book.ts';
import { createReviewers } from '../checking/reviewers.ts';
import { createEvidenceServer } from '../evidence/evidence-server.ts';
import { createMiner } from '../miner/miner.ts';
import { createPayee, type Payee } from '../miner/payee.ts';
import { PAYEE_RECEIPTS } from '../miner/payee-record.ts';
import type { OwnDevice } from '../sealing/ledger-keys.ts';
import { createMinerSealing } from '../sealing/miner-sealing.ts';
import type { SealingKeyring } from '../sealing/sealing-keys.ts';
import { watchModel, watchReceipts } from '../telemetry/watch-miner.ts';
import { watchTransport } from '../telemetry/watch-transport.ts';
import { ensureOffer } from '../up/bootstrap.ts';
import { serveChunks } from '../verification/chunk-server.ts';
import { backgroundTask } from './background-task.ts';
import type { NodeParts, RunningRole } from './parts.ts';
import { createStandingOffer } from './standing-offer.ts';

export interface MinerRoleOptions {
  readonly name: string;
  readonly note: string;
  /** The hotkey: serves, signs receipts and claims. */
  readonly client: AccountClient;
  readonly coldkey?: string;
  readonly transport: Transport;
  readonly records: RecordStore;
  readonly terms: OfferTerms;
  /** Whether the offer ends with this role, whatever its terms say. @default false */
  readonly isPassing?: boolean;
  readonly model: LoadedModel;
  /** Path of the artifact's file, to show chunks of; absent when the model runs elsewhere. */
  readonly file?: string;
  /** Keys that requests are sealed to, put on the ledger. @default requests come in clear */
  readonly sealing?: SealingKeyring;
  /** This machine, for those who look for the miner; put on the ledger beside its keys. @default null */
  readonly device?: OwnDevice | null;
  /** Keeps what it shows when it is accused. @default it answers no cases */
  readonly blobs?: BlobStore;
  /** Nodes that this one joined. @default none */
  readonly nodes?: readonly PeerName[];
  /** Of the hardware it runs in, shown to whoever asks. @default none */
  readonly quote?: Uint8Array;
}

export interface MinerRole extends RunningRole {
  readonly kind: 'miner';
  readonly terms: OfferTerms;
  readonly payee: Payee;
}

/** Serves one model: offers it on the ledger, answers paid requests, claims what they earned. */
export async function startMinerRole(parts: NodeParts, options: MinerRoleOptions): Promise<MinerRole> {
  const { client, terms, name } = options;
  const transport = watchTransport(options.transport, parts.metrics);
  const model = watchModel(parts, name, options.model);
  const { records, answers } = countAnswers(watchReceipts(parts.metrics, name, options.records));
  const log = parts.log.child(name);
  const payee = createPayee({
    ...parts,
    log,
    payee: client.account,
    signer: client.signer,
    ledger: createChannelLedger(client, parts.ledger),
    records,
  });
  const offer = options.isPassing === true ? createStandingOffer({ ...parts, log }, client, terms) : null;
  const untilSlot = () => offer?.expirySlot ?? terms.expirySlot;
  const sealing =
    options.sealing === undefined
      ? null
      : createMinerSealing(parts, client, options.sealing, untilSlot, options.device ?? null);
  const seal = sealing === null ? {} : { seal: sealing.seal };
  const miner = createMiner({ ...parts, log, transport, payee, ...seal }, { models: [{ terms, model }] });
  const held = options.file === undefined ? [] : [{ sha256: terms.artifact, path: options.file }];
  const chunks = serveChunks({ ...parts, log, transport }, held);
  const claims = backgroundTask(log, 'claims', async (signal) => {
    for await (const { height } of parts.ledger.events({ names: ['chain.committed'], signal })) {
      await payee.onBlock(height);
      await sealing?.onBlock(height);
      await offer?.onBlock(height);
    }
  });
  const defence =
    options.blobs === undefined ? null : startDefence({ ...parts, log, transport }, options, options.blobs);
  const shown = options.quote === undefined ? null : serveQuote({ ...parts, transport }, options.quote);
  await sealing?.register();
  await (offer === null ? ensureOffer(parts, client, terms) : offer.publish());
  return {
    kind: 'miner',
    name,
    note: options.note,
    address: client.address,
    ...(options.coldkey === undefined ? {} : { coldkey: options.coldkey }),
    terms,
    payee,
    rotateSealing: sealing === null ? null : sealing.rotate,
    answers,
    async [Symbol.asyncDispose]() {
      await offer?.withdraw();
      await claims[Symbol.asyncDispose]();
      await defence?.[Symbol.asyncDispose]();
      shown?.[Symbol.dispose]();
      chunks[Symbol.dispose]();
      await miner[Symbol.asyncDispose]();
      await transport[Symbol.asyncDispose]();
      await records[Symbol.asyncDispose]();
    },
  };
}

/** Answers cases against this miner where its own check of the evidence finds no fault. */
function startDefence(
  parts: NodeParts & { readonly transport: Transport },
  { client, terms, model, records, nodes = [] }: MinerRoleOptions,
  blobs: BlobStore,
): AsyncDisposable {
  const { ledger, log } = parts;
  const server = createEvidenceServer({ ...parts, blobs, records });
  const publish = (bytes: Uint8Array) => server.publish(bytes);
  const finder = createBlobFinder({ ...parts, nodes });
  const sources = (owner: string) => fetchPeersOf(ledger, nodes, owner);
  const limits = createLimitsBook({ ledger, blobs, publish, fetch: finder.fetch, sources, log });
  const reviewers = createReviewers([{ artifact: terms.artifact, model }]);
  const cases = backgroundTask(log, 'answering cases', (signal) =>
    answerCases(
      { ...parts, ...{ client, model, limits, reviewers, publish }, fetchFrom: finder.fetchFrom },
      signal,
    ),
  );
  return {
    async [Symbol.asyncDispose]() {
      await cases[Symbol.asyncDispose]();
      server[Symbol.dispose]();
    },
  };
}

/** Each answer ends with a receipt of its own, so counting them counts the answers. */
function countAnswers(records: RecordStore): { records: RecordStore; answers: () => number } {
  let count = [...records.keys(PAYEE_RECEIPTS)].length;
  const counted: RecordStore = {
    ...records,
    async set(key, record) {
      await records.set(key, record);
      if (key.startsWith(PAYEE_RECEIPTS)) count += 1;
    },
  };
  return { records: counted, answers: () => count };
}
