import type { Timer } from '@cairn/protocol';

/** Asks for something; resolves or rejects as the round that has done it. */
export type AskRound<W, R> = (
  wish: W,
  /** Milliseconds that it may wait for another to share its round. @default 0 */
  patienceMs?: number,
) => Promise<R>;

/**
 * Does together what is asked for while the round before is under way: one signature and one write for all of them.
 *
 * @param run what one round does; those that it gives back wait for the next.
 * @param timer for those who have patience. @default nobody has
 */
export function createRounds<W, R>(
  run: (wishes: readonly W[]) => { readonly left: readonly W[]; readonly done: Promise<R> },
  timer?: Timer,
): AskRound<W, R> {
  interface Asked {
    readonly wish: W;
    readonly answer: PromiseWithResolvers<R>;
  }
  let waiting: Asked[] = [];
  let isRunning = false;
  let stopWaiting: (() => void) | null = null;

  function start(): void {
    if (isRunning || waiting.length === 0) return;
    stopWaiting?.();
    stopWaiting = null;
    isRunning = true;
    const asked = waiting;
    const { left, done } = run(asked.map(({ wish }) => wish));
    const isLeft = new Set(left);
    waiting = asked.filter(({ wish }) => isLeft.has(wish));
    const mine = asked.filter(({ wish }) => !isLeft.has(wish));
    done.then(
      (result) => end(mine, ({ answer }) => answer.resolve(result)),
      (error: unknown) => end(mine, ({ answer }) => answer.reject(error)),
    );
  }

  function end(asked: readonly Asked[], tell: (one: Asked) => void): void {
    isRunning = false;
    for (const one of asked) tell(one);
    start();
  }

  return (wish, patienceMs = 0) => {
    const answer = Promise.withResolvers<R>();
    waiting.push({ wish, answer });
    if (patienceMs === 0 || timer === undefined) start();
    else stopWaiting ??= timer.schedule(patienceMs, start);
    return answer.promise;
  };
}
