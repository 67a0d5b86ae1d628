import {
  type AccountId,
  areBytesEqual,
  bytesToHex,
  type Clock,
  type Crypto,
  type Logger,
  type Signer,
} from '@cairn/core';
import type { CountersignedReceipt, RecordStore } from '@cairn/protocol';
import { type ChannelLedger, type FoundChannel, type SoldAs, soldByProvider } from '@cairn/sdk';
import { createCountersignedReceipts } from './countersigned.ts';
import type { PayeeChannel } from './earning.ts';
import { createPayeeChannel } from './payee-channel.ts';
import { decodePayeeChannel, newPayeeChannel, PAYEE_CHANNELS } from './payee-record.ts';
import { Refusal } from './refusal.ts';

export interface PayeeParts {
  readonly crypto: Crypto;
  readonly clock: Clock;
  readonly chainId: Uint8Array;
  readonly payee: AccountId;
  readonly signer: Signer;
  readonly ledger: Pick<ChannelLedger, 'find' | 'claim'>;
  readonly records: RecordStore;
  readonly log: Logger;
  /** What is sold: models, or what a hub buys of others. @default models */
  readonly soldAs?: SoldAs;
}

export interface PayeeOptions {
  /** Blocks between claims. @default 10 */
  readonly claimEveryBlocks?: number;
  /** How long the ledger's word on a channel is believed. @default 2_000 */
  readonly channelFreshMs?: number;
}

/** The channels that pay a miner. */
export interface Payee {
  channel(id: Uint8Array): Promise<PayeeChannel>;
  channels(): readonly PayeeChannel[];
  /** A receipt for one of these requests with the payer's voucher that names it; null when none is kept. */
  countersigned(payer: AccountId, requests: readonly Uint8Array[]): CountersignedReceipt | null;
  /** Claims what is due every few blocks, and at once on a channel that is closing. */
  onBlock(height: number): Promise<void>;
  /** Claims all that is due now. */
  claimAll(): Promise<void>;
}

/** A channel is believed to be what it was for this many times as long, while the ledger is asked. */
const STALE_TIMES = 5;

export function createPayee(parts: PayeeParts, options: PayeeOptions = {}): Payee {
  const { ledger, records, clock, log, soldAs = soldByProvider } = parts;
  const claimEveryBlocks = options.claimEveryBlocks ?? 10;
  const freshMs = options.channelFreshMs ?? 2_000;
  const channels = new Map<string, PayeeChannel>();
  const opening = new Map<string, Promise<PayeeChannel>>();
  const seen = new Map<string, { channel: FoundChannel; atMs: number }>();
  const looking = new Map<string, Promise<FoundChannel | null>>();
  const countersigned = createCountersignedReceipts(records);
  let claiming: Promise<void> = Promise.resolve();

  /** Asks the ledger, once for all who wait for the same. */
  function look(id: Uint8Array): Promise<FoundChannel | null> {
    const hex = bytesToHex(id);
    const running = looking.get(hex);
    if (running !== undefined) return running;
    const mine = ledger
      .find(id)
      .then((channel) => {
        if (channel === null) seen.delete(hex);
        else seen.set(hex, { channel, atMs: clock.nowMs() });
        return channel;
      })
      .finally(() => looking.delete(hex));
    looking.set(hex, mine);
    return mine;
  }

  /**
   * A channel as the ledger has it. What is a little old is good enough for a voucher that fits, while the ledger is
   * asked again: answers must not wait for a ledger that is busy, and a channel that closes can be claimed for longer.
   */
  async function find(id: Uint8Array, cumulative: bigint, mostMs = freshMs): Promise<FoundChannel | null> {
    const last = seen.get(bytesToHex(id));
    if (last === undefined || last.channel.deposited < cumulative) return look(id);
    const ageMs = clock.nowMs() - last.atMs;
    if (ageMs < freshMs) return last.channel;
    const asked = look(id);
    if (ageMs >= mostMs) return asked;
    // Whoever asks next learns of it, and of a failure when it has to wait.
    asked.catch(() => undefined);
    return last.channel;
  }

  function hold(record: Parameters<typeof createPayeeChannel>[1]): PayeeChannel {
    const channel = createPayeeChannel(
      {
        ...parts,
        soldAs,
        findChannel: (cumulative) => find(record.channel, cumulative, STALE_TIMES * freshMs),
        onCountersigned: countersigned.keep,
      },
      record,
    );
    channels.set(bytesToHex(record.channel), channel);
    return channel;
  }

  async function meet(id: Uint8Array): Promise<PayeeChannel> {
    const hex = bytesToHex(id);
    const channel = await find(id, 0n);
    if (channel === null)
      throw new Refusal('CHANNEL_UNKNOWN', `There is no channel ${hex} on this chain. Open one.`);
    if (!areBytesEqual(channel.payee, parts.payee)) {
      throw new Refusal('CHANNEL_NOT_MINE', `Channel ${hex} pays another provider.`);
    }
    return hold(newPayeeChannel(id, channel.payer));
  }

  async function claim(channel: PayeeChannel): Promise<void> {
    if (channel.due(true) === null) return;
    const hex = bytesToHex(channel.record.channel);
    const onLedger = await ledger.find(channel.record.channel);
    if (onLedger === null) {
      log.error('a channel was finalised with money unclaimed', { channel: hex });
      channels.delete(hex);
      return;
    }
    const due = channel.due(onLedger.finalAt !== 0n);
    if (due === null) return;
    // A claim whose confirmation got lost is on the ledger already.
    if (onLedger.claimed < due.voucher.cumulative) await ledger.claim({ ...due, close: false });
    await channel.claimed(due);
    log.info('channel claimed', { channel: hex, cumulative: due.voucher.cumulative });
  }

  function claimEach(wanted: readonly PayeeChannel[]): Promise<void> {
    const mine = claiming.then(async () => {
      for (const channel of wanted) {
        try {
          await claim(channel);
        } catch (error) {
          // The voucher stays on disk; the next round tries again.
          log.warn('a claim failed', {
            channel: bytesToHex(channel.record.channel),
            reason: error instanceof Error ? error.message : String(error),
          });
        }
      }
    });
    claiming = mine;
    return mine;
  }

  async function closing(): Promise<PayeeChannel[]> {
    const found: PayeeChannel[] = [];
    for (const channel of channels.values()) {
      if (channel.due(true) === null) continue;
      const onLedger = await find(channel.record.channel, 0n);
      if (onLedger === null || onLedger.finalAt !== 0n) found.push(channel);
    }
    return found;
  }

  for (const key of records.keys(PAYEE_CHANNELS)) {
    const bytes = records.get(key);
    if (bytes !== undefined) hold(decodePayeeChannel(bytes));
  }

  return {
    async channel(id) {
      const hex = bytesToHex(id);
      const held = channels.get(hex);
      if (held !== undefined) return held;
      const running = opening.get(hex) ?? meet(id).finally(() => opening.delete(hex));
      opening.set(hex, running);
      return running;
    },
    channels: () => [...channels.values()],
    countersigned: countersigned.find,
    async onBlock(height) {
      await claimEach(height % claimEveryBlocks === 0 ? [...channels.values()] : await closing());
    },
    claimAll: () => claimEach([...channels.values()]),
  };
}
