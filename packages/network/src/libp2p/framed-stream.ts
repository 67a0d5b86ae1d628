import { CairnError } from '@cairn/core';
import { MAX_FRAME_BYTES, type PeerName, ProtocolError, type Stream, type Timer } from '@cairn/protocol';
import type { Stream as RawStream } from '@libp2p/interface';
import type { Budget } from './budget.ts';
import { encodeAbort, encodeCredit, encodeData, encodeEnd, reasonOf, type WireFrame } from './frames.ts';
import { createInbox } from './inbox.ts';
import { costOf, type NetworkLimits, WINDOW_BYTES } from './limits.ts';

/** Time for the last words of a stream to arrive before it is reset. */
const FAREWELL_MS = 1000;
const LOST = 'the connection was lost';
const DONE = 'this side is done with the stream';

export interface FramedStreamParts {
  readonly raw: RawStream;
  readonly remote: PeerName;
  readonly timer: Timer;
  readonly budget: Budget;
  readonly limits: Pick<NetworkLimits, 'frameTimeoutMs' | 'stallTimeoutMs'>;
  /** Called once, when nobody here uses the stream any more. */
  readonly onOver: () => void;
}

/** A stream, and the way to be done with it. */
export interface FramedStream {
  readonly stream: Stream;
  /** Says the end and leaves the other side a moment to say its own; what it still sends is dropped. */
  settle(): Promise<void>;
  /** Aborts when no frame has come in time: a peer that opens a stream speaks first. */
  expectFrame(): void;
}

/**
 * Frames over a libp2p stream. The reader grants credit for what it has taken out, so a slow reader slows the
 * writer whatever lies beneath, and bytes of a stranger that are held here are counted and bounded.
 */
