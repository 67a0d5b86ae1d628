/** A checked transaction that waits for a block. */
export interface Entry {
  readonly tx: Uint8Array;
  readonly id: string;
  /** Hex account id. */
  readonly sender: string;
  readonly nonce: bigint;
  readonly tip: bigint;
  /** Pebbles it may take from the sender. */
  readonly cost: bigint;
  /** Tip per million bytes: what orders the pool. */
  readonly rank: bigint;
  /** Order of arrival. */
  readonly arrival: number;
  /** Height when it came in. */
  readonly height: number;
}

/** Better tip per byte first, then who came first. */
export function isBetter(a: Entry, b: Entry): boolean {
  return a.rank !== b.rank ? a.rank > b.rank : a.arrival < b.arrival;
}
