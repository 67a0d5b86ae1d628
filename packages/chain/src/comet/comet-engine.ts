import type { Clock, Logger } from '@cairn/core';
import type { ConsensusEngine, Timer } from '@cairn/protocol';
import { ChainError } from '../errors.ts';
import { type Child, type ChildEnd, startChild } from './child.ts';
import type { CometRpc } from './rpc.ts';

export interface CometEngineParts {
  readonly clock: Clock;
  readonly timer: Timer;
  readonly logger: Logger;
  readonly rpc: CometRpc;
  /** Makes all ready that CometBFT needs when it starts: its home, and the application on its socket. */
  readonly prepare: () => Promise<AsyncDisposable>;
  /** Takes away what a CometBFT that was killed left behind. */
  readonly clean: () => Promise<void>;
  /** Whether the application has a state to read; asked once CometBFT answers. @default at once */
  readonly hasState?: () => boolean;
  /** Called once if the engine stops by itself. */
  readonly onFailed: (error: Error) => void;
}

export interface CometEngineOptions {
  /** The program. */
  readonly program: string;
  readonly home: string;
  /** Ends within this time that are more than `maxEnds` are a failure. @default 60_000 */
  readonly windowMs?: number;
  /** @default 5 */
  readonly maxEnds?: number;
  /** From the wish that it stops until it is ended. @default 10 */
  readonly graceSeconds?: number;
}

/** CometBFT as a child of this process: started after the application, started again with it, gone when it is. */
export interface CometEngine extends ConsensusEngine {
  readonly name: 'cometbft';
  /** Process that watches over CometBFT; 0 while there is none. */
  readonly pid: number;
  /** Ends CometBFT, which is then started again. */
  again(): Promise<void>;
  /** Stops with `error`: the application must not go on. */
  fail(error: Error): void;
}

/** Between two questions whether it is ready. */
const ASK_MS = 100;
const LEAST_PAUSE_MS = 250;
/** One that has never been ready is hardly going to be. */
const MAX_FALSE_STARTS = 2;

export function createCometEngine(parts: CometEngineParts, options: CometEngineOptions): CometEngine {
  const { clock, timer, logger, rpc, prepare, clean, onFailed, hasState = () => true } = parts;
  const { program, home, windowMs = 60_000, maxEnds = 5, graceSeconds = 10 } = options;
  let failure: Error | null = null;
  let isRunning = false;
  let child: Child | null = null;
  let prepared: AsyncDisposable | null = null;
  let cancelRestart: (() => void) | null = null;
  let ends: number[] = [];
  let isReadyOnce = false;

  function fail(error: Error): void {
    if (failure !== null) return;
    failure = error;
    isRunning = false;
    cancelRestart?.();
    logger.error('consensus stopped', { reason: error.message });
    void child?.stop();
    onFailed(error);
  }

  async function launch(): Promise<void> {
    await clean();
    if (!isRunning) return;
    const started = startChild(program, ['start', '--home', home], {
      graceSeconds,
      onLine: (line) => logger.debug('cometbft', { line }),
    });
    child = started;
    void started.ended.then((end) => {
      if (child === started) child = null;
      if (isRunning) restart(end);
    });
  }

  function restart(end: ChildEnd): void {
    const nowMs = clock.nowMs();
    ends = [...ends.filter((atMs) => atMs > nowMs - windowMs), nowMs];
    if (ends.length > (isReadyOnce ? maxEnds : MAX_FALSE_STARTS)) {
      fail(stopped(end, `ended ${ends.length} times in ${Math.round(windowMs / 1_000)} s`));
      return;
    }
    const pauseMs = LEAST_PAUSE_MS * 2 ** (ends.length - 1);
    logger.warn('cometbft ended and is started again', { status: end.code, pauseMs, said: end.said.at(-1) });
    cancelRestart = timer.schedule(pauseMs, relaunch);
  }

  function relaunch(): Promise<void> {
    return launch().catch((error: unknown) =>
      fail(error instanceof Error ? error : new Error(String(error))),
    );
  }

  const pause = (ms: number) => new Promise<void>((resolve) => void timer.schedule(ms, resolve));

  async function isReady(): Promise<boolean> {
    try {
      return (await rpc.call('status')).ok && hasState();
    } catch (error) {
      if (error instanceof ChainError && error.problem.code === 'COMETBFT_UNREACHABLE') return false;
      throw error;
    }
  }

  async function stop(): Promise<void> {
    isRunning = false;
    cancelRestart?.();
    await child?.stop();
    child = null;
    await prepared?.[Symbol.asyncDispose]();
    prepared = null;
    rpc.close();
  }

  return {
    name: 'cometbft',
    get failure() {
      return failure;
    },
    get pid() {
      return child?.pid ?? 0;
    },
    fail,
    async again() {
      await child?.stop();
    },
    async start() {
      if (isRunning) return;
      if (failure !== null) throw failure;
      prepared = await prepare();
      isRunning = true;
      await launch();
      // It answers when the handshake is over: application and block log are at the same height.
      while (isRunning && !(await isReady())) await pause(ASK_MS);
      isReadyOnce = true;
      if (failure === null) return;
      await stop();
      throw failure;
    },
    stop,
  };
}

function stopped({ code, said }: ChildEnd, what: string): ChainError {
  const last = said.slice(-3).join(' | ');
  return new ChainError(
    { code: 'COMETBFT_STOPPED', said },
    `CometBFT ${what}, last with ${code === null ? 'a signal' : `status ${code}`}. It said: ${last || 'nothing'}`,
  );
}
