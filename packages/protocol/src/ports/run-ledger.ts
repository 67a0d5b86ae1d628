import type { AccountId, Amount, CancelSignal } from '@cairn/core';
import type {
  Checkpoint,
  CommitUpdate,
  CreateRun,
  JoinRun,
  PaidRound,
  PostCheckpoint,
  Round,
  Run,
  Seat,
  SettleRound,
  TrainingCase,
  TrainingVerdict,
  Update,
} from '@cairn/ledger';

export interface RunView extends Run {
  readonly id: Uint8Array;
}

/** One trainer of the open round, at its place. */
export interface RosterView {
  readonly place: number;
  readonly seat: number;
  readonly wallet: AccountId;
  readonly device: AccountId;
  readonly peer: string;
  /** What it committed; null while it has not. */
  readonly update: Update | null;
}

/** The open round with everybody in it, as of one block. */
export interface RoundView {
  readonly slot: bigint;
  readonly run: RunView;
  /** Null while the run cools down or is ended. */
  readonly round: Round | null;
  readonly roster: readonly RosterView[];
}

export interface SeatView extends Seat {
  readonly number: number;
}

export interface CaseView extends TrainingCase {
  readonly number: number;
}

/** A settled round with the updates of its places, for as long as they are kept. */
export interface PaidRoundView extends PaidRound {
  readonly round: number;
  readonly updates: readonly { readonly place: number; readonly update: Update }[];
}

/** What anybody reads of runs. All answers are of one node's latest block. */
export interface RunReader {
  /** Runs ascending by id above `after`, at most 100. */
  runs(after?: Uint8Array): Promise<readonly RunView[]>;
  run(id: Uint8Array): Promise<RunView | null>;
  /** Null when there is no such run. */
  round(run: Uint8Array): Promise<RoundView | null>;
  /** Null when it has no outcome, or one that is no longer kept. */
  paidRound(run: Uint8Array, round: number): Promise<PaidRoundView | null>;
  /** The seat that a device has now; null when it has none. */
  seat(run: Uint8Array, device: AccountId): Promise<SeatView | null>;
  /** Open cases, oldest first. */
  cases(run: Uint8Array): Promise<readonly CaseView[]>;
  checkpoint(run: Uint8Array, round: number): Promise<Checkpoint | null>;
  /** The newest posted checkpoint at or below the run's round; null when there is none. */
  latestCheckpoint(
    run: Uint8Array,
  ): Promise<{ readonly round: number; readonly checkpoint: Checkpoint } | null>;
  /** Yields the round as it is now and after each block, while one is open or something of the run changed, until the signal. */
  watch(run: Uint8Array, signal: CancelSignal): AsyncIterable<RoundView>;
}

/** What a machine of a trainer sends, signed by its device key. Each resolves when it is in a block. */
export interface TrainerLedger extends RunReader {
  readonly device: AccountId;
  /** @throws SdkError `TRANSACTION_REFUSED` with the ledger's code, as the others do */
  commitUpdate(update: CommitUpdate): Promise<void>;
  /** @param found bitmap of the places whose update it holds */
  witness(run: Uint8Array, round: number, found: Uint8Array): Promise<void>;
  appeal(run: Uint8Array, number: number): Promise<void>;
  leave(run: Uint8Array, device: AccountId): Promise<void>;
}

/** What a wallet does with runs. */
export interface WalletRunLedger extends RunReader {
  /** @returns the id of the run */
  create(run: CreateRun): Promise<Uint8Array>;
  fund(run: Uint8Array, amount: Amount): Promise<void>;
  end(run: Uint8Array): Promise<void>;
  /** @param feeFunds pebbles sent to the device with it, for its fees; none when the device is the wallet */
  join(seat: JoinRun, feeFunds: Amount): Promise<void>;
  leave(run: Uint8Array, device: AccountId): Promise<void>;
  challenge(step: ChallengedStep): Promise<void>;
}

export interface ChallengedStep {
  readonly run: Uint8Array;
  readonly round: number;
  readonly place: number;
  readonly step: number;
  /** SHA-256 of what is shown; 32 zeros for nothing. */
  readonly evidence: Uint8Array;
}

/** What a validator sends, signed by its hotkey. */
export interface JudgeLedger extends RunReader {
  readonly hotkey: AccountId;
  /** Commits to scores by place. Keep scores and salt until they are revealed. */
  commitScores(run: Uint8Array, round: number, scores: readonly number[], salt: Uint8Array): Promise<void>;
  revealScores(run: Uint8Array, round: number, scores: readonly number[], salt: Uint8Array): Promise<void>;
  settle(outcome: SettleRound): Promise<void>;
  challenge(step: ChallengedStep): Promise<void>;
  judge(run: Uint8Array, number: number, verdict: TrainingVerdict): Promise<void>;
}

/** What an owner or a maintainer sends. */
export interface PublisherLedger extends RunReader {
  postCheckpoint(checkpoint: PostCheckpoint): Promise<void>;
  signCheckpoint(run: Uint8Array, round: number, manifest: Uint8Array, gguf: Uint8Array): Promise<void>;
}

/** All of it, for one key. A message that is another's to send is refused by the ledger. */
export type RunLedger = TrainerLedger & WalletRunLedger & JudgeLedger & PublisherLedger;
