import { type Amount, struct, u64, type ValueOf } from '@cairn/core';

/** Votes: the stake behind them, and what it weighs with conviction. */
export const votingPowerShape = struct('VotingPower', {
  /** Pebbles of stake. */
  capital: u64,
  /** Tenths of a pebble: stake times conviction. At most 60 times the supply, which fits. */
  weight: u64,
});
export type VotingPower = ValueOf<typeof votingPowerShape>;

export const NO_POWER: VotingPower = { capital: 0n, weight: 0n };

/** Most steps of conviction. */
export const MAX_CONVICTION = 6;

/** Stake that is not locked beyond the vote weighs a tenth; each step of conviction adds once its worth. */
export function powerOf(capital: Amount, conviction: number): VotingPower {
  return { capital, weight: capital * (conviction === 0 ? 1n : 10n * BigInt(conviction)) };
}

export function addPower(a: VotingPower, b: VotingPower): VotingPower {
  return { capital: a.capital + b.capital, weight: a.weight + b.weight };
}

/** @param b what was added to `a` before. */
export function subtractPower(a: VotingPower, b: VotingPower): VotingPower {
  return { capital: a.capital - b.capital, weight: a.weight - b.weight };
}
