import type { Clock, Logger } from '@cairn/core';
import type { SandboxCall, SandboxInstance, SandboxResult, Timer } from '@cairn/protocol';
import { NodeError } from '../errors.ts';
import { createLoadMeter, decideScale, type ScaleRules } from './scale.ts';

export interface FunctionPoolParts {
  /** Starts one more instance. */
  readonly start: () => Promise<SandboxInstance>;
  readonly clock: Clock;
  readonly timer: Timer;
  readonly log: Logger;
}

export interface FunctionPoolOptions extends ScaleRules {
  /** Most calls that wait. @default 64 */
  readonly maxQueued?: number;
  /** Time over which load is measured. @default 500 */
  readonly windowMs?: number;
}

/** What came of a call, and what it waited for. */
export interface PooledResult extends SandboxResult {
  readonly queuedMs: number;
  /** How long its instance took to start for it; 0: it was warm. */
  readonly coldStartMs: number;
}

export interface PoolState {
  readonly busy: number;
  readonly ready: number;
  readonly starting: number;
  readonly queued: number;
  /** Calls that waited for an instance to start. */
  readonly coldStarts: number;
  readonly calls: number;
}

/** Instances of one function: none while nobody calls, more with the load, none again. */
export interface FunctionPool extends AsyncDisposable {
  readonly state: PoolState;
  /** @throws NodeError `FUNCTION_BUSY` when as many wait as may; EngineError `CODE_REFUSED` */
  run(call: SandboxCall): Promise<PooledResult>;
  /** What the function printed lately, oldest first. */
  logs(): readonly string[];
}

interface Instance {
  readonly sandboxed: SandboxInstance;
  readonly startMs: number;
  isFresh: boolean;
  idleSinceMs: number;
}

interface Waiting {
  readonly call: SandboxCall;
  readonly sinceMs: number;
  readonly resolve: (result: PooledResult) => void;
  readonly reject: (error: unknown) => void;
}

const TICK_MS = 100;
const MAX_LOGS = 100;

export function createFunctionPool(parts: FunctionPoolParts, options: FunctionPoolOptions): FunctionPool {
  const { clock, timer, log } = parts;
  const { maxQueued = 64, windowMs = 500 } = options;
  const load = createLoadMeter(() => clock.nowMs(), windowMs);
  const ready: Instance[] = [];
  const queue: Waiting[] = [];
  const logs: string[] = [];
  const all = new Set<Instance>();
  const work = new Set<Promise<unknown>>();
  let [busy, starting, coldStarts, calls] = [0, 0, 0, 0];
  let isStopped = false;
  let stopTick: (() => void) | null = null;

  function track(promise: Promise<unknown>): void {
    work.add(promise);
    promise.then(
      () => work.delete(promise),
      (error: unknown) => {
        work.delete(promise);
        log.warn('an instance failed', { reason: error instanceof Error ? error.message : String(error) });
      },
    );
  }

  function look(): void {
    if (isStopped) return;
    load.set(busy + queue.length);
    while (queue.length > 0 && ready.length > 0) track(serve(ready.pop()!, queue.shift()!));
    const idleSinceMs = ready.map((instance) => instance.idleSinceMs).sort((one, other) => one - other);
    const { start, stop } = decideScale(
      { nowMs: clock.nowMs(), load: load.read(), queued: queue.length, busy, starting, idleSinceMs },
      options,
    );
    for (let n = 0; n < start; n += 1) track(startOne());
    ready.sort((one, other) => other.idleSinceMs - one.idleSinceMs);
    for (let n = 0; n < stop; n += 1) track(end(ready.pop()!));
    tick();
  }

  /** Looks again while there is anything that may change by time alone. */
  function tick(): void {
    const isAtRest = queue.length === 0 && busy === 0 && starting === 0 && all.size <= options.minInstances;
    if (isAtRest || isStopped) {
      stopTick?.();
      stopTick = null;
      return;
    }
    stopTick ??= timer.schedule(TICK_MS, () => {
      stopTick = null;
      look();
    });
  }

  async function startOne(): Promise<void> {
    starting += 1;
    const begunMs = clock.nowMs();
    try {
      const sandboxed = await parts.start();
      const nowMs = clock.nowMs();
      const instance = { sandboxed, startMs: nowMs - begunMs, isFresh: true, idleSinceMs: nowMs };
      all.add(instance);
      if (isStopped) await end(instance);
      else ready.push(instance);
    } catch (error) {
      // Whoever waits would wait for ever: code that cannot start is nobody's answer.
      for (const { reject } of queue.splice(0)) reject(error);
      throw error;
    } finally {
      starting -= 1;
      look();
    }
  }

  async function end(instance: Instance): Promise<void> {
    all.delete(instance);
    await instance.sandboxed[Symbol.asyncDispose]();
  }

  async function serve(instance: Instance, { call, sinceMs, resolve, reject }: Waiting): Promise<void> {
    busy += 1;
    const queuedMs = clock.nowMs() - sinceMs;
    const coldStartMs =
      instance.isFresh && queuedMs > 0 ? Math.max(1, Math.min(queuedMs, instance.startMs)) : 0;
    instance.isFresh = false;
    if (coldStartMs > 0) coldStarts += 1;
    calls += 1;
    try {
      const result = await instance.sandboxed.run(call);
      if (result.log !== '') logs.push(result.log);
      if (logs.length > MAX_LOGS) logs.shift();
      resolve({ ...result, queuedMs, coldStartMs });
    } catch (error) {
      reject(error);
    } finally {
      busy -= 1;
      instance.idleSinceMs = clock.nowMs();
      if (instance.sandboxed.isAlive && !isStopped) ready.push(instance);
      else track(end(instance));
      look();
    }
  }

  look();
  return {
    get state() {
      return { busy, ready: ready.length, starting, queued: queue.length, coldStarts, calls };
    },
    run(call) {
      if (isStopped || queue.length >= maxQueued) {
        throw new NodeError(
          { code: 'FUNCTION_BUSY', queued: queue.length, maxQueued },
          `${queue.length} calls wait for this function, which is all that may. Try again, or another provider.`,
        );
      }
      const waiting = Promise.withResolvers<PooledResult>();
      queue.push({ call, sinceMs: clock.nowMs(), resolve: waiting.resolve, reject: waiting.reject });
      look();
      return waiting.promise;
    },
    logs: () => [...logs],
    async [Symbol.asyncDispose]() {
      isStopped = true;
      stopTick?.();
      const stopped = new NodeError(
        { code: 'FUNCTION_BUSY', queued: 0, maxQueued },
        'The provider is stopping.',
      );
      for (const { reject } of queue.splice(0)) reject(stopped);
      await Promise.allSettled([...all].map(end));
      await Promise.allSettled(work);
    },
  };
}
