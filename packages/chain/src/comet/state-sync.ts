import type { Clock, Logger } from '@cairn/core';
import type { Timer } from '@cairn/protocol';

export interface StateSyncWatchParts {
  readonly clock: Clock;
  readonly timer: Timer;
  readonly logger: Logger;
  /** Offers and pieces so far. */
  readonly received: () => number;
  /** Gives up on snapshots and executes all blocks instead. */
  readonly onNone: () => Promise<void>;
}

/** Looks after a node that waits for a snapshot. */
export interface StateSyncWatch {
  stop(): void;
}

const LOOK_MS = 1_000;

/** @param patienceMs without an offer or a piece, after which no snapshot is expected any more. */
export function watchStateSync(parts: StateSyncWatchParts, patienceMs: number): StateSyncWatch {
  const { clock, timer, logger, received, onNone } = parts;
  let seen = received();
  let seenMs = clock.nowMs();
  let isStopped = false;
  let cancel: () => void = () => undefined;

  async function look(): Promise<void> {
    if (isStopped) return;
    if (received() !== seen) {
      seen = received();
      seenMs = clock.nowMs();
    }
    if (clock.nowMs() - seenMs < patienceMs) {
      cancel = timer.schedule(LOOK_MS, look);
      return;
    }
    logger.warn('no snapshot came; all blocks are executed instead', { waitedMs: patienceMs });
    await onNone();
  }

  cancel = timer.schedule(LOOK_MS, look);
  return {
    stop() {
      isStopped = true;
      cancel();
    },
  };
}
