import { areBytesEqual, bytesToHex, PEBBLES_PER_CAIRN } from '@cairn/core';
import { createLedgerCatalogue } from '@cairn/gateway';
import type { RecordStore, Transport } from '@cairn/protocol';
import {
  type AccountClient,
  type ChannelLedger,
  createChannelLedger,
  createPayer,
  type Payer,
  soldByHub,
} from '@cairn/sdk';
import { createHub } from '../hub/hub.ts';
import type { HubLimits } from '../hub/hub-parts.ts';
import { createPayee, type Payee } from '../miner/payee.ts';
import { ensureProvider, type OwnDevice } from '../sealing/ledger-keys.ts';
import type { SealingKeyring } from '../sealing/sealing-keys.ts';
import { watchTransport } from '../telemetry/watch-transport.ts';
import { backgroundTask } from './background-task.ts';
import type { NodeParts, RunningRole } from './parts.ts';

export interface HubRoleOptions {
  /** The account that users pay, and that pays providers. */
  readonly client: AccountClient;
  readonly transport: Transport;
  readonly records: RecordStore;
  /** Its record on the ledger names keys like that of every provider, though nothing is sealed to a hub. */
  readonly sealing: SealingKeyring;
  /** This machine, where users find the hub. */
  readonly device: OwnDevice | null;
  readonly limits: Pick<HubLimits, 'feeBps' | 'channels'>;
}

export interface HubRole extends RunningRole {
  readonly kind: 'hub';
  readonly payee: Payee;
  readonly payer: Payer;
}

/** What a hub puts into a channel to a provider at a time: it has many, and users wait for a block when one is short. */
const DEPOSIT = PEBBLES_PER_CAIRN / 5n;
const FINALISE_EVERY_BLOCKS = 20;

/** Pays providers for users who have one channel, to this account. */
export async function startHubRole(parts: NodeParts, options: HubRoleOptions): Promise<HubRole> {
  const { client, records, limits } = options;
  const log = parts.log.child('hub');
  const ledger = createChannelLedger(client, parts.ledger);
  const transport = watchTransport(options.transport, parts.metrics);
  const books = { ...parts, log, signer: client.signer, ledger, records };
  const payee = createPayee({ ...books, payee: client.account, soldAs: soldByHub });
  const payer = createPayer({ ...books, account: client.account }, { deposit: DEPOSIT });
  for (const { id, channel } of await ledger.own()) payer.adopt(id, channel);
  const { offers } = createLedgerCatalogue({ reader: parts.ledger, clock: parts.clock });
  const hub = await createHub({ ...books, transport, payee, payer, offers }, limits);
  const claims = backgroundTask(log, 'claims', async (signal) => {
    for await (const { height } of parts.ledger.events({ names: ['chain.committed'], signal })) {
      await payee.onBlock(height);
      if (height % FINALISE_EVERY_BLOCKS === 0) await finaliseOwn(ledger, client, log);
    }
  });
  await ensureProvider(parts.ledger, client, options.sealing.current.public, options.device);
  return {
    kind: 'hub',
    name: 'hub',
    note: `pays providers for ${limits.feeBps / 100} % above their prices`,
    address: client.address,
    payee,
    payer,
    async [Symbol.asyncDispose]() {
      await claims[Symbol.asyncDispose]();
      await hub[Symbol.asyncDispose]();
      await transport[Symbol.asyncDispose]();
      await records[Symbol.asyncDispose]();
    },
  };
}

/** Gets back what is left in channels that were closed. */
async function finaliseOwn(
  ledger: ChannelLedger,
  { account }: AccountClient,
  log: NodeParts['log'],
): Promise<void> {
  for (const { id, channel, isFinal } of await ledger.own()) {
    if (!isFinal || !areBytesEqual(channel.payer, account)) continue;
    try {
      await ledger.finalise(id);
    } catch (error) {
      // Anybody may have done it meanwhile; what stays is tried again.
      log.debug('a channel was not finalised', { channel: bytesToHex(id), reason: String(error) });
    }
  }
}
