import { type AccountId, type Amount, mulDiv } from '@cairn/core';
import { credit } from '../accounts/money.ts';
import type { BlockContext } from '../execution/context.ts';
import { recordFlow } from '../flows/record.ts';
import { addDividend } from '../staking/dividend.ts';
import { payoutAccountOf } from '../staking/payout.ts';
import { hotkeys } from '../staking/state.ts';
import type { StateView } from '../state/view.ts';
import { proposerRewarded } from './events.ts';
import { proposerOf, type Validator } from './state.ts';

/** Who gets the tips of a proposer's blocks: the wallet behind its consensus key, or the key itself when none is. */
export function proposerPayee(view: StateView, proposer: AccountId): AccountId {
  const validator = proposerOf(view, proposer);
  if (validator === undefined) return proposer;
  return validator.origin === 'genesis' ? validator.account : payoutAccountOf(view, validator.account);
}

/** Share of what a block mints that its proposer earns; 0 when no validator proposed it. Rounds down. */
export function proposerShareOf({ state, block, parameters }: BlockContext, minted: Amount): Amount {
  if (proposerOf(state, block.proposer) === undefined) return 0n;
  return mulDiv(minted, parameters.proposerRewardBps, 10_000n);
}

/**
 * Pays the proposer out of what was minted: one of genesis to the account it names, one with stake as its work on
 * subnets is paid, the take to the owner of the hotkey and the rest to all its stakers. What cannot be paid, such as
 * less than the deposit of a new account, is recycled.
 */
export function payProposer(context: BlockContext, amount: Amount): void {
  const proposer = proposerOf(context.state, context.block.proposer);
  if (proposer === undefined || amount === 0n) return;
  const paid =
    proposer.origin === 'genesis'
      ? payGranted(context, proposer, amount)
      : payStaked(context, proposer, amount);
  if (paid > 0n) proposerRewarded(context, proposer, paid);
  recordFlow(context.state, 'emission.unearned', amount - paid);
}

function payGranted(context: BlockContext, { account }: Validator, amount: Amount): Amount {
  return credit(context, account, amount, 'validators.proposerReward') === null ? amount : 0n;
}

function payStaked(context: BlockContext, { account: hotkey }: Validator, amount: Amount): Amount {
  const record = hotkeys.get(context.state, hotkey);
  if (record === undefined) return 0n;
  const take = mulDiv(amount, BigInt(record.takeBps), 10_000n);
  const taken = credit(context, record.owner, take, 'validators.proposerReward') === null ? take : 0n;
  const forStakers = amount - take;
  return addDividend(context, hotkey, forStakers) ? taken + forStakers : taken;
}
