import {
  accountIdToAddress,
  bytesToHex,
  CairnError,
  type CancelSignal,
  type Crypto,
  type Random,
} from '@cairn/core';
import type { Offer } from '@cairn/ledger';
import {
  type AcceptedFrame,
  type ClientFrame,
  type DeltaFrame,
  decodeServerFrame,
  encodeFrame,
  encodeInferBody,
  hashInferParams,
  INFER_PROTOCOL,
  type InferBody,
  mostBodyTokens,
  openReads,
  type SealSuite,
  type ServerFrame,
  type SignedReceipt,
  type Stream,
  type Timer,
  type Transport,
} from '@cairn/protocol';
import type { Payer } from '../channels/payer.ts';
import type { Payment } from '../channels/payment.ts';
import { createAnswerLog } from './answer-log.ts';
import { createFailures } from './failures.ts';
import { isChannelGone } from './provider-errors.ts';
import { findSealingKeys, openingFrame, type SealMode, type SealParts, sealTo } from './seal.ts';
import { createStreamWatch } from './stream-watch.ts';

export interface InferParts {
  readonly crypto: Crypto;
  readonly random: Random;
  readonly transport: Transport;
  readonly payer: Payer;
  readonly timer: Timer;
  /** Without it every request goes in clear. */
  readonly seal?: SealParts;
}

