import {
  type AccountId,
  accountIdToAddress,
  bytesToHex,
  CairnError,
  type CancelSignal,
  type Clock,
  type Crypto,
  concatBytes,
  type Random,
} from '@cairn/core';
import type { Price } from '@cairn/ledger';
import {
  CALL_PROTOCOL,
  type CallAnswer,
  type CallBody,
  type CallServerFrame,
  type ClientFrame,
  decodeCallAnswer,
  decodeCallFrame,
  encodeCallBody,
  encodeFrame,
  hashCallParams,
  inputUnits,
  MAX_CALL_ANSWER_BYTES,
  type SignedReceipt,
  type Stream,
  type Timer,
  type Transport,
} from '@cairn/protocol';
import type { Payer } from '../channels/payer.ts';
import type { Payment } from '../channels/payment.ts';
import { SdkError } from '../errors.ts';

export interface CallParts {
  readonly crypto: Crypto;
  readonly random: Random;
  readonly clock: Clock;
  readonly transport: Transport;
  readonly payer: Payer;
  readonly timer: Timer;
}

/** Where a function runs and what it costs there: from a lease on the ledger. */
export interface FunctionPlace {
  readonly deployment: Uint8Array;
  /** SHA-256 of the code. */
  readonly code: Uint8Array;
  readonly provider: AccountId;
  readonly peer: string;
  readonly netuid: number;
  readonly price: Price;
}

export interface CallRequest {
  readonly place: FunctionPlace;
  readonly input: Uint8Array;
  /** Most units of work to pay for: milliseconds of CPU time. */
  readonly maxWork: number;
  readonly idempotencyKey: string;
  readonly signal?: CancelSignal;
  /** Longest silence of the provider. @default 60_000 */
  readonly idleTimeoutMs?: number;
}

export interface CallOutcome {
  readonly answer: CallAnswer;
  readonly receipt: SignedReceipt;
  readonly receiptId: string;
}

/** A thread cannot work longer than it took: more than this beyond the time that passed is a lie. */
const CLOCK_SLACK_UNITS = 20;

/**
 * Calls a deployed function at one provider, pays as it works and ends with its receipt.
 *
 * @throws SdkError `PROVIDER_REFUSED`, `PROVIDER_LOST`, `PROVIDER_TIMED_OUT`, `PROVIDER_BROKE_PROTOCOL`,
 * `TERMS_REFUSED`, `RECEIPT_REFUSED`, `CHANNEL_DISPUTED`
 */
export async function callFunction(parts: CallParts, request: CallRequest): Promise<CallOutcome> {
  const { crypto, random, payer, transport } = parts;
  const { place, input, maxWork, idempotencyKey, signal } = request;
  const body: CallBody = { deployment: place.deployment, input, maxWork, salt: random.bytes(16) };
  const bytes = encodeCallBody(body);
  const channel = await payer.channelTo(place.provider, place.netuid);
  const stream = await transport.dial(place.peer, CALL_PROTOCOL, signal === undefined ? {} : { signal });
  const payment = channel.pay({
    requestHash: crypto.sha256(bytes),
    artifact: place.code,
    model: place.deployment,
    paramsHash: hashCallParams(crypto, body),
    salt: body.salt,
    price: place.price,
    mostPromptTokens: inputUnits(input),
    maxTokens: maxWork,
  });
  const exchange = createCallExchange(parts, request, stream, payment);
  const cancel = () => exchange.cancel();
  signal?.addEventListener('abort', cancel, { once: true });
  try {
    await exchange.send({
      type: 'open',
      ...(await payment.open(idempotencyKey)),
      idempotencyKey,
      body: bytes,
    });
    if (signal?.aborted === true) cancel();
    return await exchange.run();
  } catch (error) {
    stream.abort(error instanceof Error ? error.message : 'the caller failed');
    if (!exchange.isSettled) await payment.abandon();
    const isGone =
      error instanceof SdkError &&
      error.problem.code === 'PROVIDER_REFUSED' &&
      error.problem.refusal === 'CHANNEL_UNKNOWN';
    if (isGone) await payer.forgetFinalised(channel);
    throw error;
  } finally {
    signal?.removeEventListener('abort', cancel);
  }
}

