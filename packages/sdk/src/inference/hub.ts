import { type AccountId, accountIdToAddress } from '@cairn/core';
import type { Offer, Price } from '@cairn/ledger';
import {
  type AcceptedFrame,
  decodeHubFrame,
  encodeHubFrame,
  HUB_PROTOCOL,
  type HubFrame,
  NO_ROOT,
  openReads,
  type PeerName,
  type SealedRequest,
  type SealingPublicKeys,
  type Stream,
  sealedPieceOf,
  type WayFrame,
} from '@cairn/protocol';
import { checkReceipt, type ExpectedAnswer, openReceipt } from '../channels/check-receipt.ts';
import type { AnswerAsSeen, PayerChannel } from '../channels/payment.ts';
import { SdkError } from '../errors.ts';
import { dialAndOpen } from './dial.ts';
import { createExchange } from './exchange.ts';
import type { InferParts, InferRequest } from './infer.ts';
import { providerBroke, providerLost } from './provider-errors.ts';
import { howOpened, sealTo } from './seal.ts';

/** A hub: an account that pays providers for those who have a channel to it. */
export interface HubToPay {
  readonly account: AccountId;
  readonly chainId: Uint8Array;
  readonly peer: PeerName;
  /** What it is paid above a provider's price, in ten thousandths. Offers that are asked through it have it included. */
  readonly feeBps: number;
}

/** What is asked, and what its answer must be like. */
export interface Question {
  /** The encoded `InferBody`. */
  readonly bytes: Uint8Array;
  readonly expected: ExpectedAnswer;
}

/** A request on its way. */
export interface AskedWay {
  /** The channel that pays. */
  readonly channel: PayerChannel;
  readonly exchange: ReturnType<typeof createExchange>;
  /** Sends the request. */
  begin(): Promise<void>;
}

/** Channels to hubs name no subnet: the hub's channels to providers do. */
const NO_SUBNET = 0;

/** A price with what a hub takes, in ten thousandths of it. Rounds up, so that a hub never pays more than it is paid. */
export function addFee(price: Price, feeBps: number): Price {
  const more = (amount: bigint) => (amount * (10_000n + BigInt(feeBps)) + 9_999n) / 10_000n;
  return {
    inputPerMillion: more(price.inputPerMillion),
    cachedInputPerMillion: more(price.cachedInputPerMillion),
    outputPerMillion: more(price.outputPerMillion),
    perRequest: more(price.perRequest),
    perImage: more(price.perImage),
    perAudioSecond: more(price.perAudioSecond),
  };
}

/**
 * The way of a request that a hub pays for. It is sealed to the provider for the hub's channel; the hub sees who asks
 * whom, counts and prices. The provider's receipt is checked as if it were for this payer.
 */
export async function askHub(
  parts: InferParts & { readonly hub: HubToPay },
  request: InferRequest,
  question: Question,
  keys: SealingPublicKeys | null,
): Promise<AskedWay> {
  const { hub } = parts;
  const channel = await parts.payer.channelTo(hub.account, NO_SUBNET);
  const { salt: _, paramsHash: __, ...counts } = question.expected;
  const payment = channel.pay(counts);
  const { dialled, opening } = await dialAndOpen(parts, request, hub.peer, HUB_PROTOCOL, payment);
  const conversation = createConversation(parts, request, question, dialled, keys);
  const way = { stream: conversation.stream, payment, suite: conversation.suite, hub: conversation };
  const exchange = createExchange(parts, request, way);
  return { channel, exchange, begin: () => exchange.withinSilence(() => conversation.begin(opening)) };
}

