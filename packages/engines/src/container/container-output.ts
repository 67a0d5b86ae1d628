import type { Readable } from 'node:stream';
import { createLogKeeper } from '../sandbox/log-keeper.ts';
import { cutSaid } from './runtime.ts';

/** What a container prints: a little of it is kept, too much of it ends the container. */
export interface ContainerOutput {
  /** What was printed since the last time, at most 16 KiB of it. */
  take(): string;
  /** The last of it, on one line. */
  tail(): string;
}

/** Most bytes between two takings. */
const MAX_PRINTED_BYTES = 1024 * 1024;
const MAX_TAIL_CHARACTERS = 1_000;

export function readContainerOutput(streams: readonly Readable[], tooMuch: () => void): ContainerOutput {
  let keeper = createLogKeeper();
  let printed = 0;
  let tail = '';
  for (const stream of streams) {
    stream.on('data', (bytes: Buffer) => {
      printed += bytes.length;
      const text = bytes.toString('utf8');
      keeper.addText(text);
      tail = (tail + text).slice(-MAX_TAIL_CHARACTERS);
      if (printed > MAX_PRINTED_BYTES) tooMuch();
    });
  }
  return {
    take() {
      const text = keeper.text();
      keeper = createLogKeeper();
      printed = 0;
      return text;
    },
    tail: () => cutSaid(tail),
  };
}
