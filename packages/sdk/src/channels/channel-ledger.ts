import {
  type AccountId,
  accountIdToAddress,
  account as accountShape,
  bytesToHex,
  hexToBytes,
} from '@cairn/core';
import { type Channel, type ClaimChannel, channelShape } from '@cairn/ledger';
import type { LedgerReader, TransactionView } from '@cairn/protocol';
import { SdkError } from '../errors.ts';
import type { AccountClient } from '../ledger/account-client.ts';
import { fetchPages } from '../ledger/pages.ts';

/** A channel, and whose key speaks for its payer now. */
export type FoundChannel = Channel & { readonly payerKey: AccountId };

/** A channel of an account. */
export interface OwnChannel {
  readonly id: Uint8Array;
  readonly channel: Channel;
  /** Its dispute window is over. */
  readonly isFinal: boolean;
}

/** What payers and payees do with channels on the ledger. */
export interface ChannelLedger {
  /** Opens a channel and waits until it is in a block; resolves with its id. */
  open(payee: Uint8Array, netuid: number, deposit: bigint): Promise<Uint8Array>;
  topUp(channel: Uint8Array, amount: bigint): Promise<void>;
  claim(claim: ClaimChannel): Promise<void>;
  startClose(channel: Uint8Array): Promise<void>;
  /** Gives the rest of a channel back to its payer, once its dispute window is over. */
  finalise(channel: Uint8Array): Promise<void>;
  /** Null when it never was, or is finalised. */
  find(channel: Uint8Array): Promise<FoundChannel | null>;
  /** Channels in which this account pays or is paid. */
  own(): Promise<readonly OwnChannel[]>;
}

/** Channels through an account's client and any reader. */
export function createChannelLedger(client: AccountClient, reader: LedgerReader): ChannelLedger {
  return {
    async open(payee, netuid, deposit) {
      return openedChannel(await client.send('channels.open', { payee, netuid, deposit }), payee);
    },
    async topUp(channel, amount) {
      await client.send('channels.topUp', { channel, amount });
    },
    async claim(claim) {
      await client.send('channels.claim', claim);
    },
    async startClose(channel) {
      await client.send('channels.startClose', { channel });
    },
    async finalise(channel) {
      await client.send('channels.finalise', { channel });
    },
    async find(channel) {
      const found = await reader.query<Record<string, unknown> | null>('channels_get', {
        channel: bytesToHex(channel),
      });
      return found === null ? null : parseChannel(found);
    },
    async own() {
      const listed = await fetchPages<Listed>(reader, 'channels_list', { party: client.address });
      return listed.map((entry) => {
        const channel = parseChannel(entry);
        const isFinal = channel.finalAt !== 0n && BigInt(String(entry.live)) >= channel.finalAt;
        return { id: hexToBytes(entry.id), channel, isFinal };
      });
    },
  };
}

/** Id of the channel that a transaction opened. @throws SdkError `RPC_FAILED` */
export function openedChannel({ id, events }: TransactionView, payee: AccountId): Uint8Array {
  const opened = events.find(({ name }) => name === 'channels.opened')?.data.channel;
  if (typeof opened === 'string') return hexToBytes(opened);
  throw new SdkError(
    { code: 'RPC_FAILED', method: 'channels.open', reason: 'no channels.opened event' },
    `Transaction ${id} opened no channel to ${accountIdToAddress(payee)}.`,
  );
}

type Listed = { readonly id: string } & Readonly<Record<string, unknown>>;

function parseChannel({
  id: _,
  live: __,
  payerKey,
  ...fields
}: Readonly<Record<string, unknown>>): FoundChannel {
  return { ...channelShape.fromJson(fields), payerKey: accountShape.fromJson(payerKey) };
}
