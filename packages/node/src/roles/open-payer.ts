import {
  type AccountId,
  accountIdToAddress,
  areBytesEqual,
  type Logger,
  PEBBLES_PER_CAIRN,
} from '@cairn/core';
import type { RecordStore } from '@cairn/protocol';
import {
  type AccountClient,
  createAllowedChannelLedger,
  createChannelLedger,
  createPayer,
  fetchAllowance,
  type HubToPay,
  type Payer,
  soldByHub,
  soldByProvider,
} from '@cairn/sdk';
import type { NodeParts } from './parts.ts';

export interface OpenPayerOptions {
  readonly log: Logger;
  readonly client: AccountClient;
  readonly records: RecordStore;
  /** Whose money fills the channels, which lets this key spend it as a sub-key. @default its own */
  readonly owner?: AccountId;
  /** Pebbles put into a new channel. @default 1 CAIRN */
  readonly deposit?: bigint;
  /** The only payee, where there is one. @default every provider */
  readonly hub?: HubToPay;
}

/** The payer of a role, with the channels that its records know and those that only the ledger knows. */
export async function openPayer(
  parts: NodeParts,
  { log, client, records, owner, deposit, hub }: OpenPayerOptions,
): Promise<Payer> {
  const ledger =
    owner === undefined
      ? createChannelLedger(client, parts.ledger)
      : createAllowedChannelLedger(client, parts.ledger, owner);
  const { signer, account } = client;
  const usual = deposit === undefined ? {} : { deposit };
  const options = owner === undefined ? usual : { deposit: () => depositWithin(parts, client, owner) };
  const soldAs = hub === undefined ? soldByProvider : soldByHub;
  const payer = createPayer({ ...parts, log, signer, account, ledger, records, soldAs }, options);
  for (const { id, channel } of await ledger.own()) {
    if (hub === undefined || areBytesEqual(channel.payee, hub.account)) payer.adopt(id, channel);
  }
  return payer;
}

/** No more than the sub-key may take at once, or no channel could be opened. */
async function depositWithin(
  { ledger }: NodeParts,
  client: AccountClient,
  owner: AccountId,
): Promise<bigint> {
  const allowance = await fetchAllowance(ledger, accountIdToAddress(owner), client.address);
  const isLess = allowance.ok && allowance.perCall > 0n && allowance.perCall < PEBBLES_PER_CAIRN;
  return isLess ? allowance.perCall : PEBBLES_PER_CAIRN;
}
