import { type AccountId, type Amount, accountIdToAddress, areBytesEqual } from '@cairn/core';
import type { MessageContext } from '../execution/context.ts';
import { problem, type TransactionProblem } from '../execution/message.ts';
import { valueOfShares } from '../staking/pool.ts';
import { hotkeys, positions } from '../staking/state.ts';
import { holdShares, releaseShares } from './locks.ts';
import { MAX_CONVICTION } from './power.ts';
import type { VotingStakes } from './state.ts';

/** All shares of the sender at some hotkeys, and what they are worth now. */
export interface Collected {
  readonly stakes: VotingStakes;
  readonly capital: Amount;
}

export function collectStakes(
  { state, sender }: MessageContext,
  named: readonly AccountId[],
): Collected | TransactionProblem {
  const stakes: VotingStakes = [];
  let capital = 0n;
  for (const hotkey of named) {
    if (stakes.some((other) => areBytesEqual(other.hotkey, hotkey)))
      return problem(
        'HOTKEY_REPEATED',
        `Hotkey ${accountIdToAddress(hotkey)} is named twice. Stake votes once.`,
      );
    const held = positions.get(state, sender, hotkey);
    if (held === undefined) {
      return problem(
        'STAKE_UNKNOWN',
        `${accountIdToAddress(sender)} has no stake at ${accountIdToAddress(hotkey)}. Leave it out.`,
      );
    }
    stakes.push({ hotkey, shares: held.shares });
    capital += valueOfShares(hotkeys.get(state, hotkey)!, held.shares);
  }
  return { stakes, capital };
}

export function convictionUnknown(conviction: number): TransactionProblem | null {
  if (conviction <= MAX_CONVICTION) return null;
  return problem(
    'CONVICTION_UNKNOWN',
    `Conviction ${conviction} is unknown; it goes from 0 to ${MAX_CONVICTION}.`,
  );
}

/** Locks shares for a vote or a delegation. */
export function holdStakes(context: MessageContext, owner: AccountId, stakes: VotingStakes) {
  for (const { hotkey, shares } of stakes) {
    const refused = holdShares(context, owner, hotkey, shares);
    if (refused !== null) return refused;
  }
  return null;
}

export function releaseStakes(
  context: MessageContext,
  owner: AccountId,
  stakes: VotingStakes,
  untilSlot: bigint,
): void {
  for (const { hotkey } of stakes) releaseShares(context, owner, hotkey, untilSlot);
}
