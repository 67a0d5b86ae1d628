import type { ReleaseFacts, ReleaseType } from '@cairn/training';

/** What the functions of the thread of a run take and give. All of it can be copied between threads. */

export interface OpenRun {
  /** Folder of the library's blobs, each checked against its hash when it is read. */
  readonly folder: string;
  /** SHA-256 of the manifest, in hex. */
  readonly manifest: string;
  /** Weights of so many roots are kept in memory. */
  readonly states: number;
}

export interface OpenedRun {
  readonly engineClass: string;
  readonly parameters: number;
}

/** An update that the ledger names. */
export interface NamedUpdate {
  /** SHA-256 in hex. */
  readonly id: string;
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
}

export interface TrainPlace {
  readonly base: string;
  readonly run: Uint8Array;
  readonly round: number;
  readonly firstBatch: number;
  readonly halvings: number;
  readonly steps?: number;
  /** Time for the steps, in milliseconds from when the thread begins: those that are done then are the update. */
  readonly withinMs?: number;
  /** Blob that lists the pages of what the update before left unsent; null: nothing. */
  readonly residual: string | null;
  /** A paused round, as bytes. */
  readonly resume?: Uint8Array;
}

export interface TrainedPlace {
  readonly update: Uint8Array;
  /** The list of the pages of what it left unsent, and the pages; null: it keeps nothing. */
  readonly residual: { readonly list: Uint8Array; readonly pages: readonly Uint8Array[] } | null;
  readonly traceRoot: Uint8Array;
  readonly steps: number;
  /** In nats per token, one for each step. */
  readonly losses: readonly number[];
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

export interface ReleaseCheckpoint {
  readonly root: string;
  /** Where its files are written. */
  readonly folder: string;
  readonly facts: ReleaseFacts;
  readonly types: readonly ReleaseType[];
}

export interface ReleasedCheckpoint {
  /** JSON of the registry, without the owner. */
  readonly card: unknown;
  /** The file that is served: the first of the types. SHA-256 in hex. */
  readonly gguf: { readonly path: string; readonly sha256: string };
}
