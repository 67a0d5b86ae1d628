import { areBytesEqual, bytesToHex } from '@cairn/core';
import type { Offer } from '@cairn/ledger';
import {
  decodeHubUserFrame,
  HUB_PROTOCOL,
  type HubWantFrame,
  MAX_MISSED_RECEIPTS,
  type PeerName,
  type Stream,
} from '@cairn/protocol';
import { SdkError } from '@cairn/sdk';
import { createAskerCheck } from '../miner/check-asker.ts';
import { openVoucher } from '../miner/check-voucher.ts';
import { cross } from './cross.ts';
import { HUB_LIMITS, type HubLimits, type HubParts, HubRefusal, tellUser } from './hub-parts.ts';
import { createOpenCrossings } from './open-crossings.ts';
import { createProviderChannels } from './provider-channels.ts';

/** Streams of one peer that have not said yet who pays. */
const MOST_STREAMS_PER_PEER = 16;

/** Pays providers for users until it is disposed. */
export interface Hub extends AsyncDisposable {
  /** Answers under way. */
  readonly running: number;
}

/**
 * Serves users who have one channel, to this hub: for each answer the user pays the hub and the hub the provider, in
 * lockstep. Answers that an earlier run left behind are charged first.
 */
export async function createHub(parts: HubParts, given: Partial<HubLimits> = {}): Promise<Hub> {
  const limits = { ...HUB_LIMITS, ...given };
  const { transport, payee, payer, timer, log } = parts;
  const crossings = createOpenCrossings(parts.records);
  const channels = createProviderChannels(parts, limits);
  const checkAsker = createAskerCheck(parts);
  const streams = new Map<Stream, PeerName>();
  const running = new Set<Promise<void>>();
  /** Answers under way on each user's channel. */
  const busy = new Map<string, number>();
  await crossings.resume(payee, log);

  async function readWant(user: Stream): Promise<HubWantFrame> {
    const stop = timer.schedule(limits.payTimeoutMs, () => user.abort('no request came'));
    try {
      const bytes = await user.read();
      const frame = bytes === null ? null : decodeHubUserFrame(bytes);
      if (frame?.type === 'want') return frame;
      throw new HubRefusal('REQUEST_MALFORMED', 'A request starts with whom you want.');
    } finally {
      stop();
    }
  }

  async function findOffer(want: HubWantFrame): Promise<Offer> {
    const offer = (await parts.offers()).find(
      ({ provider, terms }) =>
        areBytesEqual(provider, want.provider) &&
        terms.netuid === want.netuid &&
        areBytesEqual(terms.model, want.model) &&
        areBytesEqual(terms.artifact, want.artifact),
    );
    if (offer === undefined || areBytesEqual(offer.provider, payer.account)) {
      throw new HubRefusal('OFFER_UNKNOWN', 'That provider offers no such model on the ledger.');
    }
    return offer;
  }

  function begin(place: string): Disposable {
    const mine = busy.get(place) ?? 0;
    const all = [...busy.values()].reduce((sum, count) => sum + count, 0);
    if (mine >= limits.answersPerUser || all >= limits.answers) {
      throw new HubRefusal(
        'BUSY',
        `${mine} of your answers are under way and ${all} in all; this hub takes ${limits.answersPerUser} and ${limits.answers}.`,
      );
    }
    busy.set(place, mine + 1);
    return {
      [Symbol.dispose]() {
        const left = (busy.get(place) ?? 1) - 1;
        if (left === 0) busy.delete(place);
        else busy.set(place, left);
      },
    };
  }

  async function answer(user: Stream): Promise<void> {
    const want = await readWant(user);
    const channel = await payee.channel(openVoucher(want.voucher).voucher.channel);
    await checkAsker(want, want.requestHash, channel);
    if (want.feeBps < limits.feeBps) {
      throw new HubRefusal(
        'FEE_TOO_LOW',
        `This hub takes ${limits.feeBps} ten thousandths above a provider's price; ${want.feeBps} were offered.`,
      );
    }
    using _ = begin(bytesToHex(channel.record.channel));
    await channel.take(want.voucher, { isOpening: true });
    if (channel.record.outstanding.length >= MAX_MISSED_RECEIPTS) {
      throw new HubRefusal('UNPAID', 'Too many of your receipts wait for a voucher that names them.');
    }
    const offer = await findOffer(want);
    using seat = await channels.take(offer, channel.record);
    try {
      await cross({ ...parts, crossings }, limits, { user, want, offer, channel, route: seat.channel });
    } catch (error) {
      // Perhaps the provider has closed the hub's channel.
      if (error instanceof HubRefusal && error.code === 'PROVIDER_LOST')
        await payer.forgetFinalised(seat.channel);
      throw error;
    }
  }

  async function serve(user: Stream): Promise<void> {
    try {
      await answer(user);
    } catch (error) {
      if (error instanceof SdkError && error.code === 'TRANSACTION_REFUSED') {
        log.warn('a channel to a provider could not be opened', { reason: error.message });
        await tellUser(
          user,
          new HubRefusal('CHANNELS_FULL', 'This hub can open no channel to that provider now.'),
        );
      } else await tellUser(user, error);
    }
  }

  const stopListening = transport.listen(HUB_PROTOCOL, async (user) => {
    const ofPeer = [...streams.values()].filter((peer) => peer === user.remote).length;
    if (ofPeer >= MOST_STREAMS_PER_PEER || streams.size >= limits.answers) {
      user.abort('too many answers are asked for at once');
      return;
    }
    const mine = serve(user);
    streams.set(user, user.remote);
    running.add(mine);
    try {
      await mine;
    } finally {
      streams.delete(user);
      running.delete(mine);
    }
  });
  return {
    get running() {
      return running.size;
    },
    async [Symbol.asyncDispose]() {
      stopListening();
      for (const user of streams.keys()) user.abort('this hub is stopping');
      await Promise.allSettled(running);
    },
  };
}
