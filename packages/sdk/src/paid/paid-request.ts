import {
  type AccountId,
  accountIdToAddress,
  CairnError,
  type CancelSignal,
  type Crypto,
  type Random,
} from '@cairn/core';
import {
  type CallErrorCode,
  type ClientFrame,
  type DatasetErrorCode,
  encodeFrame,
  openReads,
  type SealSuite,
  type Stream,
  type Timer,
  type Transport,
} from '@cairn/protocol';
import type { ExpectedAnswer } from '../channels/check-receipt.ts';
import type { Payer } from '../channels/payer.ts';
import type { PayerChannel, Payment } from '../channels/payment.ts';
import { SdkError } from '../errors.ts';
import { findSealingKeys, openingFrame, type SealMode, type SealParts, sealTo } from '../inference/seal.ts';

export interface PaidParts {
  readonly crypto: Crypto;
  readonly random: Random;
  readonly transport: Transport;
  readonly payer: Payer;
  readonly timer: Timer;
  /** Without it every request goes in clear. */
  readonly seal?: SealParts;
}

/** What a provider of any kind answers besides its own frames. */
interface AnyServerFrame {
  readonly type: string;
}
interface ErrorFrame {
  readonly type: 'error';
  readonly code: CallErrorCode | DatasetErrorCode;
  readonly message: string;
}

export interface PaidRequest<F extends AnyServerFrame> {
  readonly protocol: string;
  readonly provider: AccountId;
  readonly peer: string;
  readonly netuid: number;
  /** What is asked for, 32 bytes: a sealed request is bound to it. */
  readonly subject: Uint8Array;
  readonly body: Uint8Array;
  readonly expected: Omit<ExpectedAnswer, 'requestHash'>;
  readonly idempotencyKey: string;
  /** @throws ProtocolError `FRAME_TOO_LARGE`, `FRAME_MALFORMED` */
  readonly decode: (frame: Uint8Array) => F | ErrorFrame;
  /** What is counted, for messages: `units of work`. */
  readonly unit: string;
  readonly seal?: SealMode;
  readonly signal?: CancelSignal;
  /** Longest silence of the provider. @default 60_000 */
  readonly idleTimeoutMs?: number;
  /** Longest time from the opening frame to the receipt, in milliseconds. @default as long as it is not silent */
  readonly timeoutMs?: number;
}

/** One paid stream to a provider, from its opening frame to its receipt. */
export interface PaidExchange<F extends AnyServerFrame> {
  readonly channel: PayerChannel;
  readonly payment: Payment;
  readonly requestHash: Uint8Array;
  /** How request and answer are sealed; absent: they go in clear. */
  readonly sealed?: SealSuite;
  /** The next frame that is no error. @throws SdkError `PROVIDER_…` */
  read(): Promise<Exclude<F, ErrorFrame>>;
  /** Sends a voucher, if there is one. */
  pay(voucher: Uint8Array | null): Promise<void>;
  /** Counts what came. */
  count(units: number): number;
  broke(reason: string): SdkError;
  /** Sends the voucher that names the receipt. A stream that is gone by then loses nothing: the next request carries it. */
  settle(voucher: Uint8Array): Promise<void>;
}

/**
 * Opens a channel if there is none, sends a request, sealed when the provider has a key, and lets `run` exchange
 * frames for vouchers. Whatever breaks before the receipt stays on the books.
 *
 * @throws SdkError `PROVIDER_REFUSED`, `PROVIDER_LOST`, `PROVIDER_TIMED_OUT`, `PROVIDER_BROKE_PROTOCOL`,
 * `CHANNEL_DISPUTED`, `SEAL_REQUIRED`, and what `run` throws
 */
