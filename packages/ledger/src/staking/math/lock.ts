import type { Amount } from '@cairn/core';
import { expOfMinus, ONE_Q96 } from '../../fraction/exponential.ts';

/** Fractional bits of a conviction. */
export const CONVICTION_BITS = 32n;
/** A lock with less than this of both mass and conviction is over. In units of the token. */
export const LOCK_DUST = 100n;

/** Stake locked for a subnet, as of some slot. */
export interface StakeLock {
  /** Units of the subnet's token that are locked. */
  readonly mass: Amount;
  /** What the lock counts for: units of the token in `CONVICTION_BITS` fractional bits. */
  readonly conviction: bigint;
}

export interface StakeLockRules {
  /** Slots in which a decaying lock falls to 1/e: 934,866 by default. */
  readonly unlockSlots: bigint;
  /** Slots in which conviction comes within 1/e of what it grows to: 934,866 by default. */
  readonly maturitySlots: bigint;
  /** A perpetual lock keeps its mass; another one decays. */
  readonly isPerpetual: boolean;
  /** The subnet owner's lock counts in full at once. */
  readonly isOwner: boolean;
}

/** e^−(slots / timeConstant) in Q96. One at zero slots; zero after any slot without a time constant. */
export function decayOver(slots: bigint, timeConstant: bigint): bigint {
  if (slots <= 0n) return ONE_Q96;
  if (timeConstant === 0n) return 0n;
  return expOfMinus((slots * ONE_Q96) / timeConstant);
}

/** Conviction that one unit of locked mass gains over `slots`, in Q96, rounded down. */
function maturedPerUnit(slots: bigint, rules: StakeLockRules): bigint {
  const { unlockSlots, maturitySlots, isPerpetual } = rules;
  const maturing = decayOver(slots, maturitySlots);
  if (isPerpetual) return ONE_Q96 - maturing;
  if (unlockSlots === 0n || maturitySlots === 0n) return 0n;
  if (unlockSlots === maturitySlots) return (slots * maturing) / maturitySlots;
  const [slow, fast] =
    unlockSlots > maturitySlots ? [unlockSlots, maturitySlots] : [maturitySlots, unlockSlots];
  const gained = (unlockSlots * (decayOver(slots, slow) - decayOver(slots, fast))) / (slow - fast);
  return gained > 0n ? gained : 0n;
}

/**
 * A lock after some slots. Mass m decays to m · e^(−Δ/u), or stays when perpetual. Conviction c decays to
 * c · e^(−Δ/v) and gains what the mass has matured meanwhile, the closed form of dc/dt = (m − c) / v; with
 * u = v that is m · (Δ/u) · e^(−Δ/u). So locking just before a vote counts for little.
 *
 * Source: Bittensor (subtensor, runtime `spec_version` 425), `roll_forward_lock`.
 *
 * All rounds down: to nobody's gain but the other lockers'. Rolling in steps loses at most a unit a step
 * against rolling at once.
 */
export function rollLock(lock: StakeLock, slots: bigint, rules: StakeLockRules): StakeLock {
  const mass = rules.isPerpetual ? lock.mass : (lock.mass * decayOver(slots, rules.unlockSlots)) / ONE_Q96;
  const kept = lock.conviction * decayOver(slots, rules.maturitySlots);
  const gained = (lock.mass << CONVICTION_BITS) * maturedPerUnit(slots > 0n ? slots : 0n, rules);
  const conviction = rules.isOwner ? mass << CONVICTION_BITS : (kept + gained) / ONE_Q96;
  if (mass < LOCK_DUST && conviction < LOCK_DUST << CONVICTION_BITS) return { mass: 0n, conviction: 0n };
  return { mass, conviction };
}
