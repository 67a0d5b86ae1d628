import type { CancelSignal } from '@cairn/core';
import type { MeasuredUpdate } from '../machine/machine.ts';
import type {
  ComparedPlace,
  ComparePlace,
  MeasureUpdates,
  PausedPlace,
  RoundUpdates,
  StepProgress,
  TrainedPlace,
  TrainPlace,
} from './run-shapes.ts';

/** Everything that is computed for one run, one thing after another. Roots are hex. */
export interface RunCompute {
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
  /** Of a tolerant run with bounds: makes a committed update again and compares. Null: it was called off. */
  compare(given: ComparePlace, options?: Pick<TrainOptions, 'signal'>): Promise<ComparedPlace | null>;
  /** Whether this engine keeps to half of the bounds of the run, tried against one of another class. */
  rehearse(base: string): Promise<ComparedPlace>;
  /** Held-out loss, nats per token. */
  loss(root: string): Promise<number>;
  /** The list of the pages of a state, and one of the pages. */
  list(root: string): Promise<Uint8Array>;
  page(root: string, index: number): Promise<Uint8Array>;
}

export interface TrainOptions {
  /** Pauses it between two steps. */
  readonly signal?: CancelSignal;
  readonly onStep?: (step: StepProgress) => void;
}
