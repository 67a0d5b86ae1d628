import { hexToBytes, SUPPLY_CAP } from '@cairn/core';
import {
  accountKeys,
  accounts,
  agenda,
  agendaCell,
  aliases,
  announcements,
  autoStakes,
  calibrations,
  cases,
  challenges,
  channels,
  clock,
  contributions,
  departures,
  dissolvedStakes,
  dissolvedSubnets,
  evaluations,
  funds,
  holdings,
  hotkeys,
  issuance,
  keptPositions,
  keptRates,
  keyChanges,
  type ListableView,
  legsCell,
  lendings,
  markets,
  models,
  multisigProposals,
  noticesCell,
  type Order,
  offers,
  orders,
  parents,
  pendingCell,
  positions,
  providers,
  proxies,
  readSpokenStake,
  recoveries,
  rootStakeOf,
  rosterCell,
  sealedOrders,
  sealedWeights,
  soldArtifacts,
  subKeys,
  subnets,
  subnetsCell,
  supplyCell,
  type Table,
  tokenIssuance,
  tokenLocks,
  tokenPools,
  tokenPositions,
} from '@cairn/ledger';
import { brokenLeases, computeMoney } from './compute-invariants.ts';
import { brokenVotes, governanceDeposits, governanceMoney } from './governance-invariants.ts';
import { brokenLocks } from './lock-invariants.ts';
import { records } from './records.ts';
import { brokenRuns, trainingMoney } from './training-invariants.ts';

function sum<T>(view: ListableView, table: Table<T>, amount: (record: T) => bigint): bigint {
  let total = 0n;
  for (const [, record] of records(view, table)) total += amount(record);
  return total;
}

const depositsIn = (entries: readonly { readonly deposit: bigint }[]): bigint =>
  entries.reduce((total, { deposit }) => total + deposit, 0n);

const amountOf = (waiting: readonly Order[], side: Order['side']): bigint =>
  waiting.reduce((total, order) => (order.side === side ? total + order.amountIn : total), 0n);

