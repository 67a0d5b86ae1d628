import type { Entry } from './entry.ts';

/** The waiting transactions of one sender in nonce order, perhaps with gaps. */
export interface SenderQueue {
  /** The sender's next nonce in the committed state. */
  next: bigint;
  readonly entries: readonly Entry[];
  readonly tail: Entry | undefined;
  /** Pebbles all entries together may take. */
  readonly cost: bigint;
  at(nonce: bigint): Entry | undefined;
  /** Puts an entry in its place, over one of the same nonce. */
  put(entry: Entry): void;
  remove(entry: Entry): void;
  /** How many entries from the front have no gap before them: these can enter a block. */
  ready(): number;
}

export function createSenderQueue(next: bigint): SenderQueue {
  const entries: Entry[] = [];
  let cost = 0n;

  /** First place whose nonce is not below. The queue is short, so a walk from the end is enough. */
  function placeOf(nonce: bigint): number {
    let place = entries.length;
    while (place > 0 && entries[place - 1]!.nonce >= nonce) place -= 1;
    return place;
  }

  return {
    next,
    entries,
    get tail() {
      return entries.at(-1);
    },
    get cost() {
      return cost;
    },
    at(nonce) {
      const found = entries[placeOf(nonce)];
      return found?.nonce === nonce ? found : undefined;
    },
    put(entry) {
      const place = placeOf(entry.nonce);
      const old = entries[place]?.nonce === entry.nonce ? entries[place] : undefined;
      entries.splice(place, old === undefined ? 0 : 1, entry);
      cost += entry.cost - (old?.cost ?? 0n);
    },
    remove(entry) {
      const place = entries.indexOf(entry);
      if (place < 0) return;
      entries.splice(place, 1);
      cost -= entry.cost;
    },
    ready() {
      let count = 0;
      while (count < entries.length && entries[count]!.nonce === this.next + BigInt(count)) count += 1;
      return count;
    },
  };
}
