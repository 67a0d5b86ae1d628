import type { CancelSignal } from '@cairn/core';

export interface SlotQueue<T> {
  /** The next free slot, in order of asking; null when `signal` fires first. */
  take(signal?: CancelSignal): Promise<T | null>;
  give(slot: T): void;
  /** Rejects all who wait, now and later. */
  close(reason: Error): void;
}

interface Waiter<T> {
  readonly resolve: (slot: T | null) => void;
  readonly reject: (reason: Error) => void;
}

/** A fixed set of slots, lent first come, first served. */
export function createSlotQueue<T>(slots: readonly T[]): SlotQueue<T> {
  const free = [...slots];
  const waiters = new Set<Waiter<T>>();
  let closed: Error | null = null;
  return {
    take(signal) {
      if (closed !== null) return Promise.reject(closed);
      if (signal?.aborted === true) return Promise.resolve(null);
      const slot = free.shift();
      if (slot !== undefined) return Promise.resolve(slot);
      return new Promise((resolve, reject) => {
        const onAbort = () => {
          waiters.delete(waiter);
          resolve(null);
        };
        const waiter: Waiter<T> = {
          resolve(given) {
            signal?.removeEventListener('abort', onAbort);
            resolve(given);
          },
          reject(reason) {
            signal?.removeEventListener('abort', onAbort);
            reject(reason);
          },
        };
        signal?.addEventListener('abort', onAbort, { once: true });
        waiters.add(waiter);
      });
    },
    give(slot) {
      const [next] = waiters;
      if (next === undefined) {
        free.push(slot);
        return;
      }
      waiters.delete(next);
      next.resolve(slot);
    },
    close(reason) {
      closed = reason;
      for (const waiter of waiters) waiter.reject(reason);
      waiters.clear();
    },
  };
}
