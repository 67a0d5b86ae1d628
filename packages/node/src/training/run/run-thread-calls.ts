import type { OpenedRun, RunCompute, StepProgress } from '@cairn/training';
import { forbidTelemetry } from '@cairn/training/node';
import { NodeError, type NodeProblem } from '../../errors.ts';
import { startThread, type Thread } from '../thread/thread.ts';
import type { OpenRun, ReleaseCheckpoint, ReleasedCheckpoint } from './run-thread-shapes.ts';

/** The computations of one run on a thread of its own. */
export interface RunThread extends RunCompute, AsyncDisposable {
  open(given: OpenRun): Promise<OpenedRun>;
  /** Writes the files of a release. */
  release(given: ReleaseCheckpoint): Promise<ReleasedCheckpoint>;
}

export interface RunThreadParts {
  /** Told of a blob that is damaged on disk, by its id, before the call that read it fails. */
  readonly onDamaged?: (id: string) => Promise<void>;
}

const PASSED = ['PATH', 'LD_LIBRARY_PATH', 'SystemRoot'];

export function startRunThread({ onDamaged }: RunThreadParts = {}): RunThread {
  forbidTelemetry();
  const file = import.meta.url.endsWith('.ts') ? './run-thread.ts' : './run-thread.js';
  // Of the environment only what finds other programs: PyTorch is a process of its own.
  const env = Object.fromEntries(
    PASSED.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])),
  );
  const thread = startThread(new URL(file, import.meta.url), { env });
  const call: Thread['call'] = async (name, given, options) => {
    try {
      return await thread.call(name, given, options);
    } catch (error) {
      const damaged = damagedBlobOf(error);
      if (damaged !== null) await onDamaged?.(damaged);
      throw error;
    }
  };
  return {
    open: (given) => call('open', given),
    has: (root) => call('has', { root }),
    start: (seed) => call('start', { seed }),
    load: (list) => call('load', { list }),
    check: (given) => call('check', given),
    apply: (given) => call('apply', given),
    measure: (given) => call('measure', given),
    train: (given, { signal, onStep } = {}) =>
      call('train', given, {
        ...(signal === undefined ? {} : { signal }),
        onProgress: (value) => onStep?.(value as StepProgress),
      }),
    compare: (given, { signal } = {}) => call('compare', given, signal === undefined ? {} : { signal }),
    rehearse: (base) => call('rehearse', { base }),
    loss: (root) => call('loss', { root }),
    list: (root) => call('list', { root }),
    page: (root, index) => call('page', { root, index }),
    release: (given) => call('release', given),
    [Symbol.asyncDispose]: () => thread[Symbol.asyncDispose](),
  };
}

function damagedBlobOf(error: unknown): string | null {
  if (!(error instanceof NodeError) || error.code !== 'THREAD_FAILED') return null;
  const problem = error.cause as NodeProblem | null;
  return problem?.code === 'BLOB_CORRUPT' ? problem.id : null;
}
