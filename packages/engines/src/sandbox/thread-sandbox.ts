import { Worker } from 'node:worker_threads';
import type {
  Sandbox,
  SandboxCall,
  SandboxCode,
  SandboxFault,
  SandboxInstance,
  SandboxResult,
  Timer,
} from '@cairn/protocol';
import { EngineError } from '../errors.ts';
import { oneCallAtATime } from './one-call.ts';
import type { ThreadData } from './sandbox-thread.ts';
import {
  CONTROL_GRANTED,
  CONTROL_PLACES,
  CONTROL_STOP,
  CONTROL_TURN,
  type RunOrder,
  type ThreadReport,
} from './thread-messages.ts';

export interface ThreadSandboxParts {
  readonly timer: Timer;
}

export interface ThreadSandboxOptions {
  /** Longest time for loading code. @default 10_000 */
  readonly startTimeoutMs?: number;
  /** Largest code, in bytes. @default 8 MiB */
  readonly maxCodeBytes?: number;
}

/** What QuickJS and a thread need beside the memory of the code. */
const LEAST_MEMORY_BYTES = 1024 * 1024;
const MAX_MEMORY_BYTES = 2 ** 31;
/** A thread whose code stands still or was told to end gets this long before it is killed. */
const STOP_MS = 250;

/**
 * Runs strangers' code, each instance on a thread of its own: JavaScript in QuickJS in WebAssembly, WebAssembly with
 * metered loops. The code reaches no file, network, process or other code; the thread has no environment.
 */
export function createThreadSandbox(parts: ThreadSandboxParts, options: ThreadSandboxOptions = {}): Sandbox {
  const { startTimeoutMs = 10_000, maxCodeBytes = 8 * 1024 * 1024 } = options;
  return {
    async start(code) {
      if (code.bytes.length === 0 || code.bytes.length > maxCodeBytes)
        throw refused(`it has ${code.bytes.length} bytes; 1 to ${maxCodeBytes} are allowed`);
      if (code.memoryBytes < LEAST_MEMORY_BYTES || code.memoryBytes > MAX_MEMORY_BYTES) {
        throw refused(
          `it wants ${code.memoryBytes} bytes of memory; ${LEAST_MEMORY_BYTES} to ${MAX_MEMORY_BYTES} are given`,
        );
      }
      return startInstance(parts.timer, code, startTimeoutMs);
    },
  };
}

function refused(reason: string): EngineError {
  return new EngineError({ code: 'CODE_REFUSED', reason }, `The code was refused: ${reason}.`);
}

/** The thread gets no environment, no streams of this process, and little heap: guests' memory is not on it. */
function startThread(data: ThreadData): Worker {
  const file = import.meta.url.endsWith('.ts') ? './sandbox-thread.ts' : './sandbox-thread.js';
  return new Worker(new URL(file, import.meta.url), {
    workerData: data,
    env: {},
    stdin: false,
    stdout: true,
    stderr: true,
    resourceLimits: { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 16, stackSizeMb: 4 },
  });
}

async function startInstance(timer: Timer, code: SandboxCode, timeoutMs: number): Promise<SandboxInstance> {
  const control = new Int32Array(new SharedArrayBuffer(4 * CONTROL_PLACES));
  const worker = startThread({ ...code, bytes: code.bytes.slice(), control });
  worker.unref();
  const ready = Promise.withResolvers<ThreadReport>();
  let listener: (report: ThreadReport) => void = ready.resolve;
  let isAlive = true;
  worker.on('message', (report: ThreadReport) => listener(report));
  worker.on('error', (error) => died(error.message));
  worker.on('exit', () => died('the thread ended'));

  function died(reason: string): void {
    isAlive = false;
    const gone = {
      message: reason.slice(0, 1000),
      output: new Uint8Array(0),
      log: '',
      work: 1,
      isBroken: true,
    };
    listener({ type: 'done', fault: 'CRASHED', ...gone });
  }

  async function kill(): Promise<void> {
    isAlive = false;
    await worker.terminate();
  }

  const cancel = timer.schedule(timeoutMs, () =>
    ready.resolve({ type: 'refused', reason: `it did not load within ${timeoutMs} ms` }),
  );
  const first = await ready.promise;
  cancel();
  if (first.type !== 'ready') {
    await kill();
    throw refused(first.type === 'refused' ? first.reason : 'the thread ended while it was loaded');
  }

  async function run(call: SandboxCall): Promise<SandboxResult> {
    const done = Promise.withResolvers<SandboxResult>();
    let ending: SandboxFault | null = null;
    let seen = 0;
    let stopClock: () => void = () => {};
    const runClock = () => {
      stopClock();
      stopClock = timer.schedule(call.timeMs, () => end('TIMED_OUT'));
    };

    function finish(result: SandboxResult): void {
      stopClock();
      listener = () => undefined;
      done.resolve(result);
    }

    /** Tells the code to end; one that does not is killed with its thread. */
    function end(fault: SandboxFault): void {
      if (ending !== null) return;
      ending = fault;
      stopClock();
      Atomics.store(control, CONTROL_STOP, 1);
      answer();
      stopClock = timer.schedule(STOP_MS, async () => {
        await kill();
        finish({
          fault,
          message: messageOf(fault, call),
          output: new Uint8Array(0),
          log: '',
          work: Math.max(1, seen),
        });
      });
    }

    function answer(): void {
      Atomics.add(control, CONTROL_TURN, 1);
      Atomics.notify(control, CONTROL_TURN);
    }

    async function grant(work: number): Promise<void> {
      seen = work;
      stopClock();
      const granted = await call.grant(work);
      if (ending !== null) return;
      if (granted === null) {
        end('CANCELLED');
        return;
      }
      Atomics.store(control, CONTROL_GRANTED, Math.min(granted, 2 ** 31 - 1));
      runClock();
      answer();
    }

    listener = (report) => {
      if (report.type === 'wants') {
        grant(report.work).catch(() => end('CANCELLED'));
        return;
      }
      if (report.type !== 'done') return;
      if (report.isBroken) isAlive = false;
      const { fault, message, output, log, work } = report;
      if (ending !== null && fault !== null)
        finish({ fault: ending, message: messageOf(ending, call), output: new Uint8Array(0), log, work });
      else finish({ fault, message, output, log, work });
    };
    Atomics.store(control, CONTROL_STOP, 0);
    Atomics.store(control, CONTROL_GRANTED, Math.min(call.granted, 2 ** 31 - 1));
    const cancelled = () => end('CANCELLED');
    call.signal?.addEventListener('abort', cancelled, { once: true });
    runClock();
    const { input, maxWork, maxOutputBytes } = call;
    worker.ref();
    worker.postMessage({ input, maxWork, maxOutputBytes } satisfies RunOrder);
    if (call.signal?.aborted === true) cancelled();
    try {
      return await done.promise;
    } finally {
      worker.unref();
      call.signal?.removeEventListener('abort', cancelled);
      if (!isAlive) await kill();
    }
  }

  return {
    get isAlive() {
      return isAlive;
    },
    run: oneCallAtATime({ run, isAlive: () => isAlive, place: 'thread' }),
    [Symbol.asyncDispose]: kill,
  };
}

function messageOf(fault: SandboxFault, { timeMs }: SandboxCall): string {
  if (fault === 'TIMED_OUT') return `The call took more than its ${timeMs} ms.`;
  return 'The call was ended.';
}
