import type { CancelSignal } from '@cairn/core';
import type { MeasuredUpdate } from '@cairn/training';
import { startThread } from '../thread/thread.ts';
import type {
  MeasureUpdates,
  OpenedRun,
  OpenRun,
  PausedPlace,
  ReleaseCheckpoint,
  ReleasedCheckpoint,
  RoundUpdates,
  StepProgress,
  TrainedPlace,
  TrainPlace,
} from './run-thread-shapes.ts';

/** Everything that is computed for one run, on a thread of its own, one thing after another. Roots are hex. */
export interface RunThread extends AsyncDisposable {
  open(given: OpenRun): Promise<OpenedRun>;
  /** Whether the weights of a root are in its memory. */
  has(root: string): Promise<boolean>;
  /** Weights from a seed. @returns their root */
  start(seed: number): Promise<string>;
  /** Weights from the blob that lists their pages. @returns their root */
  load(list: string): Promise<string>;
  /** Which of the updates are whole, of this round and from its base. */
  check(given: RoundUpdates): Promise<readonly boolean[]>;
  /** @returns the root of the weights after the round */
  apply(given: RoundUpdates): Promise<string>;
  /** Null for updates that are not sound. */
  measure(given: MeasureUpdates): Promise<readonly (MeasuredUpdate | null)[]>;
  train(given: TrainPlace, options?: TrainOptions): Promise<TrainedPlace | PausedPlace>;
  /** Held-out loss, nats per token. */
  loss(root: string): Promise<number>;
  /** The list of the pages of a state, and one of the pages. */
  list(root: string): Promise<Uint8Array>;
  page(root: string, index: number): Promise<Uint8Array>;
  /** Writes the files of a release. */
  release(given: ReleaseCheckpoint): Promise<ReleasedCheckpoint>;
}

export interface TrainOptions {
  /** Pauses it between two steps. */
  readonly signal?: CancelSignal;
  readonly onStep?: (step: StepProgress) => void;
}

export function startRunThread(): RunThread {
  const file = import.meta.url.endsWith('.ts') ? './run-thread.ts' : './run-thread.js';
  const thread = startThread(new URL(file, import.meta.url));
  const rootOf = ({ root }: { readonly root: string }) => root;
  return {
    open: (given) => thread.call('open', given),
    has: (root) => thread.call('has', { root }),
    start: async (seed) => rootOf(await thread.call('start', { seed })),
    load: async (list) => rootOf(await thread.call('load', { list })),
    check: (given) => thread.call('check', given),
    apply: async (given) => rootOf(await thread.call('apply', given)),
    measure: (given) => thread.call('measure', given),
    train: (given, { signal, onStep } = {}) =>
      thread.call('train', given, {
        ...(signal === undefined ? {} : { signal }),
        onProgress: (value) => onStep?.(value as StepProgress),
      }),
    loss: (root) => thread.call('loss', { root }),
    list: (root) => thread.call('list', { root }),
    page: (root, index) => thread.call('page', { root, index }),
    release: (given) => thread.call('release', given),
    [Symbol.asyncDispose]: () => thread[Symbol.asyncDispose](),
  };
}
