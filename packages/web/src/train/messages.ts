/** What the page and its worker say to each other. Amounts are pebbles in decimal, for `postMessage` and JSON alike. */

/** What a browser can compute with. */
export type EngineName = 'wasm' | 'webgpu';

/** An engine as a person chooses it for a run. */
export interface EngineOffer {
  readonly name: EngineName;
  /** What it is here, in plain words. */
  readonly what: string;
  /** Why it is not for this run, or not here; null when it can be used. */
  readonly refusal: string | null;
}

/** The engine that computes, and why the other does not. */
export interface EngineUse {
  readonly name: EngineName;
  readonly what: string;
  readonly other: EngineName;
  readonly whyNotOther: string;
}

/** What a run needs more than there is. */
export interface MemoryShortage {
  readonly needsBytes: number;
  readonly hasBytes: number;
  /** Both, and what to do. */
  readonly text: string;
}

/** A run that is open, as a person chooses it. */
export interface RunOffer {
  /** Hex id. */
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly parameters: number;
  /** Tokens of one batch; 0: not known. */
  readonly tokensPerStep: number;
  readonly licences: readonly string[];
  readonly trainers: number;
  readonly round: number;
  /** Rounds in all; 0: no end. */
  readonly rounds: number;
  readonly rewardPerRound: string;
  readonly bond: string;
  /** Why a browser cannot take part; null when it can. */
  readonly refusal: string | null;
  /** The better one first. */
  readonly engines: readonly EngineOffer[];
  /** Null: there is enough, as far as the browser says. */
  readonly shortage: MemoryShortage | null;
}

export type Phase =
  | 'joining'
  | 'fetching'
  | 'rehearsing'
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

/** What was seen at one time, for the charts. Amounts in CAIRN, to the nearest double. */
export interface Sample {
  /** Seconds since the page was opened. */
  readonly seconds: number;
  readonly trainers: number;
  readonly sentBytes: number;
  readonly receivedBytes: number;
  readonly earned: number;
  readonly vesting: number;
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
  /** Oldest first. */
  readonly samples: readonly Sample[];
  /** Null before it is chosen. */
  readonly engine: EngineUse | null;
  readonly rounds: readonly RoundLine[];
  /** What a person should know or do; empty: nothing. */
  readonly note: string;
}

export type ToWorker =
  | { readonly type: 'list' }
  | {
      readonly type: 'join';
      readonly run: string;
      /** Null: the better one. */
      readonly engine: EngineName | null;
      /** Whether to try although there is too little memory. */
      readonly isShortageAccepted: boolean;
    }
  | { readonly type: 'hidden'; readonly isHidden: boolean }
  /** Where what this browser has is sent; null: only how much it is. */
  | { readonly type: 'money'; readonly to: string | null }
  | { readonly type: 'stop' };

export type FromWorker =
  | { readonly type: 'runs'; readonly runs: readonly RunOffer[]; readonly joined: string | null }
  | { readonly type: 'work'; readonly work: WorkState }
  | {
      readonly type: 'money';
      readonly address: string;
      readonly spendable: string;
      /** What became of sending it; empty: nothing was to be sent. */
      readonly note: string;
    }
  | { readonly type: 'failed'; readonly reason: string };