export async function runPaidRequest<F extends AnyServerFrame, T>(
  parts: PaidParts,
  request: PaidRequest<F>,
  run: (exchange: PaidExchange<F>) => Promise<T>,
): Promise<T> {
  const { crypto, payer, transport } = parts;
  const { provider, netuid, subject, body, idempotencyKey, signal } = request;
  const keys = await findSealingKeys(parts.seal, request.seal, provider);
  const channel = await payer.channelTo(provider, netuid);
  const requestHash = crypto.sha256(body);
  const binding = { provider, channel: channel.record.channel, requestHash, artifact: subject };
  const sealed = sealTo(parts, keys, binding, body);
  const dialled = await transport.dial(
    request.peer,
    request.protocol,
    signal === undefined ? {} : { signal },
  );
  const isError = (frame: Uint8Array) => request.decode(frame).type === 'error';
  const stream = sealed === null ? dialled : openReads(dialled, sealed.opener, isError);
  const payment = channel.pay({ ...request.expected, requestHash });
  const way = createWay(parts.timer, request, stream);
  let isSettled = false;
  const cancel = () => {
    // A stream that is gone needs no cancel: the reader of frames reports it.
    if (!isSettled) way.send({ type: 'cancel' }).catch(() => undefined);
  };
  signal?.addEventListener('abort', cancel, { once: true });
  try {
    const opening = { ...(await payment.open(idempotencyKey)), idempotencyKey };
    await way.send(openingFrame(opening, binding, sealed, body));
    if (signal?.aborted === true) cancel();
    return await run({
      channel,
      payment,
      requestHash,
      ...(sealed === null ? {} : { sealed: sealed.suite }),
      read: way.read,
      count: way.count,
      broke: way.broke,
      async pay(voucher) {
        if (voucher !== null) await way.send({ type: 'voucher', voucher });
      },
      async settle(voucher) {
        isSettled = true;
        try {
          await way.send({ type: 'voucher', voucher });
          await stream.closeWrite();
        } catch (cause) {
          if (!(cause instanceof CairnError)) throw cause;
        }
      },
    });
  } catch (error) {
    stream.abort(error instanceof CairnError ? error.code : 'the payer failed');
    if (!isSettled) await payment.abandon();
    const isGone =
      error instanceof SdkError &&
      error.problem.code === 'PROVIDER_REFUSED' &&
      error.problem.refusal === 'CHANNEL_UNKNOWN';
    if (isGone) await payer.forgetFinalised(channel);
    throw error;
  } finally {
    way.stop();
    signal?.removeEventListener('abort', cancel);
  }
}

/** Frames to and from one provider, with its silence bounded and its failures named. */
function createWay<F extends AnyServerFrame>(timer: Timer, request: PaidRequest<F>, stream: Stream) {
  const provider = accountIdToAddress(request.provider);
  const idleMs = request.idleTimeoutMs ?? 60_000;
  let received = 0;
  let hasTimedOut = false;
  let isTooLate = false;
  const { timeoutMs } = request;
  const stop =
    timeoutMs === undefined
      ? () => undefined
      : timer.schedule(timeoutMs, () => {
          isTooLate = true;
          stream.abort('the provider took too long');
        });

  function lost(reason: string, cause?: unknown): SdkError {
    return new SdkError(
      { code: 'PROVIDER_LOST', provider, receivedTokens: received, reason },
      `Provider ${provider} was lost after ${received} ${request.unit}: ${reason}.`,
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
    if (isTooLate && timeoutMs !== undefined) {
      return new SdkError(
        { code: 'PROVIDER_TIMED_OUT', provider, receivedTokens: received, afterMs: timeoutMs },
        `Provider ${provider} was not done after ${timeoutMs} ms and ${received} ${request.unit}.`,
        { cause },
      );
    }
    if (hasTimedOut) {
      return new SdkError(
        { code: 'PROVIDER_TIMED_OUT', provider, receivedTokens: received, afterMs: idleMs },
        `Provider ${provider} was silent for ${idleMs} ms after ${received} ${request.unit}.`,
        { cause },
      );
    }
    if (!(cause instanceof CairnError)) return cause;
    if (['STREAM_ABORTED', 'STREAM_CLOSED', 'SEAL_TRUNCATED'].includes(cause.code))
      return lost(cause.message, cause);
    if (['FRAME_MALFORMED', 'FRAME_TOO_LARGE', 'SEAL_BROKEN'].includes(cause.code))
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

  async function read(): Promise<Exclude<F, ErrorFrame>> {
    const stop = timer.schedule(idleMs, () => {
      hasTimedOut = true;
      stream.abort('the provider was silent for too long');
    });
    try {
      const bytes = await stream.read();
      if (bytes === null) throw lost('it closed the stream before its receipt');
      const frame = request.decode(bytes);
      if (isErrorFrame(frame))
        throw new SdkError({ code: 'PROVIDER_REFUSED', provider, refusal: frame.code }, frame.message);
      return frame as Exclude<F, ErrorFrame>;
    } catch (cause) {
      throw failureOf(cause);
    } finally {
      stop();
    }
  }

  return {
    send,
    read,
    broke,
    stop,
    count(units: number): number {
      received += units;
      return received;
    },
  };
}

const isErrorFrame = (frame: AnyServerFrame): frame is ErrorFrame => frame.type === 'error';