export interface InferRequest {
  readonly offer: Offer;
  readonly body: Omit<InferBody, 'salt' | 'artifact'>;
  /** The provider serves a key once per channel. */
  readonly idempotencyKey: string;
  /** 16 bytes that make the hash of the body its own. @default random */
  readonly salt?: Uint8Array;
  /** For whoever passes the request on: the payer shows the answer to validators. Nothing of it reaches the provider. */
  readonly disclose?: true;
  /** Whether the provider's host alone may read it. @default the parts' own */
  readonly seal?: SealMode;
  readonly signal?: CancelSignal;
  /** Longest silence of the provider; a function is asked before each frame. @default 60_000 */
  readonly idleTimeoutMs?: number | (() => number);
  /**
   * Called with the whole answer and its receipt before a voucher names that receipt, which says that the answer
   * came. When it throws, the stream is given up and none does.
   */
  readonly onReceipt?: (answer: { readonly text: string; readonly receipt: Uint8Array }) => Promise<void>;
  /**
   * Called once the books hold the receipt of this answer, also when the reader left before it came: then no event
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
      /** Set by whoever has checked that hardware vouches for the keys they are sealed to. */
      readonly attested?: true;
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
 * request; what came until then is still settled.
 *
 * @throws SdkError `PROVIDER_REFUSED`, `PROVIDER_LOST`, `PROVIDER_TIMED_OUT`, `PROVIDER_BROKE_PROTOCOL`,
 * `TERMS_REFUSED`, `RECEIPT_REFUSED`, `CHANNEL_DISPUTED`, `SEAL_REQUIRED`
 */
export async function* infer(parts: InferParts, request: InferRequest): AsyncGenerator<InferEvent, void> {
  const { provider, terms } = request.offer;
  const body: InferBody = {
    ...request.body,
    artifact: terms.artifact,
    salt: request.salt ?? parts.random.bytes(16),
  };
  const bodyBytes = encodeInferBody(body);
  const keys = await findSealingKeys(parts.seal, request.seal, provider);
  const channel = await parts.payer.channelTo(provider, terms.netuid);
  const requestHash = parts.crypto.sha256(bodyBytes);
  const binding = { provider, channel: channel.record.channel, requestHash, artifact: terms.artifact };
  const sealed = sealTo(parts, keys, binding, bodyBytes);
  const dialled = await parts.transport.dial(
    terms.peer,
    INFER_PROTOCOL,
    request.signal === undefined ? {} : { signal: request.signal },
  );
  const payment = channel.pay({
    requestHash,
    salt: body.salt,
    artifact: terms.artifact,
    model: terms.model,
    paramsHash: hashInferParams(parts.crypto, body.params),
    price: terms.price,
    mostPromptTokens: mostBodyTokens(body) + (body.prefill?.length ?? 0),
    maxTokens: body.params.maxTokens,
  });
  const stream = sealed === null ? dialled : openReads(dialled, sealed.opener);
  const exchange = createExchange(parts, request, stream, payment, sealed?.suite);
  const cancel = () => exchange.cancel();
  request.signal?.addEventListener('abort', cancel, { once: true });
  let isOver = false;
  try {
    const { idempotencyKey } = request;
    const opening = { ...(await payment.open(idempotencyKey)), idempotencyKey };
    await exchange.open(openingFrame(opening, binding, sealed, bodyBytes));
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

function createExchange(
  parts: InferParts,
  request: InferRequest,
  stream: Stream,
  payment: Payment,
  suite: SealSuite | undefined,
) {
  const provider = accountIdToAddress(request.offer.provider);
  const answer = createAnswerLog();
  const { idleTimeoutMs = 60_000 } = request;
  let idleMs = 0;
  const { lost, broke, refused, failureOf } = createFailures(provider, () => answer.tokens);
  const watch = createStreamWatch(request.body);
  const howSealed = suite === undefined ? {} : { sealed: suite };
  let isSettled = false;
  let isCancelled = false;
  let hasTimedOut = false;

  /** How long it was silent when it was given up for that; null when it was not. */
  const silentMs = () => (hasTimedOut ? idleMs : null);
  const send = (frame: ClientFrame) => stream.write(encodeFrame(frame));
  const pay = async (voucher: Uint8Array | null) => {
    if (voucher !== null) await send({ type: 'voucher', voucher });
  };

  async function readFrame(): Promise<ServerFrame> {
    idleMs = typeof idleTimeoutMs === 'number' ? idleTimeoutMs : idleTimeoutMs();
    const stop = parts.timer.schedule(idleMs, () => {
      hasTimedOut = true;
      stream.abort('the provider was silent for too long');
    });
    try {
      const bytes = await stream.read();
      if (bytes === null) throw lost('it closed the stream before its receipt');
      return decodeServerFrame(bytes);
    } catch (cause) {
      throw failureOf(cause, silentMs());
    } finally {
      stop();
    }
  }

  async function readTerms(): Promise<AcceptedFrame> {
    const frame = await readFrame();
    if (frame.type === 'error') throw refused(frame);
    if (frame.type !== 'accepted') throw broke(`It sent ${frame.type} before its terms.`);
    if ((frame.prefillHash === undefined) !== (request.body.prefill === undefined)) {
      throw broke('It tells the text of given tokens where none were given, or none where some were.');
    }
    return frame;
  }

  /** The next frame behind the terms that may stand there. */
  async function readNext(): Promise<Exclude<ServerFrame, { type: 'error' | 'accepted' }>> {
    const frame = await readFrame();
    if (frame.type === 'error') throw refused(frame);
    const reason = watch.check(frame, isCancelled);
    if (reason !== null || frame.type === 'accepted') throw broke(reason ?? 'It sent its terms twice.');
    return frame;
  }

  async function take(frame: DeltaFrame): Promise<void> {
    answer.add(frame);
    const voucher = await payment.receive(frame.tokens);
    try {
      await pay(voucher);
    } catch (cause) {
      throw failureOf(cause, silentMs());
    }
  }

  async function settle(bytes: Uint8Array): Promise<Extract<InferEvent, { type: 'end' }>> {
    const received = answer.received();
    await request.onReceipt?.({ text: received.text, receipt: bytes });
    const settled = await payment.settle(bytes, received);
    isSettled = true;
    try {
      await pay(settled.voucher);
      await stream.closeWrite();
    } catch (cause) {
      // The receipt is in hand and the voucher on disk: the next request carries it.
      if (!(cause instanceof CairnError)) throw cause;
    }
    const receiptId = bytesToHex(settled.receiptId);
    request.onSettled?.({ receipt: settled.receipt, receiptId });
    return { type: 'end', receipt: settled.receipt, receiptId, ...howSealed };
  }

  async function* events(): AsyncGenerator<InferEvent, void> {
    const terms = await readTerms();
    await pay(await payment.accept(terms));
    const { promptTokens, prefillHash = null, engineClass = null } = terms;
    yield { type: 'accepted', promptTokens, prefillHash, engineClass, ...howSealed };
    for (;;) {
      const frame = await readNext();
      if (frame.type === 'receipt') {
        yield await settle(frame.receipt);
        return;
      }
      if (frame.type === 'usage') continue;
      await take(frame);
      yield frame;
    }
  }

  function cancel(): void {
    if (isSettled || isCancelled) return;
    isCancelled = true;
    // A stream that is gone needs no cancel: the reader of frames reports it.
    send({ type: 'cancel' }).catch(() => undefined);
  }

  async function fail(error: unknown): Promise<void> {
    stream.abort(error instanceof Error ? error.message : 'the payer failed');
    if (!isSettled) await payment.abandon();
  }

  return {
    events,
    cancel,
    fail,
    async open(frame: ClientFrame): Promise<void> {
      try {
        await send(frame);
      } catch (cause) {
        throw failureOf(cause, silentMs());
      }
    },
    /** The reader left: the provider still sends what it has under way and its receipt, which settles the books. */
    async finishEarly(): Promise<void> {
      if (isSettled) return;
      cancel();
      try {
        for (;;) {
          const frame = await readNext();
          if (frame.type === 'delta') await take(frame);
          if (frame.type !== 'receipt') continue;
          await settle(frame.receipt);
          return;
        }
      } catch (error) {
        // Nobody listens any more; the books keep the request open until its receipt turns up.
        await fail(error);
      }
    },
  };
}
