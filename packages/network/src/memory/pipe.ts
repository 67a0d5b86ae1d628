import { MAX_FRAME_BYTES, ProtocolError } from '@cairn/protocol';

/** Bytes a pipe holds before its writer waits. */
const ROOM_BYTES = 256 * 1024;

/** One direction of a stream. */
export interface Pipe {
  write(frame: Uint8Array): Promise<void>;
  read(): Promise<Uint8Array | null>;
  close(): void;
  abort(reason: string): void;
  readonly isOver: boolean;
}

/** What may happen to a frame on its way. `cut` loses it and the whole stream. */
export type Passage = 'pass' | 'cut' | { readonly delay: Promise<void> } | { readonly frame: Uint8Array };

export interface PipeOptions {
  /** Decides about each frame, in order. */
  readonly onFrame: (frame: Uint8Array) => Passage;
  /** Called when a frame is cut. */
  readonly onCut: () => void;
}

export function createPipe({ onFrame, onCut }: PipeOptions): Pipe {
  const frames: Uint8Array[] = [];
  let heldBytes = 0;
  let isClosed = false;
  let abortReason: string | null = null;
  let travel: Promise<void> = Promise.resolve();
  let travelling = 0;
  let wake: (() => void)[] = [];

  function wakeAll(): void {
    const woken = wake;
    wake = [];
    for (const resume of woken) resume();
  }
  const change = () => new Promise<void>((resolve) => wake.push(resolve));

  function refuseAborted(): void {
    if (abortReason === null) return;
    throw new ProtocolError(
      { code: 'STREAM_ABORTED', reason: abortReason },
      `The stream was cut: ${abortReason}.`,
    );
  }

  function arrive(frame: Uint8Array): void {
    if (abortReason !== null) return;
    frames.push(frame);
    wakeAll();
  }

  function send(frame: Uint8Array): void {
    const passage = onFrame(frame);
    if (passage === 'cut') {
      onCut();
      return;
    }
    const delivered = typeof passage === 'object' && 'frame' in passage ? passage.frame : frame;
    const delay = typeof passage === 'object' && 'delay' in passage ? passage.delay : null;
    heldBytes += delivered.length;
    if (delay === null && travelling === 0) {
      arrive(delivered);
      return;
    }
    travelling += 1;
    travel = Promise.all([travel, delay]).then(() => {
      travelling -= 1;
      arrive(delivered);
    });
  }

  return {
    async write(frame) {
      refuseAborted();
      if (isClosed)
        throw new ProtocolError({ code: 'STREAM_CLOSED' }, 'This side of the stream is closed already.');
      if (frame.length > MAX_FRAME_BYTES) {
        throw new ProtocolError(
          { code: 'FRAME_TOO_LARGE', sizeBytes: frame.length, maxBytes: MAX_FRAME_BYTES },
          `A frame of ${frame.length} bytes was not sent; at most ${MAX_FRAME_BYTES} fit.`,
        );
      }
      send(frame.slice());
      while (heldBytes > ROOM_BYTES && abortReason === null) await change();
      refuseAborted();
    },
    async read() {
      for (;;) {
        refuseAborted();
        const frame = frames.shift();
        if (frame !== undefined) {
          heldBytes -= frame.length;
          wakeAll();
          return frame;
        }
        if (isClosed && travelling === 0) return null;
        await change();
      }
    },
    close() {
      isClosed = true;
      void travel.then(wakeAll);
      wakeAll();
    },
    abort(reason) {
      if (abortReason !== null || (isClosed && frames.length === 0 && travelling === 0)) return;
      abortReason = reason.slice(0, 200);
      frames.length = 0;
      heldBytes = 0;
      wakeAll();
    },
    get isOver() {
      return abortReason !== null || (isClosed && frames.length === 0 && travelling === 0);
    },
  };
}
