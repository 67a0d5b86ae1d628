import type { Logger } from '@cairn/core';
import type { Timer } from '@cairn/protocol';
import { NetworkError } from '../errors.ts';
import { explain } from './reasons.ts';

/** How often a peer looks whether it is alone. */
const LOOK_EVERY_MS = 10_000;
/** Longest pause between two attempts that reached nobody. */
const MOST_MS = 300_000;

/** Joins again whenever all peers are gone, until it is disposed. */
export function keepJoined(
  { timer, log }: { readonly timer: Timer; readonly log: Logger },
  isAlone: () => boolean,
  join: () => Promise<unknown>,
): Disposable {
  let pauseMs = LOOK_EVERY_MS;
  let isOver = false;
  let stop = later();

  function later(): () => void {
    return timer.schedule(pauseMs, look);
  }

  async function look(): Promise<void> {
    if (!isAlone()) pauseMs = LOOK_EVERY_MS;
    else await tryJoin();
    if (!isOver) stop = later();
  }

  async function tryJoin(): Promise<void> {
    try {
      await join();
      pauseMs = LOOK_EVERY_MS;
    } catch (error) {
      pauseMs = Math.min(2 * pauseMs, MOST_MS);
      const reason = error instanceof NetworkError ? error.message : explain(error);
      log.warn('all peers are gone and none was reached', { reason, againMs: pauseMs });
    }
  }

  return {
    [Symbol.dispose]() {
      isOver = true;
      stop();
    },
  };
}
