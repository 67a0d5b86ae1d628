import type { AccountId, Logger, Shape } from '@cairn/core';
import type { BlobStore } from './blob-store.ts';
import type { ChatMessage, LoadedModel } from './inference-engine.ts';
import type { LedgerReader } from './ledger-reader.ts';

/** A score in fixed point, 1e9 = full marks. Validators must agree on it to the last digit. */
export type Fx = bigint;

/** Full marks. */
export const FX_ONE: Fx = 1_000_000_000n;

/** When tasks are given. Lengths are in blocks. */
export type MechanismCadence =
  | { readonly kind: 'epoch' }
  /** `sampleRate` is in 1/1,000 of all requests. */
  | { readonly kind: 'continuous'; readonly sampleRate: number }
  | {
      readonly kind: 'round';
      readonly commitBlocks: number;
      readonly revealBlocks: number;
      readonly judgeBlocks: number;
    }
  | { readonly kind: 'delayed'; readonly horizonBlocks: number; readonly sources: readonly string[] };

/** Data a mechanism reads. Its hash is committed before it is used. */
export interface DataRef {
  readonly name: string;
  readonly source: 'ledger' | 'csv' | 'blob' | 'feed';
}

/** What a mechanism is, without running it. `id` and `version` select the code that re-derives a score. */
export interface MechanismManifest {
  readonly id: string;
  readonly version: number;
  /** Earlier versions whose state carries over, or starts again. */
  readonly migrate?: readonly { readonly from: number; readonly resetState: boolean }[];
  readonly cadence: MechanismCadence;
  readonly verification:
    | 'exact-replay'
    | 'ground-truth'
    | 'hidden-tests'
    | 'optimum-bound'
    | 'metered'
    | 'duel';
  readonly response: 'inline' | 'artefact' | 'program' | 'service';
  readonly limits: { readonly bytes: number; readonly cpuMs: number; readonly memMb: number };
  readonly data: readonly DataRef[];
}

/** The committed data of one epoch, already fetched and checked, so that `challenge` stays pure. */
export interface DataReader {
  /** @throws when the manifest does not name it. */
  read(name: string): Uint8Array;
}

/** What a mechanism is handed by the role that runs it. It never opens a socket, a file or a clock itself. */
export interface MechanismContext<P> {
  readonly params: P;
  readonly data: DataReader;
  readonly log: Logger;
  /** A model of the validator's own, when its template needs one. */
  readonly engine?: LoadedModel;
  readonly blobs?: BlobStore;
  readonly ledger?: LedgerReader;
}

export interface ChallengeInput<P> {
  /** 32 bytes: the epoch's seed, the validator's secret salt and the task's index, hashed. */
  readonly seed: Uint8Array;
  readonly epoch: bigint;
  /** Set when each miner gets its own task. Absent: everyone gets the same. */
  readonly miner?: AccountId;
  readonly params: P;
  readonly data: DataReader;
}

export interface Challenge<T, G> {
  readonly task: T;
  /** The known answer, when there is one. It never leaves the validator before the reveal. */
  readonly secret?: G;
}

export type Admission = { readonly ok: true } | { readonly ok: false; readonly code: string };

export interface AuditedRow<R, E> {
  readonly id: AccountId;
  /** Order of commits on the ledger. Never latency: it must not break ties. */
  readonly order: number;
  readonly response: R;
  readonly evidence: E;
}

export interface TaskScore {
  readonly id: AccountId;
  /** From 0 to `FX_ONE`. */
  readonly score: Fx;
  /** A stable word, such as `right` or `wrong`. */
  readonly reason: string;
}

/**
 * How a subnet measures work. P parameters, T task, R response, G known answer, E evidence from the audit.
 * Same input, same output on every machine: whoever has seed, salt and responses re-derives the scores.
 */
export interface Mechanism<P, T, R, G, E> {
  readonly manifest: MechanismManifest;
  readonly params: Shape<P>;
  /** @throws when a parameter is out of its bounds. Pure. */
  checkParams(params: P): void;
  /** Draws one task. Pure. */
  challenge(input: ChallengeInput<P>): Challenge<T, G>;
  /** Cheap structural check with stable codes. Pure. What is refused scores zero. */
  admit(task: T, response: R): Admission;
  /** The truth of delayed and ground-truth kinds. */
  truth?(context: MechanismContext<P>, task: T): Promise<G | 'not-yet'>;
  /**
   * The costly look at one admitted response.
   *
   * @param sample 32 bytes known only after the response: picks what is looked at.
   */
  audit(
    context: MechanismContext<P>,
    task: T,
    response: R,
    answer: G | undefined,
    sample: Uint8Array,
  ): Promise<E>;
  /** One score per row. Pure, and the order of `rows` does not matter. */
  score(context: MechanismContext<P>, task: T, rows: readonly AuditedRow<R, E>[]): readonly TaskScore[];
  /**
   * The reference miner, for tests: earns full marks. Where the task alone does not hold the way to the answer
   * (ground truth drawn from the seed), it answers from `answer`.
   */
  solve?(task: T, answer: G | undefined): Promise<R>;
}

/** What a validator asks of a service. Always greedy, so that an honest miner answers the same each time. */
export interface ServiceRequest {
  readonly messages: readonly ChatMessage[];
  readonly maxTokens: number;
}

/** A mechanism whose miners are asked through the paid path, like any user, and answer in text. */
export interface ServiceMechanism<P, T, G, E> extends Mechanism<P, T, string, G, E> {
  ask(task: T): ServiceRequest;
}