function createCallExchange(parts: CallParts, request: CallRequest, stream: Stream, payment: Payment) {
  const provider = accountIdToAddress(request.place.provider);
  const idleMs = request.idleTimeoutMs ?? 60_000;
  const startMs = parts.clock.nowMs();
  const pieces: Uint8Array[] = [];
  let [work, sizeBytes] = [0, 0];
  let isSettled = false;
  let hasTimedOut = false;

  function lost(reason: string, cause?: unknown): SdkError {
    return new SdkError(
      { code: 'PROVIDER_LOST', provider, receivedTokens: work, reason },
      `Provider ${provider} was lost after ${work} units of work: ${reason}.`,
      cause === undefined ? {} : { cause },
    );
  }

  function broke(reason: string, cause?: unknown): SdkError {
    return new SdkError(
      { code: 'PROVIDER_BROKE_PROTOCOL', provider, reason },
      `Provider ${provider} broke the protocol: ${reason}`,
      cause === undefined ? {} : { cause },
    );
  }

  function failureOf(cause: unknown): unknown {
    if (hasTimedOut) {
      return new SdkError(
        { code: 'PROVIDER_TIMED_OUT', provider, receivedTokens: work, afterMs: idleMs },
        `Provider ${provider} was silent for ${idleMs} ms after ${work} units of work.`,
        { cause },
      );
    }
    if (!(cause instanceof CairnError)) return cause;
    if (cause.code === 'STREAM_ABORTED' || cause.code === 'STREAM_CLOSED') return lost(cause.message, cause);
    if (cause.code === 'FRAME_MALFORMED' || cause.code === 'FRAME_TOO_LARGE')
      return broke(cause.message, cause);
    return cause;
  }

  async function send(frame: ClientFrame): Promise<void> {
    try {
      await stream.write(encodeFrame(frame));
    } catch (cause) {
      throw failureOf(cause);
    }
  }

  async function pay(voucher: Uint8Array | null): Promise<void> {
    if (voucher !== null) await send({ type: 'voucher', voucher });
  }

  async function read(): Promise<CallServerFrame> {
    const stop = parts.timer.schedule(idleMs, () => {
      hasTimedOut = true;
      stream.abort('the provider was silent for too long');
    });
    try {
      const bytes = await stream.read();
      if (bytes === null) throw lost('it closed the stream before its receipt');
      const frame = decodeCallFrame(bytes);
      if (frame.type === 'error')
        throw new SdkError({ code: 'PROVIDER_REFUSED', provider, refusal: frame.code }, frame.message);
      return frame;
    } catch (cause) {
      throw failureOf(cause);
    } finally {
      stop();
    }
  }

  async function takeWork(units: number): Promise<void> {
    work += units;
    if (work > request.maxWork)
      throw broke(`It counts ${work} units of work where ${request.maxWork} were allowed.`);
    await pay(await payment.receive(units));
  }

  function takePart(bytes: Uint8Array): void {
    sizeBytes += bytes.length;
    if (sizeBytes > MAX_CALL_ANSWER_BYTES)
      throw broke(`Its answer has more than ${MAX_CALL_ANSWER_BYTES} bytes.`);
    pieces.push(bytes);
  }

  async function settle(receipt: Uint8Array): Promise<CallOutcome> {
    const bytes = concatBytes(...pieces);
    const answer = bytes.length === 0 ? null : decodeAnswer(bytes);
    const elapsed = parts.clock.nowMs() - startMs;
    if (answer !== null && answer.work > elapsed + CLOCK_SLACK_UNITS)
      throw broke(`It counts ${answer.work} ms of CPU time where ${elapsed} ms passed.`);
    const text = bytesToHex(parts.crypto.sha256(bytes));
    const settled = await payment.settle(receipt, { text, tokens: work, tokenIds: null, logprobs: null });
    isSettled = true;
    try {
      await pay(settled.voucher);
      await stream.closeWrite();
    } catch (cause) {
      // The receipt is in hand and the voucher on disk: the next call carries it.
      if (!(cause instanceof CairnError)) throw cause;
    }
    if (answer === null) {
      // What follows says why there is no answer.
      await read();
      throw broke('It sent a receipt and no answer.');
    }
    return { answer, receipt: settled.receipt, receiptId: bytesToHex(settled.receiptId) };
  }

  function decodeAnswer(bytes: Uint8Array): CallAnswer {
    try {
      return decodeCallAnswer(bytes);
    } catch (cause) {
      throw failureOf(cause);
    }
  }

  return {
    send,
    get isSettled() {
      return isSettled;
    },
    cancel(): void {
      // A stream that is gone needs no cancel: the reader of frames reports it.
      if (!isSettled) send({ type: 'cancel' }).catch(() => undefined);
    },
    async run(): Promise<CallOutcome> {
      const terms = await read();
      if (terms.type !== 'accepted') throw broke(`It sent ${terms.type} before its terms.`);
      const { inputUnits: promptTokens, trancheWork, prepayWork, missed } = terms;
      const accepted = {
        type: 'accepted',
        promptTokens,
        trancheTokens: trancheWork,
        prepayTokens: prepayWork,
        missed,
      } as const;
      await pay(await payment.accept(accepted));
      for (;;) {
        const frame = await read();
        if (frame.type === 'work') await takeWork(frame.work);
        else if (frame.type === 'part') takePart(frame.bytes);
        else if (frame.type === 'receipt') return settle(frame.receipt);
        else throw broke('It sent its terms twice.');
      }
    },
  };
}
