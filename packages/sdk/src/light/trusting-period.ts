import { SdkError } from '../errors.ts';

const DAY_MS = 86_400_000;
/** Until the chain has proved how long stake is unbonding. */
const FIRST_PERIOD_MS = 14 * DAY_MS;
/** On a local network stake unbonds in seconds, and nobody has a reason to lie. */
const LOCAL_PERIOD_MS = DAY_MS;

/**
 * For how long a header that was trusted tells who votes, in milliseconds: two thirds of the time that stake is
 * unbonding, rounded down; on a local network at least a day.
 */
export function trustingPeriodOf(unbondingMs: number, isLocal: boolean): number {
  const ms = (unbondingMs * 2 - ((unbondingMs * 2) % 3)) / 3;
  return isLocal && ms < LOCAL_PERIOD_MS ? LOCAL_PERIOD_MS : ms;
}

export interface TrustingPeriodOptions {
  /** What the person chose. */
  readonly givenMs?: number;
  /** What the chain proved before. */
  readonly unbondingMs?: number;
  /** Chain id of a network that is known to be local. */
  readonly localChainId?: string;
}

/** How long trust lasts: what was chosen, bounded by what the chain proves. */
export interface TrustingPeriod {
  readonly ms: number;
  /** Null: nothing is proved yet. */
  readonly unbondingMs: number | null;
  /** Takes over what the chain proved. @throws SdkError `LIGHT_PERIOD_TOO_LONG` when what was chosen is as long */
  bind(unbondingMs: number): void;
}

/** @throws SdkError `LIGHT_PERIOD_TOO_LONG` */
export function createTrustingPeriod(
  isOfChain: (chainId: string) => boolean,
  { givenMs, unbondingMs, localChainId }: TrustingPeriodOptions,
): TrustingPeriod {
  const isLocal = localChainId !== undefined && isOfChain(localChainId);
  let ms = givenMs ?? FIRST_PERIOD_MS;
  let proved: number | null = null;

  function bind(next: number): void {
    // What was proved before a change bounds what was trusted before it.
    const least = proved === null ? next : proved < next ? proved : next;
    const most = trustingPeriodOf(least, isLocal);
    if (givenMs !== undefined && !isLocal && givenMs >= least) {
      throw new SdkError(
        { code: 'LIGHT_PERIOD_TOO_LONG', givenMs, unbondingMs: least },
        `A header cannot be trusted for ${inHours(givenMs)} hours: stake of this chain is unbonding for ${inHours(least)}, and who voted for a false header would have lost nothing after that. Choose less, such as ${inHours(most)} hours.`,
      );
    }
    ms = givenMs ?? most;
    proved = next;
  }

  if (unbondingMs !== undefined) bind(unbondingMs);
  return {
    get ms() {
      return ms;
    },
    get unbondingMs() {
      return proved;
    },
    bind,
  };
}

/** One digit after the point, rounded down. */
export function inHours(ms: number): string {
  const tenths = (ms - (ms % 360_000)) / 360_000;
  return tenths % 10 === 0 ? `${tenths / 10}` : `${(tenths - (tenths % 10)) / 10}.${tenths % 10}`;
}
