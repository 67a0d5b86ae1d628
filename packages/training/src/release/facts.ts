import type { ModelShape } from '@cairn/protocol';

/** One set of data that a model was trained on. */
export interface ReleasedData {
  readonly name: string;
  /** SPDX expression. */
  readonly licence: string;
  readonly tokens: bigint;
  /** Merkle root over its shards, in hex. */
  readonly root: string;
}

/** Answers of one file of a release to questions that were not trained on. */
export interface ReleasedEvaluation {
  /** Of the registry: lower-case letters, digits, dots and dashes. */
  readonly task: string;
  /** The file that answered. */
  readonly file: string;
  readonly right: number;
  readonly trials: number;
  /** What was asked, and how. */
  readonly how: string;
}

/** What could be made again of it: every step to the bit, each update within bounds that the run stated, or nothing. */
export type ReleasedReplay = 'exact' | 'bounded' | 'none';

/** The run that made a model, as the ledger tells of it. */
export interface ReleasedRun {
  /** In hex. */
  readonly id: string;
  readonly chain: string;
  /** SHA-256 of its manifest, in hex. */
  readonly manifest: string;
  readonly round: number;
  readonly rounds: number;
  readonly replay: ReleasedReplay;
}

/** A checkpoint of another run that a run began with. */
export interface ReleasedOrigin {
  /** In hex. */
  readonly run: string;
  readonly round: number;
  /** What that run was trained on; null where its manifest was not to be had. */
  readonly data: readonly Omit<ReleasedData, 'root'>[] | null;
}

export interface ReleasedParent {
  /** Id in the registry, in hex. */
  readonly id: string;
  readonly name: string;
  /** SPDX expression. */
  readonly licence: string;
}

/** Everything a release says of itself. The ledger and the run's manifest are where it comes from. */
export interface ReleaseFacts {
  /** `owner/model`. */
  readonly name: string;
  readonly version: string;
  readonly description: string;
  /** SPDX expression. */
  readonly licence: string;
  readonly model: ModelShape;
  readonly prompt: 'plain' | 'chat';
  readonly tasks: readonly string[];
  readonly languages: readonly string[];
  /** Hundredths of a percent. */
  readonly royaltyBps: number;
  readonly data: readonly ReleasedData[];
  /** Null when it was trained on one machine. */
  readonly run: ReleasedRun | null;
  /** Accounts whose updates were accepted, and how many were. */
  readonly contributors: readonly { readonly account: string; readonly updates: number }[];
  /** Registered models whose weights it began from. */
  readonly parents: readonly ReleasedParent[];
  /** The checkpoint that its run began with; null: random weights. */
  readonly origin: ReleasedOrigin | null;
  /** Mean loss on the held-out set, in nats per token; null when it was not measured. */
  readonly heldOutLoss: number | null;
  readonly evaluations: readonly ReleasedEvaluation[];
  /** Root of the pages of the weights, in hex. */
  readonly weightRoot: string;
}
