import type { AccountId, Amount } from '@cairn/core';
import type { Parameters } from '../../parameters/table.ts';
import type { StateView } from '../../state/view.ts';
import { CONVICTION_BITS, rollLock, type StakeLock } from '../math/lock.ts';
import type { Place } from '../place.ts';
import { type HotkeyLocks, hotkeyLocks, type TokenLock, tokenLocks } from './state.ts';

/** Locked tokens with their conviction, as records keep them. */
interface Locked {
  readonly mass: Amount;
  readonly conviction: bigint;
  readonly convictionParts: number;
}

const PARTS_MASK = (1n << CONVICTION_BITS) - 1n;

const toMath = ({ mass, conviction, convictionParts }: Locked): StakeLock => ({
  mass,
  conviction: (conviction << CONVICTION_BITS) | BigInt(convictionParts),
});

const toRecord = ({ mass, conviction }: StakeLock): Locked => ({
  mass,
  conviction: conviction >> CONVICTION_BITS,
  convictionParts: Number(conviction & PARTS_MASK),
});

export type LockRates = Pick<Parameters, 'stakeUnlockSlots' | 'stakeMaturitySlots'>;

function roll(
  locked: Locked,
  slots: bigint,
  rates: LockRates,
  kind: { readonly isPerpetual: boolean; readonly isOwner: boolean },
): Locked {
  const { stakeUnlockSlots: unlockSlots, stakeMaturitySlots: maturitySlots } = rates;
  return toRecord(rollLock(toMath(locked), slots, { unlockSlots, maturitySlots, ...kind }));
}

/** A lock as it is at a slot. Rounds down, so what is free is never less than it should be. */
export function rollTokenLock(lock: TokenLock, slot: bigint, rates: LockRates): TokenLock {
  return { ...lock, ...roll(lock, slot - lock.slot, rates, lock), slot };
}

/** The sum of a hotkey as it is at a slot. Rounds down, a unit each time at most. */
export function rollHotkeyLocks(sum: HotkeyLocks, slot: bigint, rates: LockRates): HotkeyLocks {
  const slots = slot - sum.slot;
  return {
    ...sum,
    slot,
    decaying: roll(sum.decaying, slots, rates, { isPerpetual: false, isOwner: false }),
    perpetual: roll(sum.perpetual, slots, rates, { isPerpetual: true, isOwner: false }),
  };
}

/** The lock on a position as it is now; undefined without one. */
export function lockNow(
  view: StateView,
  place: Place,
  { slot, parameters }: { readonly slot: bigint; readonly parameters: LockRates },
): TokenLock | undefined {
  const lock = tokenLocks.get(view, place);
  return lock === undefined ? undefined : rollTokenLock(lock, slot, parameters);
}

/** Adds a lock to one part of a sum, or takes it out. What rounding made of a part before is never below nothing. */
export function addLocked(part: Locked, lock: Locked, sign: 1n | -1n): Locked {
  const [a, b] = [toMath(part), toMath(lock)];
  const atLeastZero = (value: bigint) => (value > 0n ? value : 0n);
  return toRecord({
    mass: atLeastZero(a.mass + sign * b.mass),
    conviction: atLeastZero(a.conviction + sign * b.conviction),
  });
}

/**
 * All that is locked at a hotkey at a slot, the locks of the subnet's owner with the others.
 *
 * @param owner of the subnet
 */
export function lockedAtHotkey(
  view: StateView,
  {
    netuid,
    hotkey,
    owner,
  }: { readonly netuid: number; readonly hotkey: AccountId; readonly owner: AccountId },
  now: { readonly slot: bigint; readonly parameters: LockRates },
): { readonly mass: Amount; readonly conviction: Amount; readonly count: number } {
  const sum = hotkeyLocks.get(view, netuid, hotkey);
  if (sum === undefined) return { mass: 0n, conviction: 0n, count: 0 };
  const { decaying, perpetual, count } = rollHotkeyLocks(sum, now.slot, now.parameters);
  const others = addLocked(decaying, perpetual, 1n);
  const owners = lockNow(view, { netuid, coldkey: owner, hotkey }, now);
  const { mass, conviction } = owners === undefined ? others : addLocked(others, owners, 1n);
  return { mass, conviction, count };
}
