/** Orders transactions into blocks and drives an `Application` through them. */
export interface ConsensusEngine {
  readonly name: 'solo' | 'cometbft';
  /** Brings application and block log to the same height, then begins to make blocks. */
  start(): Promise<void>;
  /** Finishes the block in hand and makes no more. */
  stop(): Promise<void>;
  /** Why the engine stopped by itself; null while all is well. */
  readonly failure: Error | null;
}

/** Later, once. Injected so that tests move time by hand. */
export interface Timer {
  /** Runs `action` after `delayMs`. Returns what cancels it. */
  schedule(delayMs: number, action: () => Promise<void> | void): () => void;
}
