import type { PeerName } from '@cairn/protocol';

/** What the computations of a run take and give. All of it can be copied between threads. */

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
  /** Updates of the round before, in hex: whoever sends one of them again is taken for a copy. */
  readonly before: readonly string[];
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

/** A blob that is wanted. */
export interface WantedBlob {
  readonly id: string;
  /** Most bytes it may have; nothing more is taken from a donor. @default 64 MiB */
  readonly maxBytes?: number;
  /** Who made it, and is asked first. */
  readonly holder?: PeerName;
}
