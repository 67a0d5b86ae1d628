import { type AccountId, type Amount, accountIdToAddress, formatAmount } from '@cairn/core';
import type { BlockContext } from '../execution/context.ts';
import { problem, type TransactionProblem, type Verdict } from '../execution/message.ts';
import { recordFlow } from '../flows/record.ts';
import type { FlowName } from '../flows/table.ts';
import type { Parameters } from '../parameters/table.ts';
import { accounts } from './state.ts';

export type Money = Pick<BlockContext, 'state' | 'parameters' | 'block'>;

/**
 * First nonce of an account opened at a height: above any it had before it was closed, so nothing old runs
 * again. A block opens accounts after it has taken its fees, so what it opens sends from the next block on.
 */
function openingNonce(height: number): bigint {
  return BigInt(height) << 20n;
}

function balanceTooLow(id: AccountId, has: Amount, needs: Amount): TransactionProblem {
  return problem(
    'BALANCE_TOO_LOW',
    `Balance ${formatAmount(has)} of ${accountIdToAddress(id)} is below the ${formatAmount(needs)} CAIRN this needs. Top up or lower the amount.`,
  );
}

/** Takes spendable money for a flow that ends outside accounts. */
export function debit(context: Money, id: AccountId, amount: Amount, flow: FlowName): Verdict {
  const account = accounts.get(context.state, id);
  const has = account?.spendable ?? 0n;
  if (account === undefined || has < amount) return balanceTooLow(id, has, amount);
  accounts.set(context.state, id, { ...account, spendable: has - amount });
  recordFlow(context.state, flow, amount);
  return null;
}

/**
 * Gives spendable money. A first credit opens the account, whose deposit is kept back from it.
 */
export function credit(context: Money, id: AccountId, amount: Amount, flow: FlowName): Verdict {
  if (amount === 0n) return null;
  const account = accounts.get(context.state, id);
  const deposit = context.parameters.accountDeposit;
  if (account === undefined && amount < deposit) {
    return problem(
      'BELOW_ACCOUNT_DEPOSIT',
      `${accountIdToAddress(id)} is new: its first ${formatAmount(deposit)} CAIRN are its refundable deposit. Send at least that.`,
    );
  }
  recordFlow(context.state, flow, amount);
  if (account !== undefined) {
    accounts.set(context.state, id, { ...account, spendable: account.spendable + amount });
    return null;
  }
  recordFlow(context.state, 'accounts.holdDeposit', deposit);
  accounts.set(context.state, id, {
    nonce: openingNonce(context.block.height),
    spendable: amount - deposit,
    deposit,
    records: 0,
    isKeyChanged: false,
    isFrozen: false,
  });
  return null;
}

/** Moves spendable money from one account to another: both, or nothing. */
export function transfer(
  context: Money,
  from: AccountId,
  to: AccountId,
  amount: Amount,
  flow: FlowName,
): Verdict {
  const payer = accounts.get(context.state, from);
  const has = payer?.spendable ?? 0n;
  if (payer === undefined || has < amount) return balanceTooLow(from, has, amount);
  const payee = accounts.get(context.state, to);
  if (payee === undefined && amount < context.parameters.accountDeposit)
    return credit(context, to, amount, flow);
  accounts.set(context.state, from, { ...payer, spendable: has - amount });
  return credit(context, to, amount, flow);
}

/** What a record of `sizeBytes` keeps back, in pebbles. Counts the key as 96 bytes. */
export function recordDeposit(context: Money, sizeBytes: number): Amount {
  return depositOf(context.parameters, sizeBytes);
}

/** As `recordDeposit`, from the parameters alone. */
export function depositOf(parameters: Pick<Parameters, 'depositPerByte'>, sizeBytes: number): Amount {
  return parameters.depositPerByte * BigInt(sizeBytes + 96);
}

/** Keeps back the deposit of a record that `id` adds to the state. The record stores `deposit` to give it back. */
export function holdDeposit(context: Money, id: AccountId, deposit: Amount): Verdict {
  const refused = debit(context, id, deposit, 'accounts.holdDeposit');
  if (refused !== null) return refused;
  const account = accounts.get(context.state, id)!;
  accounts.set(context.state, id, { ...account, records: account.records + 1 });
  return null;
}

/** Gives back the deposit of a deleted record to who paid it. */
export function releaseDeposit(context: Money, id: AccountId, deposit: Amount): void {
  const account = accounts.get(context.state, id)!;
  accounts.set(context.state, id, {
    ...account,
    records: account.records - 1,
    spendable: account.spendable + deposit,
  });
  recordFlow(context.state, 'accounts.releaseDeposit', deposit);
}
