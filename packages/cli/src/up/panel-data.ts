/** What a running local network shows of itself. Amounts are pebbles, shares are of one. */
export interface PanelData {
  readonly url: string;
  readonly height: number;
  readonly slot: number;
  /** Slots until the next pay. */
  readonly epochInSlots: number;
  /** Number of the current epoch. */
  readonly epoch: number;
  /** All that was ever issued. */
  readonly supply: bigint;
  readonly miners: readonly PanelMiner[];
  readonly validators: readonly PanelValidator[];
  /** Answers to users, the newest first. What they said is not kept. */
  readonly answers: readonly PanelAnswer[];
}

export interface PanelMiner {
  readonly name: string;
  /** What it runs. */
  readonly note: string;
  /** Null outside subnets. */
  readonly uid: number | null;
  readonly incentive: number;
  /** Emission and fees so far. */
  readonly earned: bigint;
  /** Answers it was paid for. */
  readonly answers: number;
}

export interface PanelValidator {
  readonly name: string;
  readonly uid: number;
  readonly stake: bigint;
  readonly dividends: number;
  readonly earned: bigint;
}

export interface PanelAnswer {
  readonly atMs: number;
  readonly model: string;
  readonly provider: string;
  readonly cost: bigint;
  readonly tokens: number;
  /** Id of the receipt. */
  readonly receipt: string;
}
