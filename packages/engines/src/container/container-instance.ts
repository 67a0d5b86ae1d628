import type { SandboxCall, SandboxFault, SandboxInstance, SandboxResult, Timer } from '@cairn/protocol';
import { cutMessage } from '../sandbox/log-keeper.ts';
import { oneCallAtATime } from '../sandbox/one-call.ts';
import type { RunningContainer } from './start-container.ts';

export interface InstanceParts {
  readonly timer: Timer;
  readonly nowMs: () => number;
}

/** Time between two looks at what a running call has used. */
const LOOK_MS = 20;
/** How long a call may run on while its next work is being paid for, before it stands still. */
const UNPAID_MS = 100;
const EMPTY = new Uint8Array(0);

interface End {
  readonly fault: SandboxFault | null;
  readonly message?: string;
  readonly output?: Uint8Array;
}

const HOG: End = { fault: 'MEMORY_EXCEEDED', message: 'The container used more memory than it has.' };
const LOST: End = { fault: 'CRASHED', message: 'The provider lost the container.' };
const LEFT: End = { fault: 'CANCELLED', message: 'The provider ended the container: its lease is over.' };

/**
 * A container that serves calls, one at a time. It stands still between them. A unit of work is a millisecond of CPU
 * time of all its processes; with GPUs, whose time no kernel counts, a millisecond of the call if that is more.
 *
 * @param countsTime whether the time of a call is work.
 */
export function createContainerInstance(
  { timer, nowMs }: InstanceParts,
  container: RunningContainer,
  countsTime: boolean,
): SandboxInstance {
  let isAlive = true;
  let isLeaving = false;
  let current: ((end: End) => void) | null = null;

  async function explain(code: number): Promise<End> {
    if (isLeaving) return LEFT;
    if (await container.group.hasRunOutOfMemory()) return HOG;
    return { fault: 'CRASHED', message: `The container ended with exit code ${code}.` };
  }

  void container.ended.then(async (code) => {
    isAlive = false;
    const ended = current;
    if (ended !== null) ended(await explain(code).catch(() => LOST));
  });
  void container.flooded.then(() => {
    isAlive = false;
    current?.({ fault: 'OUTPUT_TOO_LARGE', message: 'The container printed more than it may.' });
  });

  async function run(call: SandboxCall): Promise<SandboxResult> {
    const over = Promise.withResolvers<End>();
    let isOver = false;
    let isWaiting = false;
    let isFrozen = false;
    let granted = call.granted;
    let ranMs = 0;
    let work = 0;
    let stopLook: () => void = () => undefined;
    const fromMicros = await container.group.cpuMicros();
    current = (end) => {
      isOver = true;
      over.resolve(end);
    };
    const end = current;

    async function measure(): Promise<void> {
      const micros = (await container.group.cpuMicros()) - fromMicros;
      work = Math.max(Math.ceil(micros / 1000), countsTime ? Math.ceil(ranMs) : 0);
    }

    async function setFrozen(wanted: boolean): Promise<void> {
      if (isFrozen === wanted || isOver) return;
      isFrozen = wanted;
      await container.freeze(wanted);
    }

    async function askForMore(): Promise<void> {
      isWaiting = true;
      const stop = timer.schedule(UNPAID_MS, () => {
        void setFrozen(true).catch(() => end(LOST));
      });
      try {
        const more = await call.grant(work);
        if (more === null) end({ fault: 'CANCELLED' });
        else granted = more;
      } finally {
        stop();
        isWaiting = false;
      }
      await setFrozen(false);
    }

    let lastMs = 0;
    async function look(): Promise<void> {
      const now = nowMs();
      if (!isFrozen) ranMs += now - lastMs;
      lastMs = now;
      await measure();
      const isHog = await container.group.hasRunOutOfMemory();
      if (isOver) return;
      if (isHog) end(HOG);
      else if (ranMs > call.timeMs)
        end({ fault: 'TIMED_OUT', message: `The call took more than its ${call.timeMs} ms.` });
      else if (work >= call.maxWork)
        end({ fault: 'WORK_EXCEEDED', message: `The call used up its ${call.maxWork} units of work.` });
      else {
        if (work >= granted && !isWaiting) askForMore().catch(() => end({ fault: 'CANCELLED' }));
        stopLook = timer.schedule(LOOK_MS, () => void look().catch(() => end(LOST)));
      }
    }

    async function serve(): Promise<void> {
      const answer = await container.desk.hand(call.input, call.maxOutputBytes);
      if (answer.type === 'answer') end({ fault: null, output: answer.output });
      else if (answer.type === 'fault') end({ fault: 'THREW', message: answer.message });
      else
        end({
          fault: 'OUTPUT_TOO_LARGE',
          message: `The answer has more than ${call.maxOutputBytes} bytes.`,
        });
    }

    const cancel = () => end({ fault: 'CANCELLED' });
    call.signal?.addEventListener('abort', cancel, { once: true });
    if (call.signal?.aborted === true) cancel();
    const serving = serve();
    serving.catch(() => end(LOST));
    await container.freeze(false);
    lastMs = nowMs();
    await look();
    const { fault, message = 'The call was ended.', output = EMPTY } = await over.promise;
    current = null;
    stopLook();
    call.signal?.removeEventListener('abort', cancel);
    // Only a container that said it is done with a call can have another.
    if (fault !== null && fault !== 'THREW') isAlive = false;
    await container.freeze(true);
    ranMs += isFrozen ? 0 : nowMs() - lastMs;
    await measure();
    return {
      fault,
      message: fault === null ? '' : cutMessage(message),
      output,
      log: container.output.take(),
      work: Math.max(1, work),
    };
  }

  return {
    get isAlive() {
      return isAlive;
    },
    run: oneCallAtATime({ run, isAlive: () => isAlive, place: 'container' }),
    async [Symbol.asyncDispose]() {
      // A container that broke a limit is told nothing: it would get more time.
      const hasNotice = isAlive;
      isAlive = false;
      isLeaving = true;
      await container.remove(hasNotice);
      current?.(LEFT);
    },
  };
}
