import { type AccountId, type Amount, accountIdToAddress, formatAmount } from '@cairn/core';
import { holdDeposit, type Money, recordDeposit, releaseDeposit, transfer } from '../accounts/money.ts';
import { accounts } from '../accounts/state.ts';
import { problem, type Verdict } from '../execution/message.ts';
import { HOLDING_BYTES, holdings, markets } from './state.ts';

/** Makes sure that the account can be given tokens: opens the record for its deposit. */
export function openHolding(context: Money, account: AccountId, netuid: number): Verdict {
  if (holdings.get(context.state, account, netuid) !== undefined) return null;
  const deposit = recordDeposit(context, HOLDING_BYTES);
  // `closeEmptyHolding` gives back what is above zero, so nothing else is held.
  const refused = deposit === 0n ? null : holdDeposit(context, account, deposit);
  if (refused !== null) return refused;
  holdings.set(context.state, account, netuid, { amount: 0n, deposit });
  return null;
}

/**
 * Opens the record of a payee, who may have no CAIRN: the payer makes the deposit a gift, which also opens the
 * payee's account when there is none.
 */
export function openHoldingFor(context: Money, payer: AccountId, payee: AccountId, netuid: number): Verdict {
  const deposit = recordDeposit(context, HOLDING_BYTES);
  const isNew = accounts.get(context.state, payee) === undefined;
  const gift = isNew ? deposit + context.parameters.accountDeposit : deposit;
  return transfer(context, payer, payee, gift, 'accounts.transfer') ?? openHolding(context, payee, netuid);
}

/** Gives tokens to an account. A record that emission has to open costs nobody a deposit. */
export function creditTokens({ state }: Money, account: AccountId, netuid: number, amount: Amount): void {
  if (amount === 0n) return;
  const held = holdings.get(state, account, netuid) ?? { amount: 0n, deposit: 0n };
  holdings.set(state, account, netuid, { ...held, amount: held.amount + amount });
}

/** Takes tokens from an account. A record that is left empty stays until `closeEmptyHolding`. */
export function debitTokens({ state }: Money, account: AccountId, netuid: number, amount: Amount): Verdict {
  const held = holdings.get(state, account, netuid);
  if (held === undefined || held.amount < amount) {
    return problem(
      'TOKENS_TOO_FEW',
      `${accountIdToAddress(account)} holds ${formatAmount(held?.amount ?? 0n)} tokens of subnet ${netuid}, this needs ${formatAmount(amount)}. Buy more, or unstake.`,
    );
  }
  holdings.set(state, account, netuid, { ...held, amount: held.amount - amount });
  return null;
}

/** An empty record goes and its deposit comes back. */
export function closeEmptyHolding(context: Money, account: AccountId, netuid: number): void {
  const held = holdings.get(context.state, account, netuid);
  if (held === undefined || held.amount > 0n) return;
  holdings.delete(context.state, account, netuid);
  if (held.deposit > 0n) releaseDeposit(context, account, held.deposit);
}

/** Takes tokens that nobody earned out of the supply, to be minted again by the same curve. */
export function recycleTokens({ state }: Money, netuid: number, amount: Amount): void {
  if (amount === 0n) return;
  const market = markets.get(state, netuid)!;
  markets.set(state, netuid, { ...market, outstanding: market.outstanding - amount });
}
