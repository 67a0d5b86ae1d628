import {
  type AccountId,
  areBytesEqual,
  bytesToHex,
  type Clock,
  formatAmount,
  type Logger,
} from '@cairn/core';
import type { Offer } from '@cairn/ledger';
import type { Payer, PayerChannel, PayerChannelRecord } from '@cairn/sdk';
import type { PayeeChannelRecord } from '../miner/payee-record.ts';
import { type HubLimits, HubRefusal } from './hub-parts.ts';

/** A channel to a provider while an answer is paid on it. */
export interface ProviderSeat extends Disposable {
  readonly channel: PayerChannel;
}

/** The hub's channels to providers: as many as it has money for, the idle ones closed when others are needed. */
export interface ProviderChannels {
  /** @throws HubRefusal `CHANNELS_FULL` */
  take(offer: Offer, user: PayeeChannelRecord): Promise<ProviderSeat>;
}

interface Use {
  running: number;
  lastMs: number;
}

export function createProviderChannels(
  { payer, clock, log }: { readonly payer: Payer; readonly clock: Clock; readonly log: Logger },
  limits: Pick<HubLimits, 'channels' | 'freeOpenings' | 'paidPerOpening'>,
): ProviderChannels {
  /** By the channel's hex id. Those of an earlier run were used before all others. */
  const uses = new Map<string, Use>();
  /** Channels that each user made the hub open, by its account in hex. */
  const openedFor = new Map<string, number>();
  const retiring = new Map<string, Promise<void>>();
  const openings = new Map<string, Promise<PayerChannel>>();
  let turn: Promise<unknown> = Promise.resolve();

  const useOf = ({ channel }: PayerChannelRecord): Use =>
    uses.get(bytesToHex(channel)) ?? { running: 0, lastMs: 0 };
  const isTo = (record: PayerChannelRecord, payee: AccountId, netuid: number) =>
    record.netuid === netuid && areBytesEqual(record.payee, payee);

  /** Whoever asks may be a stranger whose offers are its own: opening costs the hub, so it costs the user. */
  function count({ payer: user, settled }: PayeeChannelRecord): void {
    const hex = bytesToHex(user);
    const opened = openedFor.get(hex) ?? 0;
    const allowed = BigInt(limits.freeOpenings) + settled / limits.paidPerOpening;
    if (BigInt(opened) >= allowed) {
      throw new HubRefusal(
        'CHANNELS_FULL',
        `This hub has opened ${opened} channels to new providers for you. It opens one more for each ${formatAmount(limits.paidPerOpening)} CAIRN that you pay. Ask a provider that it pays already.`,
      );
    }
    openedFor.set(hex, opened + 1);
  }

  /** Closes idle channels: those that never paid an answer first, then those unused for longest. */
  async function makeRoom(): Promise<void> {
    // Those that are being opened are counted, this one too.
    while (payer.channels().length + openings.size > limits.channels) {
      const idle = payer
        .channels()
        .filter((record) => useOf(record).running === 0)
        .sort((one, other) => rank(one) - rank(other) || useOf(one).lastMs - useOf(other).lastMs)[0];
      if (idle === undefined) {
        throw new HubRefusal(
          'CHANNELS_FULL',
          `All ${limits.channels} channels of this hub are in use. Ask a provider that it pays already, or try again.`,
        );
      }
      await retire(idle);
    }
  }

  async function retire({ payee, netuid, channel }: PayerChannelRecord): Promise<void> {
    const hex = bytesToHex(channel);
    const closed = payer.channelTo(payee, netuid).then((idle) => payer.retire(idle));
    retiring.set(hex, closed);
    try {
      await closed;
      uses.delete(hex);
      log.info('an idle channel to a provider is closed for another', { channel: hex });
    } finally {
      retiring.delete(hex);
    }
  }

  async function open({ provider, terms }: Offer, user: PayeeChannelRecord): Promise<PayerChannel> {
    // One after another, so that two do not take the same room; opening itself takes a block and waits for nobody.
    const room = turn.then(async () => {
      count(user);
      await makeRoom();
    });
    turn = room.catch(() => undefined);
    await room;
    return payer.channelTo(provider, terms.netuid);
  }

  async function find(offer: Offer, user: PayeeChannelRecord): Promise<PayerChannel> {
    const { provider, terms } = offer;
    for (;;) {
      const held = payer.channels().find((record) => isTo(record, provider, terms.netuid));
      if (held === undefined) {
        const place = `${terms.netuid}/${bytesToHex(provider)}`;
        const running = openings.get(place) ?? open(offer, user).finally(() => openings.delete(place));
        openings.set(place, running);
        return running;
      }
      const closing = retiring.get(bytesToHex(held.channel));
      if (closing === undefined) return payer.channelTo(provider, terms.netuid);
      await closing;
    }
  }

  return {
    async take(offer, user) {
      const channel = await find(offer, user);
      const use = useOf(channel.record);
      use.running += 1;
      uses.set(bytesToHex(channel.record.channel), use);
      return {
        channel,
        [Symbol.dispose]() {
          use.running -= 1;
          use.lastMs = clock.nowMs();
        },
      };
    },
  };
}

const rank = ({ receipts }: PayerChannelRecord): number => (receipts === 0 ? 0 : 1);
