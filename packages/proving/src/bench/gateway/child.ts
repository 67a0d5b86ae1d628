import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { ProvingError } from '../../errors.ts';

/** A process of the bench, and what it costs. */
export interface BenchChild extends AsyncDisposable {
  /** What it said when it was ready: a port, as a rule. */
  readonly ready: unknown;
  /** Processor milliseconds it used so far, all its threads, its own and the system's. */
  cpuMs(): Promise<number>;
  /** Bytes of its heap after a collection. */
  heapBytes(): Promise<number>;
}

interface Usage {
  readonly cpuMs: number;
  readonly heapBytes: number;
}

const START_MS = 60_000;

/** Starts a module as a process that calls {@link answerBench} when it is ready. */
export async function startBenchChild(entry: URL, given: object = {}): Promise<BenchChild> {
  const child = fork(fileURLToPath(entry), [JSON.stringify(given)], {
    execArgv: ['--conditions=source', '--expose-gc', '--no-warnings'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const ready = await next(child, START_MS);
  const ask = async (what: 'usage' | 'collect') => {
    child.send(what);
    return (await next(child, START_MS)) as Usage;
  };
  return {
    ready,
    cpuMs: async () => (await ask('usage')).cpuMs,
    heapBytes: async () => (await ask('collect')).heapBytes,
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    },
  };
}

function next(child: ChildProcess, timeoutMs: number): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const fail = (reason: string) =>
      reject(new ProvingError({ code: 'BENCH_FAILED', reason }, `The gateway bench stopped: ${reason}.`));
    const onExit = () => fail('one of its processes ended; it says why above');
    const timer = setTimeout(() => fail(`a process said nothing for ${timeoutMs} ms`), timeoutMs);
    child.once('exit', onExit);
    child.once('message', (message) => {
      clearTimeout(timer);
      child.off('exit', onExit);
      resolve(message);
    });
  });
}

/** What the process was given. */
export function benchGiven<T>(): T {
  return JSON.parse(process.argv[2] ?? '{}') as T;
}

/** Says that this process is ready, and tells what it costs whenever it is asked. Ends with the one that started it. */
export function answerBench(ready: unknown): void {
  process.on('message', (what) => {
    if (what === 'collect') (globalThis as { gc?: () => void }).gc?.();
    const { user, system } = process.cpuUsage();
    const usage: Usage = { cpuMs: (user + system) / 1_000, heapBytes: process.memoryUsage().heapUsed };
    process.send?.(usage);
  });
  process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'));
  process.send?.(ready);
}
