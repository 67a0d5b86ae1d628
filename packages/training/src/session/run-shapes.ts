import type { PeerName } from '@cairn/protocol';
import type { UpdateComparison } from '../replay/compare-update.ts';
import type { RoundStart } from './round-places.ts';

/** What the computations of a run take and give. All of it can be copied between threads. */

export interface OpenedRun {
  readonly engineClass: string;
  readonly parameters: number;
}

/** An update that the ledger names. */
export interface NamedUpdate {
  /** SHA-256 in hex. */
  readonly id: string;
  /** Whose it is. */
  readonly seat: number;
  readonly steps: number;
}

/** Updates of a round that began with weights of this root. Roots are hex. */
export interface RoundUpdates {
  readonly base: string;
  readonly run: Uint8Array;
  readonly round: number;
  readonly updates: readonly NamedUpdate[];
}

export interface MeasureUpdates extends RoundUpdates {
  /** First batch of each update. */
  readonly firstBatches: readonly number[];
  readonly scoreSeed: Uint8Array;
  /** Updates of the round before, in hex: whoever sends one of them again is taken for a copy. */
  readonly before: readonly string[];
}

export interface TrainPlace {
  readonly base: string;
  readonly run: Uint8Array;
  readonly round: number;
  readonly seat: number;
  readonly firstBatch: number;
  readonly halvings: number;
  readonly steps?: number;
  /** Time for the steps, in milliseconds from when the thread begins: those that are done then are the update. */
  readonly withinMs?: number;
  /** Blob that lists the pages of what the update before left unsent; null: nothing. */
  readonly residual: string | null;
  /** What its steps before left of moments, in a run that keeps them. @default zeros */
  readonly moments?: KeptMoments;
  /** A paused round, as bytes. */
  readonly resume?: Uint8Array;
  /** What the steps begin with instead of the base; null: the base. */
  readonly start?: RoundStart | null;
  /**
   * The round is not open yet: steps are made and kept in memory, at most all, and no update. The same place, asked for
   * without this, goes on there.
   */
  readonly isAhead?: boolean;
}

/** Moments in the library. */
export interface KeptMoments {
  /** Blob that lists their pages. */
  readonly list: string;
  /** Steps since they were zero. */
  readonly taken: number;
}

/** Tensors as blobs: the list of their pages, and the pages. */
export interface PagedTensors {
  readonly list: Uint8Array;
  readonly pages: readonly Uint8Array[];
}

export interface TrainedPlace {
  readonly update: Uint8Array;
  /** What it left unsent; null: it keeps nothing. */
  readonly residual: PagedTensors | null;
  /** What the next round goes on with; null: it begins without. */
  readonly moments: (PagedTensors & Pick<KeptMoments, 'taken'>) | null;
  readonly traceRoot: Uint8Array;
  readonly steps: number;
  /** In nats per token, one for each step. */
  readonly losses: readonly number[];
}

/** A committed update that is made again. */
export interface ComparePlace extends TrainPlace {
  readonly steps: number;
  /** Its blobs, in the library: the update, and the list of what it left unsent (null: it said that there is nothing). */
  readonly claimed: { readonly update: string; readonly residual: string | null };
}

/** What a tolerant replay says of an update. */
export interface ComparedPlace {
  readonly comparison: UpdateComparison;
  /** Whether the comparison is within the bounds of the run. */
  readonly isWithin: boolean;
  /** Classes of the engines that made it again: a second one where the first was outside. */
  readonly engines: readonly string[];
}

/** A round that was stopped between two steps. */
export interface PausedPlace {
  readonly paused: Uint8Array;
}

/** Told after each inner step. */
export interface StepProgress {
  readonly done: number;
  readonly steps: number;
  readonly loss: number;
  readonly ms: number;
}

/** A blob that is wanted. */
export interface WantedBlob {
  readonly id: string;
  /** Most bytes it may have; nothing more is taken from a donor. @default 64 MiB */
  readonly maxBytes?: number;
  /** Who made it, and is asked first. */
  readonly holder?: PeerName;
  /** What tells that bytes are it where `id` is a name and no hash. @default their SHA-256 is its id */
  readonly isIt?: (bytes: Uint8Array) => boolean;
}
