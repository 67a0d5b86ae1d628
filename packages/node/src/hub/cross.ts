import { bytesToHex, CairnError } from '@cairn/core';
import type { Offer, Price } from '@cairn/ledger';
import {
  type AcceptedFrame,
  decodeHubUserFrame,
  decodeServerFrame,
  decodeShownFrame,
  encodeFrame,
  encodeHubFrame,
  type HubUserFrame,
  type HubWantFrame,
  INFER_PROTOCOL,
  type Receipt,
  type ServerFrame,
  type Stream,
  shownFrameOf,
} from '@cairn/protocol';
import { addFee, type PayerChannel, type Payment } from '@cairn/sdk';
import { discountOf } from '../miner/discount.ts';
import type { PayeeChannel, ReceiptDraft } from '../miner/earning.ts';
import { type HubLimits, type HubParts, HubRefusal, sendToUser } from './hub-parts.ts';
import { countsOnly, type OpenCrossings } from './open-crossings.ts';
import { createUserSide, type UserSide } from './user-side.ts';

export interface CrossParts extends Pick<HubParts, 'crypto' | 'timer' | 'random' | 'transport'> {
  readonly crossings: OpenCrossings;
}

export interface CrossJob {
  readonly user: Stream;
  readonly want: HubWantFrame;
  readonly offer: Offer;
  /** The user's channel to the hub. */
  readonly channel: PayeeChannel;
  /** The hub's channel to the provider. */
  readonly route: PayerChannel;
}

/** Tokens that may be under way when a cancel is sent: the largest tranche. */
const MOST_TOKENS_AFTER_CANCEL = 256;
const NOTHING = new Uint8Array(0);

type AskFrame = Extract<HubUserFrame, { type: 'clear' | 'sealed' }>;
/** A frame of the provider: as it came, and what the hub may read of it; null: the empty one at the end. */
type Came = { readonly bytes: Uint8Array; readonly frame: ServerFrame | null };

/**
 * Pays a provider for one answer to a user, who pays the hub: token by token, the user first. Neither can owe more than
 * a tranche, and an answer that breaks off is charged as far as it was passed on.
 *
 * @throws HubRefusal that the user is told
 */
export async function cross(parts: CrossParts, limits: HubLimits, job: CrossJob): Promise<void> {
  const { user, want, offer, channel, route } = job;
  const { isTrusted } = channel.record;
  await sendToUser(user, {
    type: 'way',
    channel: route.record.channel,
    trancheTokens: isTrusted ? limits.trancheTokens : 0,
    prepayTokens: isTrusted ? 0 : limits.prepayTokens,
    missed: channel.missed(),
  });
  const ask = await readAsk(parts, limits, user);
  const provider = await dial(parts, offer.terms.peer);
  const { requestHash, model, artifact, maxTokens, mostPromptTokens } = want;
  const price = discountOf(offer.terms, want.priority);
  const payment = route.pay({ requestHash, model, artifact, maxTokens, mostPromptTokens, price });
  let isCancelled = false;
  const cancel = () => {
    if (isCancelled) return;
    isCancelled = true;
    // A provider that is gone needs no cancel: the reader of frames reports it.
    provider.write(encodeFrame({ type: 'cancel' })).catch(() => undefined);
  };
  const side = createUserSide(parts, { user, channel, want, isTrusted }, limits, cancel);
  const stopLife = parts.timer.schedule(limits.lifeMs, () => provider.abort('an answer lasts only so long'));
  const crossing = createCrossing(parts, limits, job, { ask, provider, payment, side });
  try {
    await crossing.run();
    if (side.refusal !== null) throw side.refusal;
  } catch (error) {
    provider.abort('the hub gave the answer up');
    await payment.abandon();
    await crossing.charge();
    throw error;
  } finally {
    stopLife();
  }
}

