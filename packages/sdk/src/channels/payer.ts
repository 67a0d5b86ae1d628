import {
  type AccountId,
  accountIdOf,
  areBytesEqual,
  bytesToHex,
  type Crypto,
  decode,
  encode,
  type Logger,
  PEBBLES_PER_CAIRN,
  type Signer,
} from '@cairn/core';
import type { Channel } from '@cairn/ledger';
import { type RecordStore, type SignedReceipt, signedReceiptShape, type Timer } from '@cairn/protocol';
import type { ChannelLedger } from './channel-ledger.ts';
import { createPayerChannel } from './payer-channel.ts';
import {
  decodePayerChannel,
  newPayerChannel,
  PAYER_BOUGHT,
  PAYER_CHANNELS,
  PAYER_RECEIPTS,
  type PayerChannelRecord,
} from './payer-record.ts';
import type { PayerChannel } from './payment.ts';
import { type SoldAs, soldByProvider } from './sold-as.ts';

export interface PayerParts {
  readonly crypto: Crypto;
  readonly chainId: Uint8Array;
  readonly signer: Signer;
  readonly ledger: Pick<ChannelLedger, 'open' | 'topUp' | 'startClose' | 'find'>;
  readonly records: RecordStore;
  /** Lets a settlement share a write with the next request. @default each has its own */
  readonly timer?: Timer;
  readonly log: Logger;
  /** For an account whose key was changed: `signer` is the key that speaks for it now. @default the signer's */
  readonly account?: AccountId;
  /** What the payees sell: models, or what hubs buy of others. @default models */
  readonly soldAs?: SoldAs;
}

export interface PayerOptions {
  /**
   * Pebbles put into a new channel, and added when half of them are promised; a function is asked each time.
   * @default 1 CAIRN
   */
  readonly deposit?: bigint | (() => Promise<bigint>);
}

/** Pays providers through one channel each. */
export interface Payer {
  readonly account: AccountId;
  /** The channel to a payee on a subnet; opened on first use. */
  channelTo(payee: AccountId, netuid: number): Promise<PayerChannel>;
  /**
   * Forgets a channel that the ledger knows no more, so that the next use opens another. One that is only
   * closing stays: its money is not back yet, and a payee must not make a payer fill channel after channel.
   */
  forgetFinalised(channel: PayerChannel): Promise<void>;
  /**
   * Begins to close a channel and forgets it, so that the next use of its payee opens another. For a payer that needs
   * its money elsewhere, while nothing is asked on it.
   */
  retire(channel: PayerChannel): Promise<void>;
  channels(): readonly PayerChannelRecord[];
  /** Resolves when what waits for a next request is on disk. Before the records are closed. */
  flush(): Promise<void>;
  /**
   * Takes up a channel that the ledger knows and the records do not: it was opened when the process died or
   * stopped waiting. Only one that was never claimed from, and whose payee has no other.
   */
  adopt(id: Uint8Array, channel: Channel): void;
  /** A receipt by its id in hex; null when it is not one of ours. */
  receipt(id: string): SignedReceipt | null;
  receipts(): Iterable<SignedReceipt>;
  /** Keeps the provider's receipt for an answer that a hub sold, under the id of the hub's receipt in hex. */
  keepBought(id: string, bought: SignedReceipt): Promise<void>;
  /** The provider's receipt behind one of a hub; null when there is none. */
  bought(id: string): SignedReceipt | null;
}

