/**
 * Does together what is asked for while the round before is under way: one signature and one write for all of them.
 *
 * @param run what one round does; those that it gives back wait for the next.
 * @returns asks for something; resolves or rejects as the round that has done it.
 */
export function createRounds<W, R>(
  run: (wishes: readonly W[]) => { readonly left: readonly W[]; readonly done: Promise<R> },
): (wish: W) => Promise<R> {
  interface Asked {
    readonly wish: W;
    readonly answer: PromiseWithResolvers<R>;
  }
  let waiting: Asked[] = [];
  let isRunning = false;

  function start(): void {
    if (isRunning || waiting.length === 0) return;
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

  return (wish) => {
    const answer = Promise.withResolvers<R>();
    waiting.push({ wish, answer });
    start();
    return answer.promise;
  };
}