async function readAsk({ timer }: CrossParts, limits: HubLimits, user: Stream): Promise<AskFrame> {
  const stop = timer.schedule(limits.payTimeoutMs, () => user.abort('no request came'));
  try {
    const bytes = await user.read();
    const frame = bytes === null ? null : decodeHubUserFrame(bytes);
    if (frame?.type === 'clear' || frame?.type === 'sealed') return frame;
    throw new HubRefusal('REQUEST_MALFORMED', 'Behind the terms of the hub comes the request.');
  } finally {
    stop();
  }
}

async function dial({ transport }: CrossParts, peer: string): Promise<Stream> {
  try {
    return await transport.dial(peer, INFER_PROTOCOL);
  } catch (cause) {
    if (!(cause instanceof CairnError)) throw cause;
    throw new HubRefusal('PROVIDER_LOST', 'The provider cannot be reached from the hub.', { cause });
  }
}

interface Ends {
  readonly ask: AskFrame;
  readonly provider: Stream;
  readonly payment: Payment;
  readonly side: UserSide;
}

function createCrossing(
  { timer, random, crossings }: CrossParts,
  limits: HubLimits,
  { want, offer, channel }: CrossJob,
  { ask, provider, payment, side }: Ends,
) {
  const ours: Price = discountOf(
    { ...offer.terms, price: addFee(offer.terms.price, want.feeBps) },
    want.priority,
  );
  const { requestHash, model, artifact, maxTokens } = want;
  let promptTokens = 0;
  let prepayTokens = 0;
  let tokens = 0;
  let tokensUnheard = 0;

  const facts = () => ({ requestHash, model, artifact, promptTokens, tier: offer.terms.tier });
  const charge = async () => {
    await side.charge((counted) => countsOnly(facts(), counted));
    await crossings.close(requestHash);
  };

  async function read(): Promise<Came> {
    const stop = timer.schedule(limits.idleMs, () => provider.abort('the provider was silent for too long'));
    try {
      const bytes = await provider.read();
      if (bytes === null) throw new HubRefusal('PROVIDER_LOST', 'The provider left without a receipt.');
      return { bytes, frame: ask.type === 'sealed' ? shownFrameOf(bytes) : decodeServerFrame(bytes) };
    } catch (cause) {
      if (!(cause instanceof CairnError)) throw cause;
      if (cause.code.startsWith('STREAM_')) {
        throw new HubRefusal('PROVIDER_LOST', 'The connection to the provider broke.', { cause });
      }
      throw cheated('it sent what is no frame', cause);
    } finally {
      stop();
    }
  }

  /** A frame as the user gets it: what the provider tells the hub of other users stays here. */
  function passed({ bytes, frame }: Came): Uint8Array {
    if (ask.type === 'clear') {
      return frame?.type === 'accepted' ? encodeFrame({ ...frame, missed: [] }) : bytes;
    }
    const shown = decodeShownFrame(bytes);
    return shown.type === 'shown' ? encodeHubFrame({ ...shown, frame: NOTHING }) : bytes;
  }

  async function payProvider(voucher: Uint8Array | null): Promise<void> {
    if (voucher === null) return;
    // The user is charged for it even if this process ends now.
    const owed = { ...facts(), channel: channel.record.channel, price: ours, tokens: side.tokens };
    await crossings.save(owed);
    await tell({ type: 'voucher', voucher });
  }

  async function tell(frame: Parameters<typeof encodeFrame>[0]): Promise<void> {
    try {
      await provider.write(encodeFrame(frame));
    } catch (cause) {
      if (!(cause instanceof CairnError)) throw cause;
      throw new HubRefusal('PROVIDER_LOST', 'The connection to the provider broke.', { cause });
    }
  }

  async function checked<T>(book: Promise<T>): Promise<T> {
    try {
      return await book;
    } catch (cause) {
      if (!(cause instanceof CairnError)) throw cause;
      throw cheated(cause.message, cause);
    }
  }

  async function begin(came: Came & { readonly frame: AcceptedFrame }): Promise<void> {
    const terms = came.frame;
    promptTokens = terms.promptTokens ?? 0;
    prepayTokens = terms.prepayTokens;
    if (promptTokens > want.mostPromptTokens) throw cheated(`it counts ${promptTokens} tokens of prompt`);
    if (2 * prepayTokens > limits.prepayTokens) throw cheated(`it wants ${prepayTokens} tokens paid ahead`);
    side.begin(ours, promptTokens);
    await side.pass(passed(came));
    // Nobody has paid anything yet: a user that does not is no reason to pay the provider.
    if (!(await side.cover(Math.max(1, prepayTokens)))) throw leftBy(side);
    await payProvider(await checked(payment.accept(terms)));
  }

  async function takeTokens(came: Came, more: number): Promise<void> {
    tokens += more;
    if (tokens > maxTokens) throw cheated(`it sent more than the ${maxTokens} tokens that were asked for`);
    if (await side.cover(tokens)) await side.pass(passed(came), tokens);
    if (side.isGone) {
      tokensUnheard += more;
      if (tokensUnheard > MOST_TOKENS_AFTER_CANCEL) throw cheated('it goes on although it was told to stop');
    } else await side.cover(tokens + prepayTokens);
    await payProvider(await payment.receive(more));
  }

  async function settle(came: Came, bytes: Uint8Array): Promise<void> {
    const seen = { text: '', tokens, tokenIds: null, logprobs: null };
    const { receipt } = await checked(payment.check(bytes, seen));
    let isAnswered = false;
    if (side.isGone) await charge();
    else {
      await side.pass(passed(came));
      isAnswered = await side.settle(draftOf(receipt));
      await crossings.close(requestHash);
    }
    const { voucher } = await payment.settle(bytes, seen, isAnswered);
    await tell({ type: 'voucher', voucher });
    await provider.closeWrite();
  }

  return {
    charge,
    async run(): Promise<void> {
      const idempotencyKey = bytesToHex(random.bytes(16));
      const opening = { ...(await checked(payment.open(idempotencyKey))), idempotencyKey };
      await tell(
        ask.type === 'clear'
          ? { type: 'open', ...opening, body: ask.body }
          : { type: 'sealed-open', ...opening, requestHash, artifact, sealed: ask.sealed },
      );
      const first = await read();
      if (first.frame?.type !== 'accepted') throw refusedBy(first.frame);
      await begin({ ...first, frame: first.frame });
      for (;;) {
        const came = await read();
        const { frame } = came;
        if (frame?.type === 'receipt') return settle(came, frame.receipt);
        if (frame?.type === 'delta') await takeTokens(came, frame.tokens);
        else if (frame?.type === 'usage') await side.pass(passed(came));
        else throw refusedBy(frame);
      }
    },
  };
}