export function frameStream({ raw, remote, timer, budget, limits, onOver }: FramedStreamParts): FramedStream {
  const inbox = createInbox(budget);
  /** Cost of frames that went out and were not credited back. */
  let owed = 0;
  let abortReason: string | null = null;
  let isOver = false;
  let hasBegun = false;
  let hasEnded = false;
  let isWriteClosed = false;
  let isGone = false;
  let writing: Promise<void> = Promise.resolve();
  let wake: (() => void)[] = [];
  let stopFrameTimer: (() => void) | null = null;
  let stopFirstTimer: (() => void) | null = null;

  const wakeAll = () => {
    const woken = wake;
    wake = [];
    for (const resume of woken) resume();
  };
  const change = () => new Promise<void>((resolve) => wake.push(resolve));

  function refuse(reason: string | null): void {
    if (reason === null) return;
    throw new ProtocolError(
      { code: 'STREAM_ABORTED', reason },
      `The stream with ${remote} was cut: ${reason}.`,
    );
  }
  const refuseAborted = () => refuse(abortReason);
  const refuseUnwritable = () => refuse(abortReason ?? (isGone ? LOST : null));

  function end(reason: string): void {
    abortReason = reason.slice(0, 200);
    inbox.empty();
    watchFrame();
    wakeAll();
    over();
  }

  function over(): void {
    if (isOver) return;
    isOver = true;
    stopFirstTimer?.();
    onOver();
  }

  /** Nothing more is to be said in either direction. */
  function closeRaw(): void {
    if (!hasEnded || !isWriteClosed || isGone) return;
    raw.close().catch((error: Error) => raw.abort(error));
  }

  /** This side gives up: says why, then resets, at the latest when the other side has had time to hear it. */
  function abort(reason: string): void {
    if (abortReason !== null || (hasEnded && isWriteClosed && inbox.length === 0)) return;
    end(reason);
    if (isGone) return;
    const reset = () => raw.abort(new Error(reason));
    try {
      if (raw.writeStatus === 'writable') raw.send(encodeAbort(reason));
    } catch {
      // The stream is broken already; the reset says as much as can be said.
      reset();
      return;
    }
    timer.schedule(FAREWELL_MS, reset);
  }

  /** The frame being received has to be whole in time. */
  function watchFrame(): void {
    const isWaiting = abortReason === null && !isGone && inbox.isPartial;
    if (isWaiting === (stopFrameTimer !== null)) return;
    stopFrameTimer?.();
    stopFrameTimer = isWaiting
      ? timer.schedule(limits.frameTimeoutMs, () => abort('a frame took too long to arrive'))
      : null;
  }

  function control(frame: Exclude<WireFrame, { kind: 'data' }>): void {
    if (abortReason !== null) return;
    if (frame.kind === 'credit') {
      if (frame.bytes === 0 || frame.bytes > owed)
        throw new RangeError('credit came for bytes that were not sent');
      owed -= frame.bytes;
      budget.release(frame.bytes);
    } else if (frame.kind === 'end') {
      inbox.close();
      hasEnded = true;
      void writing.then(closeRaw);
    } else {
      end(reasonOf(frame.body));
      raw.abort(new Error('the other side cut the stream'));
    }
  }

  raw.addEventListener('message', ({ data }) => {
    if (abortReason !== null) return;
    hasBegun = true;
    try {
      inbox.push(data instanceof Uint8Array ? data : data.subarray(), control);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      abort(error.message);
    }
    watchFrame();
    wakeAll();
  });

  function leave(): void {
    if (isGone) return;
    isGone = true;
    if (abortReason === null && !hasEnded) end(LOST);
    budget.release(owed);
    owed = 0;
    watchFrame();
    over();
    wakeAll();
  }
  raw.addEventListener('close', () => {
    if (raw.readBufferLength === 0 || abortReason !== null || raw.status !== 'closed') leave();
    else raw.addEventListener('end', leave, { once: true });
  });
  raw.addEventListener('remoteCloseWrite', () => {
    if (raw.readBufferLength === 0 && !hasEnded) abort('the other side ended without saying so');
  });
  raw.addEventListener('drain', wakeAll);
  raw.addEventListener('idle', wakeAll);
  if (raw.status !== 'open') leave();

  /** Waits for something, but not for ever: the other side has to take what is written to it. */
  async function until(isMet: () => boolean): Promise<void> {
    if (isMet()) return;
    let left = raw.writeBufferLength + owed;
    const watch = (): (() => void) =>
      timer.schedule(limits.stallTimeoutMs, () => {
        const now = raw.writeBufferLength + owed;
        if (now >= left) {
          abort('the other side took nothing for too long');
          return;
        }
        left = now;
        stop = watch();
      });
    let stop = watch();
    try {
      while (!isMet() && abortReason === null && !isGone) await change();
    } finally {
      stop();
    }
  }
  const isFlushed = () => raw.writeBufferLength === 0 && !raw.writableNeedsDrain;

  async function send(bytes: Uint8Array, cost: number): Promise<void> {
    refuseUnwritable();
    const unwatch = budget.watch(wakeAll);
    try {
      while (!budget.hold(cost)) {
        await change();
        refuseUnwritable();
      }
    } finally {
      unwatch();
    }
    owed += cost;
    raw.send(bytes);
    await until(() => owed < WINDOW_BYTES && isFlushed());
    refuseUnwritable();
  }

  /** One after the other; a failed one does not stop the next from finding out for itself. */
  function inTurn(action: () => Promise<void>): Promise<void> {
    const turn = writing.then(action);
    writing = turn.catch(() => undefined);
    return turn;
  }

  const stream: Stream = {
    remote,
    protocol: raw.protocol,
    async write(frame) {
      refuseAborted();
      if (isWriteClosed)
        throw new ProtocolError({ code: 'STREAM_CLOSED' }, 'This side of the stream is closed already.');
      if (frame.length > MAX_FRAME_BYTES) {
        throw new ProtocolError(
          { code: 'FRAME_TOO_LARGE', sizeBytes: frame.length, maxBytes: MAX_FRAME_BYTES },
          `A frame of ${frame.length} bytes was not sent; at most ${MAX_FRAME_BYTES} fit.`,
        );
      }
      const bytes = encodeData(frame);
      await inTurn(() => send(bytes, costOf(frame.length)));
    },
    async read() {
      for (;;) {
        refuseAborted();
        const frame = inbox.shift();
        if (frame === undefined) {
          if (hasEnded) return null;
          await change();
          continue;
        }
        const credit = hasEnded || isGone ? 0 : inbox.takeCredit();
        if (credit > 0) raw.send(encodeCredit(credit));
        return frame;
      }
    },
    async closeWrite() {
      if (isWriteClosed || abortReason !== null) return;
      isWriteClosed = true;
      await inTurn(async () => {
        if (abortReason !== null || isGone) return;
        raw.send(encodeEnd());
        closeRaw();
      });
    },
    abort,
  };

  return {
    stream,
    async settle() {
      await stream.closeWrite();
      await until(isFlushed);
      if (abortReason !== null) return;
      end(DONE);
      if (!isGone) timer.schedule(FAREWELL_MS, () => raw.abort(new Error(DONE)));
    },
    expectFrame() {
      if (isOver) return;
      stopFirstTimer = timer.schedule(limits.frameTimeoutMs, () => {
        if (!hasBegun) abort('no frame came');
      });
    },
  };
}

/** What a stranger is told about a failure of ours: the message of our own errors, which hold no secrets. */
export function failureFor(error: unknown): string {
  return error instanceof CairnError ? error.message : 'the handler failed';
}
