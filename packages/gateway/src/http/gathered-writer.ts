import type { ServerResponse } from 'node:http';
import { writeWithBackpressure } from './reply.ts';

/** Writes a stream's pieces. Those of one turn of the event loop leave as one chunk. */
export interface GatheredWriter {
  /** Null while the client keeps up; else a promise to wait for. */
  write(text: string): Promise<void> | null;
  /** Sends what waits, now. */
  flush(): void;
  /** Sends what waits and ends the answer. */
  end(): void;
}

/** So many characters are sent without waiting for the end of the turn. */
const MOST_WAITING = 16 * 1024;

export function createGatheredWriter(response: ServerResponse): GatheredWriter {
  let waiting = '';
  let isScheduled = false;

  function send(): Promise<void> | null {
    const text = waiting;
    waiting = '';
    return writeWithBackpressure(response, text);
  }

  return {
    write(text) {
      waiting += text;
      if (response.writableNeedDrain || waiting.length > MOST_WAITING) return send();
      if (!isScheduled) {
        isScheduled = true;
        setImmediate(() => {
          isScheduled = false;
          void send();
        });
      }
      return null;
    },
    flush: () => void send(),
    end() {
      const text = waiting;
      waiting = '';
      if (!response.destroyed) response.end(text);
    },
  };
}
