import type { OpenedRun, RunCompute, StepProgress } from '@cairn/training';
import { forbidTelemetry } from '@cairn/training/node';
import { startThread } from '../thread/thread.ts';
import type { OpenRun, ReleaseCheckpoint, ReleasedCheckpoint } from './run-thread-shapes.ts';

/** The computations of one run on a thread of its own. */
export interface RunThread extends RunCompute, AsyncDisposable {
  open(given: OpenRun): Promise<OpenedRun>;
  /** Writes the files of a release. */
  release(given: ReleaseCheckpoint): Promise<ReleasedCheckpoint>;
}

const PASSED = ['PATH', 'LD_LIBRARY_PATH', 'SystemRoot'];

export function startRunThread(): RunThread {
  forbidTelemetry();
  const file = import.meta.url.endsWith('.ts') ? './run-thread.ts' : './run-thread.js';
  // Of the environment only what finds other programs: PyTorch is a process of its own.
  const env = Object.fromEntries(
    PASSED.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])),
  );
  const thread = startThread(new URL(file, import.meta.url), { env });
  return {
    open: (given) => thread.call('open', given),
    has: (root) => thread.call('has', { root }),
    start: (seed) => thread.call('start', { seed }),
    load: (list) => thread.call('load', { list }),
    check: (given) => thread.call('check', given),
    apply: (given) => thread.call('apply', given),
    measure: (given) => thread.call('measure', given),
    train: (given, { signal, onStep } = {}) =>
      thread.call('train', given, {
        ...(signal === undefined ? {} : { signal }),
        onProgress: (value) => onStep?.(value as StepProgress),
      }),
    compare: (given, { signal } = {}) =>
      thread.call('compare', given, signal === undefined ? {} : { signal }),
    rehearse: (base) => thread.call('rehearse', { base }),
    loss: (root) => thread.call('loss', { root }),
    list: (root) => thread.call('list', { root }),
    page: (root, index) => thread.call('page', { root, index }),
    release: (given) => thread.call('release', given),
    [Symbol.asyncDispose]: () => thread[Symbol.asyncDispose](),
  };
}
