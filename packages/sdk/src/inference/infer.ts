import type { CancelSignal, Crypto, Random } from '@cairn/core';
import type { Offer } from '@cairn/ledger';
import {
  type DeltaFrame,
  encodeFrame,
  encodeInferBody,
  hashInferParams,
  INFER_PROTOCOL,
  type InferBody,
  mostBodyTokens,
  nextContext,
  openReads,
  type SealingPublicKeys,
  type SealSuite,
  type SignedReceipt,
  type Timer,
  type TraceContext,
  type Transport,
} from '@cairn/protocol';
import type { Payer } from '../channels/payer.ts';
import { dialAndOpen } from './dial.ts';
import { createExchange } from './exchange.ts';
import { type AskedWay, askHub, type HubToPay, type Question } from './hub.ts';
import { isChannelGone } from './provider-errors.ts';
import {
  findSealingKeys,
  type HowOpened,
  howOpened,
  openingFrame,
  type SealMode,
  type SealParts,
  sealTo,
} from './seal.ts';

export interface InferParts {
  readonly crypto: Crypto;
  readonly random: Random;
  readonly transport: Transport;
  readonly payer: Payer;
  readonly timer: Timer;
  /** Without it every request goes in clear. */
  readonly seal?: SealParts;
  /** A hub that pays providers for this payer, whose only channel goes to it. @default providers are paid directly */
  readonly hub?: HubToPay;
}

export interface InferRequest {
  readonly offer: Offer;
  readonly body: Omit<InferBody, 'salt' | 'artifact'>;
  /** Of the body, 16 bytes: for who has to make the body again later. @default random */
  readonly salt?: Uint8Array;
  /** The provider serves a key once per channel. */
  readonly idempotencyKey: string;
  /** Called with the body as it is hashed and sent, before it is. Whoever is to check the answer needs it. */
  readonly onAsked?: (body: Uint8Array) => void;
  /** Called when the question is about to leave, with how it is sealed. When it throws, the question stays here. */
  readonly onOpening?: (how: HowOpened) => void;
  /** For whoever passes the request on: the payer shows the answer to validators. Nothing of it reaches the provider. */
  readonly disclose?: true;
  /** Where it stands in a trace; the provider goes on from there. Sealed requests only. @default a trace of its own */
  readonly trace?: TraceContext;
  /** Whether the provider's host alone may read it. @default the parts' own */
  readonly seal?: SealMode;
  readonly signal?: CancelSignal;
  /** Longest silence of the provider; a function is asked before each frame. @default 60_000 */
  readonly idleTimeoutMs?: number | (() => number);
  /**
   * Takes tokens as they come, without an event for them; false: it takes none now, and an event tells them. Cheaper
   * than events where tokens are many.
   */
  readonly take?: (delta: DeltaFrame) => boolean;
  /**
   * Called with the whole answer and its receipt before a voucher names that receipt, which says that the answer
   * came. When it throws, the stream is given up and none does.
   */
  readonly onReceipt?: (answer: { readonly text: string; readonly receipt: Uint8Array }) => Promise<void>;
  /**
   * Called once the books of this process hold the receipt of this answer, also when the reader left before it came: then no event
   * says so.
   */
  readonly onSettled?: (settled: { readonly receipt: SignedReceipt; readonly receiptId: string }) => void;
}

export type InferEvent =
  | {
      readonly type: 'accepted';
      readonly promptTokens: number | null;
      /** What the provider reads in the request's prefill: SHA-256 of its text. Null without prefill. */
      readonly prefillHash: Uint8Array | null;
      /** What decides how its sums round; null: unknown. */
      readonly engineClass: Uint8Array | null;
      /** How request and answer are sealed; absent: they go in clear. */
      readonly sealed?: SealSuite;
    }
  | DeltaFrame
  | {
      readonly type: 'end';
      readonly receipt: SignedReceipt;
      readonly receiptId: string;
      /** How request and answer were sealed; absent: they went in clear. */
      readonly sealed?: SealSuite;
    };

/**
 * Asks one provider, pays as tokens come and ends with its receipt. A reader that leaves early cancels the
 * request; what came until then is still settled. With a hub, the hub is paid and pays the provider, and the receipt is
 * the hub's.
 *
 * @throws SdkError `PROVIDER_REFUSED`, `PROVIDER_LOST`, `PROVIDER_TIMED_OUT`, `PROVIDER_BROKE_PROTOCOL`,
 * `TERMS_REFUSED`, `RECEIPT_REFUSED`, `CHANNEL_DISPUTED`, `SEAL_REQUIRED`
 */
export async function* infer(parts: InferParts, request: InferRequest): AsyncGenerator<InferEvent, void> {
  const keys = await findSealingKeys(parts.seal, request.seal, request.offer.provider);
  const question = createQuestion(parts, request, keys !== null);
  request.onAsked?.(question.bytes);
  const { channel, exchange, begin } =
    parts.hub === undefined
      ? await askProvider(parts, request, question, keys)
      : await askHub({ ...parts, hub: parts.hub }, request, question, keys);
  const cancel = () => exchange.cancel();
  request.signal?.addEventListener('abort', cancel, { once: true });
  let isOver = false;
  try {
    await begin();
    if (request.signal?.aborted === true) cancel();
    yield* exchange.events();
    isOver = true;
  } catch (error) {
    isOver = true;
    await exchange.fail(error);
    if (isChannelGone(error)) await parts.payer.forgetFinalised(channel);
    throw error;
  } finally {
    request.signal?.removeEventListener('abort', cancel);
    if (!isOver) await exchange.finishEarly();
  }
}

function createQuestion(parts: InferParts, request: InferRequest, isSealed: boolean): Question {
  const { terms } = request.offer;
  const body: InferBody = {
    ...request.body,
    artifact: terms.artifact,
    salt: request.salt ?? parts.random.bytes(16),
    ...(parts.hub !== undefined && isSealed ? { through: 'hub' } : {}),
    ...(isSealed ? { trace: request.trace ?? nextContext(parts.random, null) } : {}),
  };
  const bytes = encodeInferBody(body);
  return {
    bytes,
    expected: {
      requestHash: parts.crypto.sha256(bytes),
      salt: body.salt,
      artifact: terms.artifact,
      model: terms.model,
      paramsHash: hashInferParams(parts.crypto, body.params),
      price: terms.price,
      mostPromptTokens: mostBodyTokens(body) + (body.prefill?.length ?? 0),
      maxTokens: body.params.maxTokens,
    },
  };
}

/** The way of a request whose payer has a channel to the provider. */
async function askProvider(
  parts: InferParts,
  request: InferRequest,
  { bytes, expected }: Question,
  keys: SealingPublicKeys | null,
): Promise<AskedWay> {
  const { provider, terms } = request.offer;
  const channel = await parts.payer.channelTo(provider, terms.netuid);
  const { requestHash, artifact } = expected;
  const binding = { provider, channel: channel.record.channel, requestHash, artifact };
  const sealed = sealTo(parts, keys, binding, bytes);
  const payment = channel.pay(expected);
  const { dialled, opening } = await dialAndOpen(parts, request, terms.peer, INFER_PROTOCOL, payment);
  const stream = sealed === null ? dialled : openReads(dialled, sealed.opener);
  const exchange = createExchange(parts, request, { stream, payment, suite: () => sealed?.suite });
  const first = encodeFrame(openingFrame(opening, binding, sealed, bytes));
  const begin = async () => {
    request.onOpening?.(howOpened(sealed));
    await exchange.withinSilence(() => stream.write(first));
  };
  return { channel, exchange, begin };
}
