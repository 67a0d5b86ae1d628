import { setImmediate } from 'node:timers/promises';
import type { EventFilter, EventView } from '@cairn/protocol';
import type { LoggedBlock } from '../blocks/block-log.ts';
import { blockEvents } from './views.ts';

/** Heights as they are committed. */
export interface CommitSignal {
  /** Resolves to true once `height` is committed, to false when the chain or the caller ends first. */
  reached(height: number, signal?: EventFilter['signal']): Promise<boolean>;
  committed(height: number): void;
  /** Ends all waiting; with an error when the chain failed. */
  close(failure?: Error): void;
}

export function createCommitSignal(start: number): CommitSignal {
  interface Waiting {
    readonly height: number;
    readonly resolve: (isReached: boolean) => void;
    readonly reject: (error: Error) => void;
  }
  const waiting = new Set<Waiting>();
  let latest = start;
  let ended: { failure: Error | undefined } | null = null;
  return {
    reached(height, signal) {
      if (signal?.aborted) return Promise.resolve(false);
      if (height <= latest) return Promise.resolve(true);
      if (ended !== null) return ended.failure ? Promise.reject(ended.failure) : Promise.resolve(false);
      return new Promise((resolve, reject) => {
        const onAbort = () => settle(() => resolve(false));
        const settle = (finish: () => void) => {
          waiting.delete(entry);
          signal?.removeEventListener('abort', onAbort);
          finish();
        };
        const entry: Waiting = {
          height,
          resolve: (isReached) => settle(() => resolve(isReached)),
          reject: (error) => settle(() => reject(error)),
        };
        waiting.add(entry);
        signal?.addEventListener('abort', onAbort, { once: true });
      });
    },
    committed(height) {
      latest = height;
      for (const entry of [...waiting]) if (entry.height <= height) entry.resolve(true);
    },
    close(failure) {
      ended = { failure };
      for (const entry of [...waiting]) {
        if (failure === undefined) entry.resolve(false);
        else entry.reject(failure);
      }
    },
  };
}

function isWanted(name: string, names: readonly string[] | undefined): boolean {
  if (names === undefined) return true;
  return names.some((wanted) =>
    wanted.endsWith('*') ? name.startsWith(wanted.slice(0, -1)) : name === wanted,
  );
}

/** Blocks looked through before others have their turn: a filter that nothing passes gives no pause by itself. */
const BLOCKS_PER_TURN = 16;

/**
 * Events by reading the block log at the pace of the reader: nothing is buffered for a slow one,
 * and it misses nothing.
 */
export async function* eventStream(
  read: (height: number) => LoggedBlock,
  commits: CommitSignal,
  from: number,
  { names, signal }: EventFilter,
): AsyncGenerator<EventView> {
  for (let height = from; await commits.reached(height, signal); height++) {
    if ((height - from) % BLOCKS_PER_TURN === BLOCKS_PER_TURN - 1) await setImmediate();
    for (const event of blockEvents(read(height))) {
      if (signal?.aborted) return;
      if (isWanted(event.name, names)) yield event;
    }
  }
}