/** The provider's receipt as the hub's own: what it says of the answer stays, sums and parties are the hub's. */
function draftOf({
  channel: _,
  payer: __,
  provider: ___,
  price: ____,
  cumulative: _____,
  previousReceipt: ______,
  ...draft
}: Receipt): ReceiptDraft {
  return draft;
}

function cheated(reason: string, cause?: unknown): HubRefusal {
  return new HubRefusal('PROVIDER_CHEATED', `The provider broke the protocol: ${reason}.`, { cause });
}

function leftBy({ refusal }: UserSide): Error {
  return refusal ?? new HubRefusal('UNPAID', 'The user left before it paid.');
}

/** Codes that speak of the hub's channel and not of the user's request. */
const OF_THE_HUB = /^(CHANNEL_|VOUCHER_|UNPAID$|REQUEST_FORGED$|REQUEST_REPLAYED$)/;

/** What a provider says in place of what should come. */
function refusedBy(frame: ServerFrame | null): HubRefusal {
  if (frame?.type !== 'error') return cheated(`it sent ${frame?.type ?? 'its end'} out of turn`);
  if (OF_THE_HUB.test(frame.code)) {
    return new HubRefusal('PROVIDER_LOST', `The provider does not take the hub's money: ${frame.code}.`);
  }
  return new HubRefusal(
    frame.code,
    frame.message === '' ? `The provider says ${frame.code}.` : frame.message,
  );
}
