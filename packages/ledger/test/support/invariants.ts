import { bytesToHex, SUPPLY_CAP } from '@cairn/core';
import { pendingCell } from '../../src/emission/state.ts';
import {
  accounts,
  type Channel,
  channels,
  clock,
  hotkeys,
  issuance,
  models,
  offers,
  positions,
  rosterCell,
  subnets,
} from '../../src/index.ts';
import type { TestChain } from './chain.ts';
import { brokenVotes, governanceDeposits, governanceMoney } from './governance-invariants.ts';

/** Sums every record that holds money, so that a movement past the flow table shows. */
function moneyInRecords({ view, store }: TestChain) {
  const under = (prefix: string) => [...store.keys()].filter((key) => key.startsWith(prefix));
  const ids = (prefix: string) => under(prefix).map((key) => key.slice(prefix.length));
  let spendable = 0n;
  let deposits = 0n;
  let staked = 0n;
  let locked = 0n;
  let inChannels = 0n;
  const shares = new Map<string, bigint>();
  // Records by the account that paid their deposit.
  const owned = new Map<string, number>();
  const counted = new Map<string, number>();
  const hold = (owner: string, deposit: bigint) => {
    deposits += deposit;
    owned.set(owner, (owned.get(owner) ?? 0) + 1);
  };
  for (const id of ids(accounts.table.prefix)) {
    const account = accounts.table.get(view, id)!;
    spendable += account.spendable;
    deposits += account.deposit;
    if (account.records > 0) counted.set(id, account.records);
  }
  for (const id of ids(positions.table.prefix)) {
    const position = positions.table.get(view, id)!;
    const [coldkey, hotkey] = id.split('/') as [string, string];
    hold(coldkey, position.deposit);
    shares.set(hotkey, (shares.get(hotkey) ?? 0n) + position.shares);
  }
  const pools: { hotkey: string; totalShares: bigint; held: bigint }[] = [];
  for (const id of ids(hotkeys.table.prefix)) {
    const record = hotkeys.table.get(view, id)!;
    hold(bytesToHex(record.owner), record.deposit);
    staked += record.totalStake;
    pools.push({ hotkey: id, totalShares: record.totalShares, held: shares.get(id) ?? 0n });
  }
  for (const id of ids(subnets.table.prefix)) {
    const subnet = subnets.table.get(view, id)!;
    hold(bytesToHex(subnet.owner), subnet.deposit);
    locked += subnet.locked;
  }
  for (const id of ids(channels.prefix)) {
    const channel: Channel = channels.get(view, id)!;
    hold(bytesToHex(channel.payer), channel.recordDeposit);
    inChannels += channel.deposited - channel.claimed;
  }
  for (const id of ids(models.prefix)) {
    const { card, recordDeposit } = models.get(view, id)!;
    hold(bytesToHex(card.owner), recordDeposit);
  }
  for (const id of ids(offers.prefix)) {
    const { provider, recordDeposit } = offers.get(view, id)!;
    hold(bytesToHex(provider), recordDeposit);
  }
  for (const { origin, account, deposit } of rosterCell.get(view).validators)
    if (origin === 'stake') hold(bytesToHex(account), deposit);
  for (const [owner, deposit] of governanceDeposits(view)) hold(owner, deposit);
  const pending = pendingCell.get(view).reduce((sum, { amount }) => sum + amount, 0n);
  return {
    spendable,
    staked,
    escrowed: deposits + locked + inChannels + pending + governanceMoney(view),
    pools,
    owned,
    counted,
  };
}

/** What must hold after every block; empty when it does. */
export function brokenInvariants(chain: TestChain): string[] {
  const { spendable, staked, escrowed, pools, owned, counted } = moneyInRecords(chain);
  const supply = chain.supply();
  const broken: string[] = [];
  if (spendable !== supply.circulating) broken.push(`circulating ${supply.circulating} ≠ ${spendable}`);
  if (staked !== supply.staked) broken.push(`staked ${supply.staked} ≠ ${staked}`);
  if (escrowed !== supply.escrowed) broken.push(`escrowed ${supply.escrowed} ≠ ${escrowed}`);
  if (issuance(supply) > SUPPLY_CAP) broken.push(`issuance ${issuance(supply)} above the cap`);
  for (const { hotkey, totalShares, held } of pools) {
    if (totalShares !== held) broken.push(`shares of ${hotkey}: ${totalShares} ≠ ${held}`);
  }
  for (const owner of new Set([...owned.keys(), ...counted.keys()])) {
    const [has, says] = [owned.get(owner) ?? 0, counted.get(owner) ?? 0];
    if (has !== says) broken.push(`records of ${owner}: ${says} counted, ${has} there`);
  }
  return [...broken, ...brokenVotes(chain.view, clock.get(chain.view).slot)];
}
