import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { type Child, startChild } from '@cairn/chain';
import type { Clock, Logger } from '@cairn/core';
import type { Timer } from '@cairn/protocol';
import { NodeError } from '../errors.ts';
import { ENGINE_KINDS, type EngineModel } from './engine-kinds.ts';
import type { FoundEngine } from './find-engine.ts';

export interface ManagedEngineParts {
  readonly clock: Clock;
  readonly timer: Timer;
  readonly log: Logger;
}

export interface ManagedEngineOptions {
  readonly engine: FoundEngine;
  readonly model: EngineModel;
  /** Longest wait until it answers; it may have to load tens of gigabytes. @default 600_000 */
  readonly startTimeoutMs?: number;
  /** From one question about its health to the next. @default 2_000 */
  readonly checkMs?: number;
  /** Wait before the first restart; each further one doubles it, up to a minute. @default 500 */
  readonly backoffMs?: number;
  /** Restarts in a row, none of which held for a minute, after which it is given up. @default 6 */
  readonly mostRestarts?: number;
  /** Ends the wait for the first start. */
  readonly signal?: AbortSignal;
  readonly onState?: (state: EngineState) => void;
}

export type EngineState =
  | { readonly state: 'ready' }
  | { readonly state: 'restarting'; readonly reason: string; readonly inMs: number }
  | { readonly state: 'given up'; readonly reason: string };

/** An engine that runs as long as this is not disposed, and not longer than this process. */
export interface ManagedEngine extends AsyncDisposable {
  /** Stays the same over restarts. */
  readonly url: string;
  /** Restarts so far. */
  readonly restarts: number;
  /** Resolves with the reason when it was given up, and with null when it was disposed. */
  readonly ended: Promise<string | null>;
}

const MAX_BACKOFF_MS = 60_000;
/** An engine that held this long starts counting its restarts anew. */
const STEADY_MS = 60_000;
/** Unanswered questions in a row after which it is taken for hung. */
const MOST_SILENT = 5;
const CHECK_TIMEOUT_MS = 5_000;

/**
 * Starts an engine on a free port of loopback, waits until it answers, and starts it again when it falls.
 *
 * @throws NodeError `ENGINE_NOT_STARTED` when the first start fails: with what it said last
 */
export async function startManagedEngine(
  parts: ManagedEngineParts,
  options: ManagedEngineOptions,
): Promise<ManagedEngine> {
  const { clock, timer, log } = parts;
  const { engine, model, onState = () => undefined } = options;
  const { startTimeoutMs = 600_000, checkMs = 2_000, backoffMs = 500, mostRestarts = 6 } = options;
  const kind = ENGINE_KINDS[engine.kind];
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const stopping = new AbortController();
  let child = start();
  let restarts = 0;

  function start(): Child {
    const environment = Object.entries(kind.environment(port)).map(([name, value]) => `${name}=${value}`);
    return startChild('env', [...environment, engine.program, ...kind.args(model, port)]);
  }

  /** Ends early when this is disposed. */
  function wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        cancel();
        stopping.signal.removeEventListener('abort', done);
        resolve();
      };
      const cancel = timer.schedule(ms, done);
      stopping.signal.addEventListener('abort', done, { once: true });
      if (stopping.signal.aborted) done();
    });
  }

  async function isWell(): Promise<boolean> {
    try {
      const signal = AbortSignal.any([stopping.signal, AbortSignal.timeout(CHECK_TIMEOUT_MS)]);
      const response = await fetch(url + kind.healthPath, { signal, redirect: 'error' });
      await response.body?.cancel();
      return response.status === 200;
    } catch {
      // Nothing listens, or it does not answer in time: that is the answer to the question.
      return false;
    }
  }

  /** @returns why it is not ready, or null when it is. */
  async function untilReady(running: Child): Promise<string | null> {
    const deadlineMs = clock.nowMs() + startTimeoutMs;
    let hasEnded = false;
    const ended = running.ended.then(() => {
      hasEnded = true;
    });
    while (!stopping.signal.aborted) {
      if (await isWell()) return null;
      if (hasEnded) return describeEnd(await running.ended);
      if (clock.nowMs() > deadlineMs) return `it did not answer within ${startTimeoutMs} ms`;
      await Promise.race([wait(Math.min(checkMs, 250)), ended]);
    }
    return 'it was stopped';
  }

  /** @returns why it is not well any more. */
  async function watch(running: Child): Promise<string> {
    let hasEnded = false;
    const ended = running.ended.then(() => {
      hasEnded = true;
    });
    let silent = 0;
    while (!stopping.signal.aborted && !hasEnded) {
      await Promise.race([wait(checkMs), ended]);
      if (stopping.signal.aborted || hasEnded) break;
      silent = (await isWell()) ? 0 : silent + 1;
      if (silent >= MOST_SILENT) return `it left ${silent} questions about its health unanswered`;
    }
    return hasEnded ? describeEnd(await running.ended) : 'it was stopped';
  }

  async function supervise(): Promise<string | null> {
    let inARow = 0;
    for (;;) {
      const readyMs = clock.nowMs();
      let reason = await watch(child);
      if (clock.nowMs() - readyMs >= STEADY_MS) inARow = 0;
      for (;;) {
        await child.stop();
        if (stopping.signal.aborted) return null;
        if (inARow >= mostRestarts) {
          onState({ state: 'given up', reason });
          return reason;
        }
        const inMs = Math.min(backoffMs * 2 ** inARow, MAX_BACKOFF_MS);
        inARow += 1;
        log.warn('an engine is started again', { engine: engine.kind, reason, inMs });
        onState({ state: 'restarting', reason, inMs });
        await wait(inMs);
        if (stopping.signal.aborted) return null;
        child = start();
        restarts += 1;
        const failure = await untilReady(child);
        if (failure === null) break;
        reason = failure;
      }
      onState({ state: 'ready' });
    }
  }

  const give = () => stopping.abort();
  options.signal?.addEventListener('abort', give, { once: true });
  if (options.signal?.aborted === true) give();
  const failure = await untilReady(child);
  options.signal?.removeEventListener('abort', give);
  if (failure !== null) {
    const { said } = await child.stop();
    throw new NodeError(
      { code: 'ENGINE_NOT_STARTED', engine: engine.kind, said },
      `${engine.program} did not start: ${failure}. Its models are named so: ${kind.source}.`,
    );
  }
  onState({ state: 'ready' });
  const ended = supervise();
  return {
    url,
    ended,
    get restarts() {
      return restarts;
    },
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await child.stop();
      await ended;
    },
  };
}

/** Its last words, without what could move a terminal's cursor. */
function describeEnd({ code, said }: Awaited<Child['ended']>): string {
  const last =
    said
      .at(-1)
      ?.replaceAll(/[\p{C}\s]+/gu, ' ')
      .slice(0, 300) ?? 'nothing';
  return `it ended with ${code ?? 'a signal'}, and said: ${last}`;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
