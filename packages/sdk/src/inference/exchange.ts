import { accountIdToAddress, bytesToHex, CairnError } from '@cairn/core';
import {
  type AcceptedFrame,
  type ClientFrame,
  type DeltaFrame,
  decodeServerFrame,
  encodeFrame,
  type SealSuite,
  type ServerFrame,
  type Stream,
} from '@cairn/protocol';
import type { AnswerAsSeen, Payment } from '../channels/payment.ts';
import { createAnswerLog } from './answer-log.ts';
import { createFailures } from './failures.ts';
import type { InferEvent, InferParts, InferRequest } from './infer.ts';
import { createStreamWatch } from './stream-watch.ts';

/** How an answer comes, and who is paid for it. */
export interface ExchangeWay {
  /** Gives the provider's frames, opened where they are sealed. */
  readonly stream: Stream;
  readonly payment: Payment;
  /** Undefined: they go in clear. */
  readonly suite: () => SealSuite | undefined;
  /** The hub that is paid. @default null: the provider is. */
  readonly hub?: HubEnd | null;
}

/** The end of a hub in an answer that it pays for. */
export interface HubEnd {
  /** The provider's terms with the hub's own for this payer. */
  terms(accepted: AcceptedFrame): AcceptedFrame;
  /** Checks the provider's receipt and waits for the hub's. @throws SdkError `RECEIPT_REFUSED` */
  take(
    receipt: Uint8Array,
    received: AnswerAsSeen,
  ): Promise<{
    /** The hub's receipt. */
    readonly own: Uint8Array;
    /** Keeps the provider's receipt under the id of the hub's. */
    keep(id: string): Promise<void>;
  }>;
}

/** The frames of one answer, and what is paid for them. */
export function createExchange(
  parts: InferParts,
  request: InferRequest,
  { stream, payment, suite, hub = null }: ExchangeWay,
) {
  const provider = accountIdToAddress(request.offer.provider);
  const answer = createAnswerLog();
  const { idleTimeoutMs = 60_000 } = request;
  let idleMs = 0;
  const { lost, broke, refused, failureOf } = createFailures(provider, () => answer.tokens);
  const watch = createStreamWatch(request.body);
  const howSealed = () => {
    const sealed = suite();
    return sealed === undefined ? {} : { sealed };
  };
  let isSettled = false;
  let isCancelled = false;
  let hasTimedOut = false;

  /** How long it was silent when it was given up for that; null when it was not. */
  const silentMs = () => (hasTimedOut ? idleMs : null);
  const send = (frame: ClientFrame) => stream.write(encodeFrame(frame));
  const pay = async (voucher: Uint8Array | null) => {
    if (voucher !== null) await send({ type: 'voucher', voucher });
  };

  function watchSilence(): () => void {
    idleMs = typeof idleTimeoutMs === 'number' ? idleTimeoutMs : idleTimeoutMs();
    return parts.timer.schedule(idleMs, () => {
      hasTimedOut = true;
      stream.abort('the provider was silent for too long');
    });
  }

  async function withinSilence<T>(read: () => Promise<T>): Promise<T> {
    const stop = watchSilence();
    try {
      return await read();
    } catch (cause) {
      throw failureOf(cause, silentMs());
    } finally {
      stop();
    }
  }

  async function readFrame(): Promise<ServerFrame> {
    const stop = watchSilence();
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

  /** A frame behind the terms, if it may stand there. */
  function checkNext(frame: ServerFrame): Exclude<ServerFrame, { type: 'error' | 'accepted' }> {
    if (frame.type === 'error') throw refused(frame);
    const reason = watch.check(frame, isCancelled);
    if (reason !== null || frame.type === 'accepted') throw broke(reason ?? 'It sent its terms twice.');
    return frame;
  }

  /** Null when nothing has to be paid for it now. */
  function take(frame: DeltaFrame): Promise<void> | null {
    answer.add(frame);
    const due = payment.receive(frame.tokens);
    return due === null ? null : payDue(due);
  }

  async function payDue(due: Promise<Uint8Array>): Promise<void> {
    const voucher = await due;
    try {
      await pay(voucher);
    } catch (cause) {
      throw failureOf(cause, silentMs());
    }
  }

  /** @returns the end of the answer, and its payment, which may take longer */
  async function settle(
    bytes: Uint8Array,
  ): Promise<{ readonly end: Extract<InferEvent, { type: 'end' }>; readonly paid: Promise<void> }> {
    const received = answer.received();
    const bought = await withinSilence(async () => hub?.take(bytes, received));
    await request.onReceipt?.({ text: received.text, receipt: bytes });
    const taken = await payment.take(bought?.own ?? bytes, received);
    isSettled = true;
    const receiptId = bytesToHex(taken.receiptId);
    request.onSettled?.({ receipt: taken.receipt, receiptId });
    const paid = payLast();
    // Whoever waits for it is told why it failed; until then it is nobody's.
    paid.catch(() => undefined);
    await bought?.keep(receiptId);
    if (payment.isCrowded()) await paid;
    return { end: { type: 'end', receipt: taken.receipt, receiptId, ...howSealed() }, paid };
  }

  async function payLast(): Promise<void> {
    const voucher = await payment.countersign();
    try {
      await pay(voucher);
      await stream.closeWrite();
    } catch (cause) {
      // The receipt is in hand and the voucher on disk: the next request carries it.
      if (!(cause instanceof CairnError)) throw cause;
    }
  }

  async function* events(): AsyncGenerator<InferEvent, void> {
    const terms = await readTerms();
    await pay(await payment.accept(hub?.terms(terms) ?? terms));
    const { promptTokens, prefillHash = null, engineClass = null } = terms;
    yield { type: 'accepted', promptTokens, prefillHash, engineClass, ...howSealed() };
    for (;;) {
      const frame = checkNext(await readFrame());
      if (frame.type === 'receipt') {
        const { end, paid } = await settle(frame.receipt);
        try {
          yield end;
        } finally {
          await paid;
        }
        return;
      }
      if (frame.type === 'usage') continue;
      const paid = take(frame);
      if (paid !== null) await paid;
      if (request.take?.(frame) !== true) yield frame;
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
    withinSilence,
    /** The reader left: the provider still sends what it has under way and its receipt, which settles the books. */
    async finishEarly(): Promise<void> {
      if (isSettled) return;
      cancel();
      try {
        for (;;) {
          const frame = checkNext(await readFrame());
          if (frame.type === 'delta') await take(frame);
          if (frame.type !== 'receipt') continue;
          await (await settle(frame.receipt)).paid;
          return;
        }
      } catch (error) {
        // Nobody listens any more; the books keep the request open until its receipt turns up.
        await fail(error);
      }
    },
  };
}
