/** Peers that have to agree; fewer when no more are there to be asked. */
export const ENOUGH_VOTES = 3;

export type Verdict = 'reached' | 'failed' | 'open';

/** What others say of one thing, each counted once; the newest word of each holds. */
export interface Votes<T extends string> {
  cast(what: string, voter: string, vote: T): void;
  /** How many say `vote` of it. */
  count(what: string, vote: T): number;
  keys(): readonly string[];
  /** Forgets what is not in `kept`. */
  keep(kept: ReadonlySet<string>): void;
}

/** Voters remembered for one thing; the oldest goes first. */
const MOST_VOTERS = 16;
const MOST_THINGS = 32;

export function createVotes<T extends string>(): Votes<T> {
  const all = new Map<string, Map<string, T>>();
  return {
    cast(what, voter, vote) {
      const votes = all.get(what) ?? new Map<string, T>();
      if (!all.has(what) && all.size >= MOST_THINGS) return;
      all.set(what, votes);
      votes.delete(voter);
      votes.set(voter, vote);
      const [oldest] = votes.keys();
      if (votes.size > MOST_VOTERS && oldest !== undefined) votes.delete(oldest);
    },
    count: (what, vote) => [...(all.get(what)?.values() ?? [])].filter((cast) => cast === vote).length,
    keys: () => [...all.keys()],
    keep(kept) {
      for (const what of [...all.keys()]) if (!kept.has(what)) all.delete(what);
    },
  };
}

/** @param voters how many could be asked */
export function judge(votes: Votes<'reached' | 'failed'>, what: string, voters: number): Verdict {
  const enough = Math.max(1, Math.min(ENOUGH_VOTES, voters));
  const reached = votes.count(what, 'reached');
  const failed = votes.count(what, 'failed');
  if (reached >= enough && reached > failed) return 'reached';
  return failed >= enough && failed > reached ? 'failed' : 'open';
}
