import type { OfferTerms } from '@cairn/ledger';
import type { LoadedModel, RecordStore, Transport } from '@cairn/protocol';
import { type AccountClient, createChannelLedger } from '@cairn/sdk';
import { createMiner } from '../miner/miner.ts';
import { createPayee, type Payee } from '../miner/payee.ts';
import { PAYEE_RECEIPTS } from '../miner/payee-record.ts';
import { watchModel, watchReceipts } from '../telemetry/watch-miner.ts';
import { watchTransport } from '../telemetry/watch-transport.ts';
import { ensureOffer } from '../up/bootstrap.ts';
import { backgroundTask } from './background-task.ts';
import type { NodeParts, RunningRole } from './parts.ts';

export interface MinerRoleOptions {
  readonly name: string;
  readonly note: string;
  /** The hotkey: serves, signs receipts and claims. */
  readonly client: AccountClient;
  readonly coldkey?: string;
  readonly transport: Transport;
  readonly records: RecordStore;
  readonly terms: OfferTerms;
  readonly model: LoadedModel;
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
  const miner = createMiner({ ...parts, log, transport, payee }, { models: [{ terms, model }] });
  const claims = backgroundTask(log, 'claims', async (signal) => {
    for await (const { height } of parts.ledger.events({ names: ['chain.committed'], signal }))
      await payee.onBlock(height);
  });
  await ensureOffer(parts, client, terms);
  return {
    kind: 'miner',
    name,
    note: options.note,
    address: client.address,
    ...(options.coldkey === undefined ? {} : { coldkey: options.coldkey }),
    terms,
    payee,
    answers,
    async [Symbol.asyncDispose]() {
      await claims[Symbol.asyncDispose]();
      await miner[Symbol.asyncDispose]();
      await transport[Symbol.asyncDispose]();
      await records[Symbol.asyncDispose]();
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