/** What is said with a hub about one answer. */
function createConversation(
  { crypto, hub, ...parts }: InferParts & { readonly hub: HubToPay },
  { offer, body, onOpening }: InferRequest,
  { bytes, expected }: Question,
  dialled: Stream,
  keys: SealingPublicKeys | null,
) {
  const { requestHash, artifact, model, maxTokens, mostPromptTokens } = expected;
  const isSealed = keys !== null;
  let way: WayFrame | null = null;
  let sealed: SealedRequest | null = null;
  let accepted: AcceptedFrame | null = null;

  async function readHub(): Promise<Exclude<HubFrame, { type: 'error' }> | null> {
    const frame = await dialled.read();
    if (frame === null) return null;
    const read = decodeHubFrame(frame);
    if (read.type === 'error') throw refusedBy(hub, offer, read);
    return read;
  }

  async function readNext<T extends HubFrame['type']>(type: T): Promise<Extract<HubFrame, { type: T }>> {
    for (;;) {
      const frame = await readHub();
      if (frame === null) throw providerLost(addressOf(hub), 0, 'the hub closed the stream');
      if (frame.type === type) return frame as Extract<HubFrame, { type: T }>;
      // Behind a receipt the provider says under its seal that nothing follows.
      if (frame.type !== 'from')
        throw providerBroke(addressOf(hub), `The hub sent ${frame.type} in place of ${type}.`);
    }
  }

  /** The provider's frames, as the hub passes them on. */
  const frames: Stream = {
    remote: dialled.remote,
    protocol: dialled.protocol,
    async read() {
      const frame = await readHub();
      if (frame === null) return null;
      if (frame.type !== 'from')
        throw providerBroke(addressOf(hub), `The hub sent ${frame.type} within an answer.`);
      return isSealed ? sealedPieceOf(frame.frame) : frame.frame;
    },
    write: (frame) => dialled.write(frame),
    closeWrite: () => dialled.closeWrite(),
    abort: (reason) => dialled.abort(reason),
  };
  let opened = frames;

  return {
    stream: { ...frames, read: () => opened.read() },
    suite: () => sealed?.suite,
    /** Says whom to pay, and asks it once the hub has told by which channel. */
    async begin(opening: { voucher: Uint8Array; authorization: Uint8Array; idempotencyKey: string }) {
      await dialled.write(
        encodeHubFrame({
          type: 'want',
          ...opening,
          ...{ requestHash, artifact, model, maxTokens, mostPromptTokens },
          provider: offer.provider,
          netuid: offer.terms.netuid,
          feeBps: hub.feeBps,
          ...(body.priority === undefined ? {} : { priority: body.priority }),
        }),
      );
      way = await readNext('way');
      const binding = { provider: offer.provider, channel: way.channel, requestHash, artifact };
      sealed = sealTo(parts, keys, binding, bytes);
      if (sealed !== null) opened = openReads(frames, sealed.opener);
      onOpening?.(howOpened(sealed));
      await dialled.write(
        encodeHubFrame(
          sealed === null ? { type: 'clear', body: bytes } : { type: 'sealed', sealed: sealed.bytes },
        ),
      );
    },
    terms(theirs: AcceptedFrame): AcceptedFrame {
      accepted = theirs;
      const { trancheTokens = 0, prepayTokens = 0, missed = [] } = way ?? {};
      return { ...theirs, trancheTokens, prepayTokens, missed };
    },
    async take(receipt: Uint8Array, received: AnswerAsSeen) {
      const { chainId, account } = hub;
      const parties = { crypto, chainId, channel: way!.channel, payer: account, payee: offer.provider };
      const bought = openReceipt(parties, receipt);
      const { promptTokens = null, engineClass = NO_ROOT } = accepted ?? {};
      checkReceipt(crypto, bought.receipt, expected, { ...received, promptTokens, engineClass });
      const own = await readNext('receipt');
      return { own: own.receipt, keep: (id: string) => parts.payer.keepBought(id, bought) };
    },
  };
}

const addressOf = ({ account }: HubToPay) => accountIdToAddress(account);

/** What a hub says of the provider is told as if the provider had been asked. */
function refusedBy(
  hub: HubToPay,
  offer: Offer,
  { code, message }: Extract<HubFrame, { type: 'error' }>,
): SdkError {
  const provider = accountIdToAddress(offer.provider);
  if (code === 'PROVIDER_LOST')
    return providerLost(provider, 0, `the hub ${addressOf(hub)} says: ${message}`);
  if (code === 'PROVIDER_CHEATED')
    return providerBroke(provider, `The hub ${addressOf(hub)} says: ${message}`);
  return new SdkError({ code: 'PROVIDER_REFUSED', provider: addressOf(hub), refusal: code }, message);
}
