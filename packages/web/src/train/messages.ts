/** What the page and its worker say to each other. Amounts are pebbles in decimal, for `postMessage` and JSON alike. */

/** A run that is open, as a person chooses it. */
export interface RunOffer {
  /** Hex id. */
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly parameters: number;
  readonly licences: readonly string[];
  readonly trainers: number;
  readonly round: number;
  /** Rounds in all; 0: no end. */
  readonly rounds: number;
  readonly rewardPerRound: string;
  readonly bond: string;
  /** Why a browser cannot take part; null when it can. */
  readonly refusal: string | null;
}

export type Phase =
  | 'joining'
  | 'fetching'
  | 'training'
  | 'sending'
  | 'waiting'
  | 'paused'
  | 'stopped'
  | 'failed';

/** One round this browser took part in. */
export interface RoundLine {
  readonly round: number;
  readonly steps: number;
  readonly loss: number;
  readonly sentBytes: number;
  /** Pebbles; null while the round has no outcome. */
  readonly pay: string | null;
  readonly state: 'training' | 'sent' | 'paid' | 'vested' | 'missed' | 'refused';
}

/** What there is to see of the work. */
export interface WorkState {
  readonly phase: Phase;
  readonly run: string;
  readonly round: number;
  readonly step: number;
  readonly steps: number;
  readonly tokensPerSecond: number;
  readonly trainers: number;
  readonly sentBytes: number;
  readonly receivedBytes: number;
  /** Vested, and not yet vested. */
  readonly earned: string;
  readonly vesting: string;
  /** Losses of all steps since the page was opened, oldest first. */
  readonly losses: readonly number[];
  readonly speeds: readonly number[];
  readonly rounds: readonly RoundLine[];
  /** What a person should know or do; empty: nothing. */
  readonly note: string;
}

export type ToWorker =
  | { readonly type: 'list' }
  | { readonly type: 'join'; readonly run: string }
  | { readonly type: 'hidden'; readonly isHidden: boolean }
  | { readonly type: 'stop' };

export type FromWorker =
  | { readonly type: 'runs'; readonly runs: readonly RunOffer[]; readonly joined: string | null }
  | { readonly type: 'work'; readonly work: WorkState }
  | { readonly type: 'failed'; readonly reason: string };
