import { compareBytes } from '@cairn/core';
import type { Parameters } from '../parameters/table.ts';
import { rootStakeOf } from '../staking/state.ts';
import type { StateView } from '../state/view.ts';
import { priceAtIssuance } from '../subnets/price.ts';
import { isJailed } from './conduct.ts';
import { PEBBLES_PER_POWER, type Roster, type Validator } from './state.ts';

/** Pebbles of stake from which a hotkey may vote, at today's issuance. */
export function leastStake(view: StateView, parameters: Parameters): bigint {
  return priceAtIssuance(view, parameters, parameters.validatorMinStake);
}

/** Power that the stake of a validator is worth; 0 below the least stake, in jail and when it leaves. Rounds down. */
function stakePower(
  view: StateView,
  parameters: Parameters,
  { id, origin, account, isLeaving }: Validator,
): bigint {
  if (origin === 'genesis' || isLeaving || isJailed(view, id)) return 0n;
  const stake = rootStakeOf(view, account);
  return stake < leastStake(view, parameters) ? 0n : stake / PEBBLES_PER_POWER;
}

/** Powers that the set moves to. */
export interface TargetPowers {
  /** One for each entry of the roster, in its order. */
  readonly powers: readonly bigint[];
  /** Power granted in genesis that this stake leaves standing. */
  readonly bootstrap: bigint;
}

/**
 * The validators with most stake, at most `maxConsensusValidators`, vote by their stake. Granted power fills what
 * their stake lacks to the sum that genesis granted, shared as genesis did, and is gone when it lacks nothing:
 * left = min(left, granted − staked).
 */
export function targetPowers(view: StateView, parameters: Parameters, roster: Roster): TargetPowers {
  const { validators, bootstrapLeft } = roster;
  const staked = validators.map((validator) => stakePower(view, parameters, validator));
  const ranked = staked
    .map((power, index) => ({ power, index, id: validators[index]!.id }))
    .filter(({ power }) => power > 0n)
    .sort((a, b) => (a.power === b.power ? compareBytes(a.id, b.id) : a.power > b.power ? -1 : 1));
  const seated = new Set(
    ranked.slice(0, Number(parameters.maxConsensusValidators)).map(({ index }) => index),
  );
  const powers = staked.map((power, index) => (seated.has(index) ? power : 0n));
  const granted = validators.reduce((total, { granted: power }) => total + power, 0n);
  const lacking = granted - powers.reduce((total, power) => total + power, 0n);
  const bootstrap = lacking < 0n ? 0n : lacking < bootstrapLeft ? lacking : bootstrapLeft;
  if (granted === 0n) return { powers, bootstrap: 0n };
  return {
    powers: powers.map((power, index) => {
      const { id, granted: part } = validators[index]!;
      // What a jailed validator of genesis was granted stays unused: others do not grow by it.
      return part === 0n || isJailed(view, id) ? power : power + (part * bootstrap) / granted;
    }),
    bootstrap,
  };
}