/** Pebbles that records keep back: deposits, prepaid calls, channels and orders on their way. */
function escrowedInRecords(view: ListableView): bigint {
  return (
    sum(view, accounts.table, ({ deposit }) => deposit) +
    sum(view, accountKeys.table, ({ deposit }) => deposit) +
    sum(view, keyChanges.table, ({ deposit }) => deposit) +
    sum(view, recoveries.table, ({ deposit }) => deposit) +
    sum(view, subKeys.table, ({ deposit }) => deposit) +
    sum(view, hotkeys.table, ({ deposit }) => deposit) +
    sum(view, positions.table, ({ deposit }) => deposit) +
    sum(view, subnets.table, ({ deposit }) => deposit) +
    sum(view, challenges.table, ({ amount, deposit }) => amount + deposit) +
    sum(view, dissolvedSubnets.table, ({ pot, assigned, deposit }) => pot - assigned + deposit) +
    sum(view, dissolvedStakes.table, ({ pot, paid }) => pot - paid) +
    sum(view, holdings.table, ({ deposit }) => deposit) +
    sum(view, tokenPositions.table, ({ deposit }) => deposit) +
    sum(view, tokenLocks.table, ({ deposit }) => deposit) +
    sum(view, lendings.table, ({ deposit }) => deposit) +
    sum(view, autoStakes.table, ({ deposit }) => deposit) +
    sum(view, keptPositions.table, ({ deposit }) => deposit) +
    sum(
      view,
      departures.table,
      ({ entries }) =>
        depositsIn(entries) +
        entries.reduce((total, { to, amount }) => (to === null ? total + amount : total), 0n),
    ) +
    legsCell.get(view).reduce((total, { amountIn }) => total + amountIn, 0n) +
    sum(view, orders.table, (waiting) => amountOf(waiting, 'buy')) +
    [...sealedOrders.opening(view).sealed, ...sealedOrders.waiting(view)].reduce(
      (total, { bond, deposit }) => total + bond + deposit,
      0n,
    ) +
    sum(view, multisigProposals.table, ({ deposit }) => deposit) +
    sum(view, proxies.table, (record) => depositsIn(record.proxies)) +
    sum(view, sealedWeights.table, ({ deposit }) => deposit) +
    sum(view, announcements.table, ({ calls }) => depositsIn(calls)) +
    sum(view, agenda.table, ({ prepaid, deposit }) => prepaid + deposit) +
    sum(
      view,
      funds.table,
      ({ deposit, raised, netuid, surplus }) => deposit + (netuid === 0 ? raised : surplus),
    ) +
    sum(view, contributions.table, ({ deposit }) => deposit) +
    sum(view, models, ({ recordDeposit }) => recordDeposit) +
    sum(view, offers, ({ recordDeposit }) => recordDeposit) +
    sum(view, providers, ({ recordDeposit }) => recordDeposit) +
    sum(view, soldArtifacts, ({ recordDeposit }) => recordDeposit) +
    sum(view, aliases, ({ recordDeposit }) => recordDeposit) +
    sum(view, evaluations, ({ recordDeposit }) => recordDeposit) +
    sum(view, cases, ({ deposit }) => deposit) +
    sum(view, calibrations.table, ({ deposit }) => deposit) +
    sum(view, channels, ({ recordDeposit, deposited, claimed }) => recordDeposit + deposited - claimed) +
    computeMoney(view) +
    trainingMoney(view) +
    depositsIn(rosterCell.get(view).validators) +
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
  const kept = new Map<string, bigint>();
  for (const [id, { shares }] of records(view, keptPositions.table)) {
    const hotkey = id.split('/')[1]!;
    kept.set(hotkey, (kept.get(hotkey) ?? 0n) + shares);
  }
  for (const [id, { keptShares }] of records(view, hotkeys.table)) {
    const shares = kept.get(id) ?? 0n;
    if (shares !== keptShares) yield `hotkey ${id} has ${keptShares} kept shares, its positions ${shares}`;
  }
}

/** Shares of the tokens staked to each hotkey against the positions. */
function* brokenTokenPools(view: ListableView): Generator<string> {
  const held = new Map<string, bigint>();
  for (const [id, { shares }] of records(view, tokenPositions.table)) {
    const pool = id.slice(id.indexOf('/') + 1);
    held.set(pool, (held.get(pool) ?? 0n) + shares);
  }
  // Of a subnet that ended the pool was set aside, and who claimed is out of it.
  for (const [id, { shares, claimed }] of records(view, dissolvedStakes.table))
    held.set(id, (held.get(id) ?? 0n) - (shares - claimed));
  for (const [id, { totalShares }] of records(view, tokenPools.table)) {
    const shares = held.get(id) ?? 0n;
    if (shares !== totalShares) yield `${id} has ${totalShares} shares of tokens, its positions ${shares}`;
    held.delete(id);
  }
  for (const [id, shares] of held)
    if (shares !== 0n) yield `${shares} shares of tokens in ${id}, which is no pool`;
}

/** Stake that hotkeys speak for on each subnet against the stake there is: lending neither makes nor loses any. */
function* brokenLending(view: ListableView): Generator<string> {
  const { slot } = clock.get(view);
  const own = [...hotkeys.table.ids(view)];
  for (const market of markets.table.ids(view)) {
    const netuid = Number(market);
    const lentTo = [...parents.table.ids(view, `${market}/`)].map((id) => id.split('/')[1]!);
    let [alpha, root, alphaSpoken, rootSpoken] = [0n, 0n, 0n, 0n];
    for (const id of new Set([...own, ...lentTo])) {
      const hotkey = hexToBytes(id);
      alpha += tokenPools.get(view, netuid, hotkey).totalStake;
      root += rootStakeOf(view, hotkey);
      const spoken = readSpokenStake(view, netuid, hotkey, slot);
      alphaSpoken += spoken.alphaStake;
      rootSpoken += spoken.rootStake;
    }
    if (alpha !== alphaSpoken || root !== rootSpoken)
      yield `subnet ${market} has stake of ${alpha} and ${root}, hotkeys speak for ${alphaSpoken} and ${rootSpoken}`;
  }
}

/** Tokens outside each pool against the records that hold them. */
function* brokenTokens(view: ListableView): Generator<string> {
  const held = new Map<number, bigint>();
  const add = (netuid: number, amount: bigint) => held.set(netuid, (held.get(netuid) ?? 0n) + amount);
  for (const [id, { amount }] of records(view, holdings.table)) add(Number(id.split('/')[1]), amount);
  for (const [id, { totalStake }] of records(view, tokenPools.table))
    add(Number(id.split('/')[0]), totalStake);
  for (const { netuid, amount } of pendingCell.get(view)) add(netuid, amount);
  for (const [id, waiting] of records(view, orders.table)) add(Number(id), amountOf(waiting, 'sell'));
  for (const [, { rates }] of records(view, keptRates.table))
    for (const { netuid, held: kept } of rates) add(netuid, kept);
  for (const [id, market] of records(view, markets.table)) {
    const outside = (held.get(Number(id)) ?? 0n) + market.protocolBase;
    if (outside !== market.outstanding)
      yield `subnet ${id} has ${market.outstanding} tokens outside its pool, records hold ${outside}`;
    if (tokenIssuance(market) > SUPPLY_CAP) yield `subnet ${id} issued more tokens than the cap`;
    held.delete(Number(id));
  }
  for (const [netuid, tokens] of held) {
    const ended = dissolvedSubnets.get(view, netuid);
    const owed = ended === undefined ? 0n : ended.tokens - ended.claimed;
    if (owed !== tokens) yield `dissolved subnet ${netuid} owes for ${owed} tokens, records hold ${tokens}`;
  }
}

/** Subnets against their count, their notices and the emission that waits for them. */
function* brokenSubnets(view: ListableView): Generator<string> {
  const alive = new Set([...subnets.table.ids(view)].map(Number));
  const counted = subnetsCell.get(view).alive;
  if (alive.size !== counted) yield `${alive.size} subnets exist, ${counted} are counted`;
  const notices = new Set(noticesCell.get(view).map(({ netuid }) => netuid));
  for (const netuid of [...notices, ...pendingCell.get(view).map((entry) => entry.netuid)])
    if (!alive.has(netuid)) yield `subnet ${netuid} is gone and still named`;
  for (const id of challenges.table.ids(view))
    if (!notices.has(Number(id))) yield `subnet ${id} is challenged without notice`;
}

/** Contributions of each fund against what it says it raised. */
function* brokenFunds(view: ListableView): Generator<string> {
  const given = new Map<string, { amount: bigint; count: number }>();
  for (const [id, { amount }] of records(view, contributions.table)) {
    const fund = id.split('/')[0]!;
    const before = given.get(fund) ?? { amount: 0n, count: 0 };
    given.set(fund, { amount: before.amount + amount, count: before.count + 1 });
  }
  for (const [id, { raised, contributors, netuid }] of records(view, funds.table)) {
    const { amount, count } = given.get(id) ?? { amount: 0n, count: 0 };
    if (count !== contributors) yield `fund ${id} counts ${contributors} contributors, there are ${count}`;
    if (netuid === 0 && amount !== raised) yield `fund ${id} raised ${raised}, contributions are ${amount}`;
    given.delete(id);
  }
  for (const id of given.keys()) yield `contributions to ${id}, which is no fund`;
}

/** What the records of a state do not bear out; empty when all is well. */
export function brokenInvariants(view: ListableView): string[] {
  const supply = supplyCell.get(view);
  const broken: string[] = [];
  const spendable = sum(view, accounts.table, (account) => account.spendable);
  const staked = sum(view, hotkeys.table, ({ totalStake, keptStake }) => totalStake + keptStake);
  const escrowed = escrowedInRecords(view);
  if (spendable !== supply.circulating)
    broken.push(`${supply.circulating} circulate, accounts hold ${spendable}`);
  if (staked !== supply.staked) broken.push(`${supply.staked} are staked, hotkeys hold ${staked}`);
  if (escrowed !== supply.escrowed) broken.push(`${supply.escrowed} are in escrow, records hold ${escrowed}`);
  const pooled = sum(view, markets.table, ({ quote }) => quote);
  if (supply.pooled !== pooled) broken.push(`${supply.pooled} are pooled, pools hold ${pooled}`);
  if (issuance(supply) > SUPPLY_CAP) broken.push(`${issuance(supply)} issued, more than the cap`);
  const [waiting, counted] = [[...agenda.table.ids(view)].length, agendaCell.get(view).waiting];
  if (waiting !== counted) broken.push(`${waiting} calls are scheduled, the agenda counts ${counted}`);
  return [
    ...broken,
    ...brokenPools(view),
    ...brokenTokenPools(view),
    ...brokenLending(view),
    ...brokenLocks(view, clock.get(view).slot),
    ...brokenTokens(view),
    ...brokenFunds(view),
    ...brokenVotes(view, clock.get(view).slot),
    ...brokenSubnets(view),
    ...brokenLeases(view),
    ...brokenRuns(view),
  ];
}