/** @returns a payer with the channels that `records` already knows. */
export function createPayer(parts: PayerParts, options: PayerOptions = {}): Payer {
  const { crypto, signer, ledger, records, log, soldAs = soldByProvider } = parts;
  const { deposit = PEBBLES_PER_CAIRN } = options;
  const readDeposit = async () => (typeof deposit === 'function' ? deposit() : deposit);
  const payer = parts.account ?? accountIdOf(crypto, signer.scheme, signer.publicKey);
  const byPayee = new Map<string, Promise<PayerChannel>>();
  const topUps = new Map<string, Promise<bigint>>();
  const known: PayerChannel[] = [];

  function topUp({ channel, deposited }: PayerChannelRecord, needed: bigint): Promise<bigint> {
    const hex = bytesToHex(channel);
    const running = topUps.get(hex);
    if (running !== undefined) return running;
    const missing = needed > deposited ? needed - deposited : 0n;
    const sent = fill(channel, missing)
      .then((amount) => deposited + amount)
      .finally(() => topUps.delete(hex));
    topUps.set(hex, sent);
    return sent;
  }

  async function fill(channel: Uint8Array, missing: bigint): Promise<bigint> {
    const usual = await readDeposit();
    const amount = missing > usual ? missing : usual;
    await ledger.topUp(channel, amount);
    return amount;
  }

  async function ensureDeposit(record: PayerChannelRecord, needed: bigint): Promise<bigint> {
    let deposited = record.deposited;
    while (deposited < needed) deposited = await topUp({ ...record, deposited }, needed);
    return deposited;
  }

  function onDispute({ channel, payee }: PayerChannelRecord): void {
    log.warn('a provider showed a wrong receipt, its channel is closed', { payee: bytesToHex(payee) });
    ledger.startClose(channel).catch((error: unknown) => {
      log.warn('a disputed channel could not be closed', {
        channel: bytesToHex(channel),
        error: reasonOf(error),
      });
    });
  }

  function hold(record: PayerChannelRecord): PayerChannel {
    const channel = createPayerChannel(
      {
        ...{ crypto, chainId: parts.chainId, payer, signer, records, soldAs, ensureDeposit, onDispute },
        ...(parts.timer === undefined ? {} : { timer: parts.timer }),
      },
      record,
    );
    known.push(channel);
    return channel;
  }

  async function open(payee: AccountId, netuid: number): Promise<PayerChannel> {
    const put = await readDeposit();
    const id = await ledger.open(payee, netuid, put);
    return hold(newPayerChannel(id, payee, netuid, put));
  }

  async function forget(channel: PayerChannel): Promise<void> {
    const { payee, netuid, channel: id } = channel.record;
    const at = known.indexOf(channel);
    if (at < 0) return;
    known.splice(at, 1);
    byPayee.delete(placeOf(payee, netuid));
    await records.delete(PAYER_CHANNELS + bytesToHex(id));
  }

  for (const key of records.keys(PAYER_CHANNELS)) {
    const bytes = records.get(key);
    if (bytes === undefined) continue;
    const record = decodePayerChannel(bytes);
    byPayee.set(placeOf(record.payee, record.netuid), Promise.resolve(hold(record)));
  }

  function readReceipt(key: string): SignedReceipt | null {
    const bytes = records.get(key);
    return bytes === undefined ? null : decode(signedReceiptShape, bytes);
  }

  return {
    account: payer,
    channelTo(payee, netuid) {
      const place = placeOf(payee, netuid);
      const held = byPayee.get(place);
      if (held !== undefined) return held;
      const opening = open(payee, netuid);
      byPayee.set(place, opening);
      opening.catch(() => byPayee.delete(place));
      return opening;
    },
    async forgetFinalised(channel) {
      if ((await ledger.find(channel.record.channel)) === null) await forget(channel);
    },
    async retire(channel) {
      if (!known.includes(channel)) return;
      await ledger.startClose(channel.record.channel);
      await forget(channel);
    },
    channels: () => known.map(({ record }) => record),
    async flush() {
      await Promise.all(known.map((channel) => channel.flush()));
    },
    adopt(id, { payer: owner, payee, netuid, deposited, claimed, finalAt }) {
      const place = placeOf(payee, netuid);
      if (!areBytesEqual(owner, payer) || claimed > 0n || finalAt > 0n || byPayee.has(place)) return;
      byPayee.set(place, Promise.resolve(hold(newPayerChannel(id, payee, netuid, deposited))));
    },
    receipt(id) {
      const key = PAYER_RECEIPTS + id;
      const fresh = known.map((channel) => channel.unwritten(key)).find((bytes) => bytes !== undefined);
      return fresh === undefined ? readReceipt(key) : decode(signedReceiptShape, fresh);
    },
    keepBought: (id, bought) => records.set(PAYER_BOUGHT + id, encode(signedReceiptShape, bought)),
    bought: (id) => readReceipt(PAYER_BOUGHT + id),
    *receipts() {
      for (const key of records.keys(PAYER_RECEIPTS)) {
        const bytes = records.get(key);
        if (bytes !== undefined) yield decode(signedReceiptShape, bytes);
      }
    },
  };
}

function placeOf(payee: AccountId, netuid: number): string {
  return `${netuid}/${bytesToHex(payee)}`;
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
