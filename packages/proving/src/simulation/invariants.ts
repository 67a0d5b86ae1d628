import { SUPPLY_CAP } from '@cairn/core';
import {
  accounts,
  channels,
  clock,
  hotkeys,
  issuance,
  type ListableView,
  models,
  offers,
  pendingCell,
  positions,
  rosterCell,
  subnets,
  supplyCell,
  type Table,
} from '@cairn/ledger';
import { brokenVotes, governanceDeposits, governanceMoney } from './governance-invariants.ts';
import { records } from './records.ts';

function sum<T>(view: ListableView, table: Table<T>, amount: (record: T) => bigint): bigint {
  let total = 0n;
  for (const [, record] of records(view, table)) total += amount(record);
  return total;
}

/** Pebbles that records keep back: deposits, locks, channels and emission not yet paid. */
function escrowedInRecords(view: ListableView): bigint {
  return (
    sum(view, accounts.table, ({ deposit }) => deposit) +
    sum(view, hotkeys.table, ({ deposit }) => deposit) +
    sum(view, positions.table, ({ deposit }) => deposit) +
    sum(view, subnets.table, ({ deposit, locked }) => deposit + locked) +
    sum(view, models, ({ recordDeposit }) => recordDeposit) +
    sum(view, offers, ({ recordDeposit }) => recordDeposit) +
    sum(view, channels, ({ recordDeposit, deposited, claimed }) => recordDeposit + deposited - claimed) +
    rosterCell.get(view).validators.reduce((total, { deposit }) => total + deposit, 0n) +
    pendingCell.get(view).reduce((total, { amount }) => total + amount, 0n) +
    [...governanceDeposits(view)].reduce((total, [, deposit]) => total + deposit, 0n) +
    governanceMoney(view)
  );
}

/** Shares of each hotkey's positions against what its pool says. */
function* brokenPools(view: ListableView): Generator<string> {
  const held = new Map<string, bigint>();
  for (const [id, { shares }] of records(view, positions.table)) {
    const hotkey = id.split('/')[1]!;
    held.set(hotkey, (held.get(hotkey) ?? 0n) + shares);
  }
  for (const [id, { totalShares }] of records(view, hotkeys.table)) {
    const shares = held.get(id) ?? 0n;
    if (shares !== totalShares) yield `hotkey ${id} has ${totalShares} shares, its positions ${shares}`;
    held.delete(id);
  }
  for (const [id, shares] of held) if (shares > 0n) yield `${shares} shares of ${id}, which is no hotkey`;
}

/** What the records of a state do not bear out; empty when all is well. */
export function brokenInvariants(view: ListableView): string[] {
  const supply = supplyCell.get(view);
  const broken: string[] = [];
  const spendable = sum(view, accounts.table, (account) => account.spendable);
  const staked = sum(view, hotkeys.table, ({ totalStake }) => totalStake);
  const escrowed = escrowedInRecords(view);
  if (spendable !== supply.circulating)
    broken.push(`${supply.circulating} circulate, accounts hold ${spendable}`);
  if (staked !== supply.staked) broken.push(`${supply.staked} are staked, hotkeys hold ${staked}`);
  if (escrowed !== supply.escrowed) broken.push(`${supply.escrowed} are in escrow, records hold ${escrowed}`);
  if (supply.pooled !== 0n) broken.push(`${supply.pooled} are pooled, there are no pools`);
  if (issuance(supply) > SUPPLY_CAP) broken.push(`${issuance(supply)} issued, more than the cap`);
  return [...broken, ...brokenPools(view), ...brokenVotes(view, clock.get(view).slot)];
}
