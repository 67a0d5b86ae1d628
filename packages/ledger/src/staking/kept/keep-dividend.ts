import type { AccountId, Amount } from '@cairn/core';
import type { Overlay } from '../../state/view.ts';
import { hotkeys } from '../state.ts';
import { type KeptRate, keptRates, MAX_KEPT_SUBNETS } from './state.ts';

const RATE_MAX = (1n << 64n) - 1n;

/** Raises a rate by what is given. What does not make a whole step for every share waits for the next time. */
function raise({ netuid, rate, held, carry }: KeptRate, amount: Amount, shares: bigint): KeptRate {
  const whole = carry + amount;
  const wanted = (whole << 32n) / shares;
  const step = wanted > RATE_MAX - rate ? RATE_MAX - rate : wanted;
  const given = (step * shares + (1n << 32n) - 1n) >> 32n;
  return { netuid, rate: rate + step, held: held + amount, carry: whole - given };
}

/**
 * Keeps tokens for those root stakers of a hotkey that want them, by share, at a cost that does not depend on their
 * number.
 *
 * @returns false, and nothing kept, when there is nobody, or no room for another subnet
 */
export function keepDividend(state: Overlay, netuid: number, hotkey: AccountId, amount: Amount): boolean {
  const shares = hotkeys.get(state, hotkey)?.keptShares ?? 0n;
  if (shares === 0n) return false;
  const rates = keptRates.get(state, hotkey);
  const known = rates.find((entry) => entry.netuid === netuid);
  if (known === undefined && rates.length >= MAX_KEPT_SUBNETS) return false;
  const raised = raise(known ?? { netuid, rate: 0n, held: 0n, carry: 0n }, amount, shares);
  keptRates.set(
    state,
    hotkey,
    known === undefined
      ? [...rates, raised]
      : rates.map((entry) => (entry.netuid === netuid ? raised : entry)),
  );
  return true;
}
