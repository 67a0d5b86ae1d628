import type { Budget } from './budget.ts';
import { createFrameReader, type WireFrame } from './frames.ts';
import { costOf, WINDOW_BYTES } from './limits.ts';

/** Frames of the other side that nobody has read yet. Every byte of them is counted. */
export interface Inbox {
  /**
   * Takes in what has arrived; `onControl` gets what is no data.
   *
   * @throws RangeError what is wrong, when the other side breaks the rules.
   */
  push(piece: Uint8Array, onControl: (frame: Exclude<WireFrame, { kind: 'data' }>) => void): void;
  /** The next frame, if there is one. */
  shift(): Uint8Array | undefined;
  /** Bytes to credit now: what has been read, once it is worth telling. */
  takeCredit(): number;
  /** Nothing more may come. */
  close(): void;
  /** Drops everything, and all that comes. */
  empty(): void;
  readonly length: number;
  /** Whether a frame has begun and is not whole yet. */
  readonly isPartial: boolean;
}

export function createInbox(budget: Budget): Inbox {
  const reader = createFrameReader();
  let frames: Uint8Array[] = [];
  let isOpen = true;
  let isClosed = false;
  let heldBytes = 0;
  let partialBytes = 0;
  /** Cost of frames that came in and were not credited back. */
  let owed = 0;
  let consumed = 0;

  function hold(bytes: number): void {
    if (!budget.hold(bytes)) throw new RangeError('too many bytes are held for this peer');
  }

  function accept(frame: Uint8Array): void {
    if (!isOpen) return;
    if (isClosed) throw new RangeError('a frame came after the end');
    if (owed >= WINDOW_BYTES) throw new RangeError('more was sent than there was room for');
    const cost = costOf(frame.length);
    hold(cost);
    owed += cost;
    heldBytes += cost;
    frames.push(frame);
  }

  return {
    push(piece, onControl) {
      reader.push(piece, (frame) => {
        if (frame.kind === 'data') accept(frame.body);
        else onControl(frame);
      });
      if (!isOpen) return;
      const more = reader.takenBytes - partialBytes;
      if (more > 0) hold(more);
      else budget.release(-more);
      partialBytes += more;
    },
    shift() {
      const frame = frames.shift();
      if (frame === undefined) return undefined;
      const cost = costOf(frame.length);
      heldBytes -= cost;
      consumed += cost;
      budget.release(cost);
      return frame;
    },
    takeCredit() {
      if (consumed < WINDOW_BYTES / 2 && owed < WINDOW_BYTES) return 0;
      const credit = consumed;
      owed -= credit;
      consumed = 0;
      return credit;
    },
    close() {
      isClosed = true;
    },
    empty() {
      isOpen = false;
      budget.release(heldBytes + partialBytes);
      frames = [];
      heldBytes = 0;
      partialBytes = 0;
    },
    get length() {
      return frames.length;
    },
    get isPartial() {
      return reader.isPartial;
    },
  };
}
