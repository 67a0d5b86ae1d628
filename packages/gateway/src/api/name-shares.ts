import { GatewayError } from '../errors.ts';

/** A used name, as far as its share is concerned. */
export interface SharedName {
  /** Caller, a space, and the key. */
  readonly name: string;
  readonly atMs: number;
}

/** Names and answers of callers with a key, or of those without one: neither takes the room of the other. */
export interface NamePool<N extends SharedName> {
  /** Bytes of its answers. */
  bytes: number;
  readonly mostBytes: number;
  /** Those with an answer, the oldest first. */
  readonly answered: Set<N>;
}

/** How many names each caller uses. */
export interface NameShares<N extends SharedName> {
  readonly pools: readonly NamePool<N>[];
  poolOf(caller: string): NamePool<N>;
  add(entry: N): void;
  remove(entry: N): void;
  /**
   * @param leftMs until the day of a name is over
   * @throws GatewayError `too_many_requests`
   */
  requireRoom(caller: string, leftMs: (entry: N) => number): void;
}

/** Of all names and bytes: what one caller may use, and what those without a key may use together. */
const SHARE = 10;
/** Callers without a key are known by what they pay. */
const STRANGERS = 'x402:';

interface Pool<N extends SharedName> extends NamePool<N> {
  readonly most: number;
  readonly mostEach: number;
  /** The oldest first. */
  readonly entries: Set<N>;
}

export const callerOf = ({ name }: SharedName): string => name.slice(0, name.indexOf(' '));

export function createNameShares<N extends SharedName>(mostNames: number, mostBytes: number): NameShares<N> {
  const pool = (most: number, mostEach: number, bytes: number): Pool<N> => ({
    ...{ most, mostEach, bytes: 0, mostBytes: bytes },
    entries: new Set(),
    answered: new Set(),
  });
  const share = Math.floor(mostNames / SHARE);
  const shareBytes = Math.floor(mostBytes / SHARE);
  const strangers = pool(share, Math.floor(share / SHARE), shareBytes);
  const keyed = pool(mostNames - share, share, mostBytes - shareBytes);
  const own = new Map<string, Set<N>>();
  const poolOf = (caller: string) => (caller.startsWith(STRANGERS) ? strangers : keyed);

  function refuse(who: string, limit: number, resetMs: number, isStranger: boolean): never {
    throw new GatewayError(
      { code: 'too_many_requests', limit, resetMs, position: null },
      isStranger
        ? `${who} paid for ${limit} answers within a day, which is as many as this gateway remembers of them. Use a key of this gateway, or try again in ${resetMs} ms.`
        : `${who} used ${limit} Idempotency-Keys within a day, which is as many as this gateway remembers of them. Leave the key out, or try again in ${resetMs} ms.`,
    );
  }

  return {
    pools: [keyed, strangers],
    poolOf,
    add(entry) {
      const caller = callerOf(entry);
      poolOf(caller).entries.add(entry);
      const mine = own.get(caller) ?? new Set();
      own.set(caller, mine.add(entry));
    },
    remove(entry) {
      const caller = callerOf(entry);
      poolOf(caller).entries.delete(entry);
      const mine = own.get(caller);
      mine?.delete(entry);
      if (mine?.size === 0) own.delete(caller);
    },
    requireRoom(caller, leftMs) {
      const all = poolOf(caller);
      const isStranger = all === strangers;
      const resetOf = (entries: ReadonlySet<N> | undefined) => {
        const oldest = entries?.values().next().value;
        return oldest === undefined ? 1_000 : Math.max(leftMs(oldest), 1_000);
      };
      const mine = own.get(caller);
      if ((mine?.size ?? 0) >= all.mostEach) refuse('You', all.mostEach, resetOf(mine), isStranger);
      if (all.entries.size < all.most) return;
      const who = isStranger ? 'All callers without a key together' : 'All callers with a key together';
      refuse(who, all.most, resetOf(all.entries), isStranger);
    },
  };
}
