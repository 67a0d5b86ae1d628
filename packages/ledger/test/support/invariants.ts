import { bytesToHex, hexToBytes, SUPPLY_CAP } from '@cairn/core';
import { accountKeys, keyChanges, recoveries } from '../../src/accounts/keys/state.ts';
import { pendingCell } from '../../src/emission/state.ts';
import {
  accounts,
  agenda,
  agendaCell,
  aliases,
  announcements,
  autoStakes,
  bids,
  type Channel,
  calibrations,
  cases,
  challenges,
  channels,
  clock,
  computeOrders,
  contributions,
  datasets,
  departures,
  deployments,
  dissolvedStakes,
  dissolvedSubnets,
  dueCell,
  evaluations,
  funds,
  holdings,
  hotkeys,
  issuance,
  keptPositions,
  keptRates,
  leases,
  legsCell,
  lendings,
  markets,
  models,
  multisigProposals,
  neurons,
  noticesCell,
  offers,
  orders,
  parents,
  positions,
  providers,
  proxies,
  readSpokenStake,
  rootStakeOf,
  rosterCell,
  sealedOrders,
  sealedWeights,
  soldArtifacts,
  subKeys,
  subnets,
  subnetsCell,
  tokenIssuance,
  tokenLocks,
  tokenPools,
  tokenPositions,
} from '../../src/index.ts';
import { scheduleCell } from '../../src/yuma/state.ts';
import type { TestChain } from './chain.ts';
import { brokenVotes, governanceDeposits, governanceMoney } from './governance-invariants.ts';
import { brokenLocks } from './lock-invariants.ts';
import { trainingDeposits, trainingMoney } from './training-invariants.ts';

/** Sums every record that holds money, so that a movement past the flow table shows. */
function moneyInRecords({ view, store }: TestChain) {
  const under = (prefix: string) => [...store.keys()].filter((key) => key.startsWith(prefix));
  const ids = (prefix: string) => under(prefix).map((key) => key.slice(prefix.length));
  let spendable = 0n;
  let deposits = 0n;
  let staked = 0n;
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
  const keptShares = new Map<string, bigint>();
  for (const id of ids(keptPositions.table.prefix)) {
    const position = keptPositions.table.get(view, id)!;
    const [coldkey, hotkey] = id.split('/') as [string, string];
    hold(coldkey, position.deposit);
    keptShares.set(hotkey, (keptShares.get(hotkey) ?? 0n) + position.shares);
  }
  const pools: { hotkey: string; totalShares: bigint; held: bigint }[] = [];
  for (const id of ids(hotkeys.table.prefix)) {
    const record = hotkeys.table.get(view, id)!;
    hold(bytesToHex(record.owner), record.deposit);
    staked += record.totalStake + record.keptStake;
    pools.push({ hotkey: id, totalShares: record.totalShares, held: shares.get(id) ?? 0n });
    pools.push({ hotkey: `${id} (kept)`, totalShares: record.keptShares, held: keptShares.get(id) ?? 0n });
  }
  for (const id of ids(subnets.table.prefix)) {
    const subnet = subnets.table.get(view, id)!;
    hold(bytesToHex(subnet.owner), subnet.deposit);
  }
  let inChallenges = 0n;
  for (const id of ids(challenges.table.prefix)) {
    const { challenger, amount, deposit } = challenges.table.get(view, id)!;
    hold(bytesToHex(challenger), deposit);
    inChallenges += amount;
  }
  let forHolders = 0n;
  for (const id of ids(dissolvedSubnets.table.prefix)) {
    const { owner, deposit, pot, assigned } = dissolvedSubnets.table.get(view, id)!;
    hold(bytesToHex(owner), deposit);
    forHolders += pot - assigned;
  }
  for (const id of ids(dissolvedStakes.table.prefix)) {
    const { pot, paid } = dissolvedStakes.table.get(view, id)!;
    forHolders += pot - paid;
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
  for (const id of ids(aliases.prefix)) {
    const { owner, recordDeposit } = aliases.get(view, id)!;
    hold(bytesToHex(owner), recordDeposit);
  }
  for (const id of ids(evaluations.prefix)) {
    const { validator, recordDeposit } = evaluations.get(view, id)!;
    hold(bytesToHex(validator), recordDeposit);
  }
  for (const id of ids(soldArtifacts.prefix)) {
    const { owner, recordDeposit } = soldArtifacts.get(view, id)!;
    hold(bytesToHex(owner), recordDeposit);
  }
  for (const id of ids(datasets.prefix)) {
    const { owner, recordDeposit } = datasets.get(view, id)!;
    hold(bytesToHex(owner), recordDeposit);
  }
  let inLeases = 0n;
  let running = 0;
  const references = new Map<string, number>();
  const refer = (deployment: Uint8Array) =>
    references.set(bytesToHex(deployment), (references.get(bytesToHex(deployment)) ?? 0) + 1);
  for (const id of ids(computeOrders.prefix)) {
    const { tenant, deployment, recordDeposit } = computeOrders.get(view, id)!;
    hold(bytesToHex(tenant), recordDeposit);
    refer(deployment);
  }
  for (const id of ids(bids.prefix)) {
    const { provider, terms, recordDeposit } = bids.get(view, id)!;
    hold(bytesToHex(provider), recordDeposit);
    inLeases += terms.bond;
  }
  for (const id of ids(leases.prefix)) {
    const {
      tenant,
      provider,
      deployment,
      terms,
      funds: left,
      tenantDeposit,
      providerDeposit,
    } = leases.get(view, id)!;
    hold(bytesToHex(tenant), tenantDeposit);
    hold(bytesToHex(provider), providerDeposit);
    refer(deployment);
    inLeases += terms.bond + left;
    running += 1;
  }
  if (running !== dueCell.get(view).running) throw new Error(`The index counts not ${running} leases.`);
  for (const id of ids(deployments.prefix)) {
    const deployment = deployments.get(view, id)!;
    hold(bytesToHex(deployment.owner), deployment.recordDeposit);
    if (deployment.references !== (references.get(id) ?? 0))
      throw new Error(`References of ${id} are wrong.`);
  }
  for (const id of ids(providers.prefix)) hold(id, providers.get(view, id)!.recordDeposit);
  for (const id of ids(cases.prefix)) {
    const { accuser, deposit } = cases.get(view, id)!;
    hold(bytesToHex(accuser), deposit);
  }
  for (const id of ids(calibrations.table.prefix)) {
    const { owner, deposit } = calibrations.table.get(view, id)!;
    hold(bytesToHex(owner), deposit);
  }
  for (const id of ids(multisigProposals.table.prefix)) {
    const { approvals, deposit } = multisigProposals.table.get(view, id)!;
    hold(bytesToHex(approvals[0]!), deposit);
  }
  for (const id of ids(proxies.table.prefix))
    for (const { deposit } of proxies.table.get(view, id)!.proxies) hold(id, deposit);
  for (const id of ids(sealedWeights.table.prefix)) {
    const { hotkey, deposit } = sealedWeights.table.get(view, id)!;
    hold(bytesToHex(hotkey), deposit);
  }
  for (const id of ids(announcements.table.prefix))
    for (const { deposit } of announcements.table.get(view, id)!.calls) hold(id.split('/')[1]!, deposit);
  let prepaid = 0n;
  let waiting = 0;
  for (const id of ids(agenda.table.prefix)) {
    const call = agenda.table.get(view, id)!;
    hold(bytesToHex(call.owner), call.deposit);
    prepaid += call.prepaid;
    waiting += 1;
  }
  if (waiting !== agendaCell.get(view).waiting) throw new Error(`The agenda counts not ${waiting} calls.`);
  for (const { origin, account, deposit } of rosterCell.get(view).validators)
    if (origin === 'stake') hold(bytesToHex(account), deposit);
  for (const [owner, deposit] of governanceDeposits(view)) hold(owner, deposit);
  for (const [owner, deposit] of trainingDeposits(view)) hold(owner, deposit);
  for (const id of ids(accountKeys.table.prefix)) {
    const { payer, deposit } = accountKeys.table.get(view, id)!;
    hold(bytesToHex(payer), deposit);
  }
  for (const id of ids(keyChanges.table.prefix)) {
    const { payer, deposit } = keyChanges.table.get(view, id)!;
    hold(bytesToHex(payer), deposit);
  }
  for (const id of ids(recoveries.table.prefix)) hold(id, recoveries.table.get(view, id)!.deposit);
  for (const id of ids(subKeys.table.prefix)) hold(id.split('/')[0]!, subKeys.table.get(view, id)!.deposit);
  let unbonding = 0n;
  for (const id of ids(departures.table.prefix))
    for (const { to, amount, deposit } of departures.table.get(view, id)!.entries) {
      hold(id, deposit);
      if (to === null) unbonding += amount;
    }
  for (const id of ids(lendings.table.prefix)) {
    const { payer, deposit } = lendings.table.get(view, id)!;
    hold(bytesToHex(payer), deposit);
  }
  for (const id of ids(autoStakes.table.prefix))
    hold(id.split('/')[0]!, autoStakes.table.get(view, id)!.deposit);
  let inFunds = 0n;
  for (const id of ids(funds.table.prefix)) {
    const { creator, deposit, raised, netuid, surplus } = funds.table.get(view, id)!;
    hold(bytesToHex(creator), deposit);
    inFunds += netuid === 0 ? raised : surplus;
  }
  for (const id of ids(contributions.table.prefix)) {
    hold(id.split('/')[1]!, contributions.table.get(view, id)!.deposit);
  }
  for (const id of ids(holdings.table.prefix)) {
    const { deposit } = holdings.table.get(view, id)!;
    if (deposit > 0n) hold(id.split('/')[0]!, deposit);
  }
  for (const id of ids(tokenPositions.table.prefix))
    hold(id.split('/')[0]!, tokenPositions.table.get(view, id)!.deposit);
  for (const id of ids(tokenLocks.table.prefix))
    hold(id.split('/')[0]!, tokenLocks.table.get(view, id)!.deposit);
  const legs = legsCell.get(view).reduce((sum, { amountIn }) => sum + amountIn, 0n);
  let bonds = 0n;
  for (const { owner, bond, deposit } of [
    ...sealedOrders.opening(view).sealed,
    ...sealedOrders.waiting(view),
  ]) {
    hold(bytesToHex(owner), deposit);
    bonds += bond;
  }
  let inOrders = 0n;
  for (const id of ids(orders.table.prefix))
    for (const { side, amountIn } of orders.table.get(view, id)!) if (side === 'buy') inOrders += amountIn;
  let pooled = 0n;
  for (const id of ids(markets.table.prefix)) pooled += markets.table.get(view, id)!.quote;
  return {
    spendable,
    staked,
    pooled,
    escrowed:
      deposits +
      prepaid +
      inChannels +
      inLeases +
      inFunds +
      legs +
      bonds +
      inOrders +
      inChallenges +
      forHolders +
      unbonding +
      governanceMoney(view) +
      trainingMoney(view),
    pools,
    owned,
    counted,
  };
}

/** Tokens of each subnet that are outside its pool, added up from the records that hold them. */
function tokensInRecords({ view, store }: TestChain): Map<number, bigint> {
  const sums = new Map<number, bigint>();
  const add = (netuid: number, amount: bigint) => sums.set(netuid, (sums.get(netuid) ?? 0n) + amount);
  const ids = (prefix: string) =>
    [...store.keys()].filter((key) => key.startsWith(prefix)).map((key) => key.slice(prefix.length));
  for (const id of ids(holdings.table.prefix))
    add(Number(id.split('/')[1]), holdings.table.get(view, id)!.amount);
  for (const id of ids(tokenPools.table.prefix))
    add(Number(id.split('/')[0]), tokenPools.table.get(view, id)!.totalStake);
  for (const { netuid, amount } of pendingCell.get(view)) add(netuid, amount);
  for (const id of ids(orders.table.prefix))
    for (const { side, amountIn } of orders.table.get(view, id)!)
      if (side === 'sell') add(Number(id), amountIn);
  for (const id of ids(keptRates.table.prefix))
    for (const { netuid, held } of keptRates.table.get(view, id)!.rates) add(netuid, held);
  for (const id of ids(markets.table.prefix)) add(Number(id), markets.table.get(view, id)!.protocolBase);
  return sums;
}

/** Shares of each pool of staked tokens against its positions. */
function* brokenTokenPools({ view, store }: TestChain): Generator<string> {
  const ids = (prefix: string) =>
    [...store.keys()].filter((key) => key.startsWith(prefix)).map((key) => key.slice(prefix.length));
  const held = new Map<string, bigint>();
  for (const id of ids(tokenPositions.table.prefix)) {
    const pool = id.slice(id.indexOf('/') + 1);
    held.set(pool, (held.get(pool) ?? 0n) + tokenPositions.table.get(view, id)!.shares);
  }
  for (const id of new Set([...held.keys(), ...ids(tokenPools.table.prefix)])) {
    // Of a subnet that ended the pool was set aside, and who claimed is out of it.
    const ended = dissolvedStakes.table.get(view, id);
    const open = ended === undefined ? 0n : ended.shares - ended.claimed;
    const says = (tokenPools.table.get(view, id)?.totalShares ?? 0n) + open;
    const has = held.get(id) ?? 0n;
    if (says !== has) yield `shares of ${id}: ${says} ≠ ${has}`;
  }
}

/** Stake that hotkeys speak for on each subnet against the stake there is: lending neither makes nor loses any. */
function* brokenLending({ view, store }: TestChain): Generator<string> {
  const under = (prefix: string) =>
    [...store.keys()].filter((key) => key.startsWith(prefix)).map((key) => key.slice(prefix.length));
  const { slot } = clock.get(view);
  const owned = under(hotkeys.table.prefix);
  for (const market of under(markets.table.prefix)) {
    const netuid = Number(market);
    const lentTo = under(parents.table.prefix)
      .filter((id) => Number(id.split('/')[0]) === netuid)
      .map((id) => id.split('/')[1]!);
    let [alpha, root, alphaSpoken, rootSpoken] = [0n, 0n, 0n, 0n];
    for (const id of new Set([...owned, ...lentTo])) {
      const hotkey = hexToBytes(id);
      alpha += tokenPools.get(view, netuid, hotkey).totalStake;
      root += rootStakeOf(view, hotkey);
      const spoken = readSpokenStake(view, netuid, hotkey, slot);
      alphaSpoken += spoken.alphaStake;
      rootSpoken += spoken.rootStake;
    }
    if (alpha !== alphaSpoken || root !== rootSpoken)
      yield `stake of ${netuid}: ${alpha} and ${root}, spoken for ${alphaSpoken} and ${rootSpoken}`;
  }
}

function* brokenTokens(chain: TestChain): Generator<string> {
  const { view, store } = chain;
  const sums = tokensInRecords(chain);
  for (const key of store.keys()) {
    if (!key.startsWith(markets.table.prefix)) continue;
    const netuid = Number(key.slice(markets.table.prefix.length));
    const market = markets.get(view, netuid)!;
    const held = sums.get(netuid) ?? 0n;
    if (market.outstanding !== held) yield `tokens of ${netuid}: ${market.outstanding} ≠ ${held}`;
    if (tokenIssuance(market) > SUPPLY_CAP) yield `tokens of ${netuid} above the cap`;
  }
}

/** Tokens of dissolved subnets against the records that wait for their claim, and what each still refers to. */
function* brokenEnds(chain: TestChain): Generator<string> {
  const { view, store } = chain;
  const sums = tokensInRecords(chain);
  const ids = (prefix: string) =>
    [...store.keys()].filter((key) => key.startsWith(prefix)).map((key) => key.slice(prefix.length));
  for (const [netuid, held] of sums) {
    if (subnets.get(view, netuid) !== undefined) continue;
    const ended = dissolvedSubnets.get(view, netuid);
    const owed = ended === undefined ? 0n : ended.tokens - ended.claimed;
    if (owed !== held) yield `dissolved subnet ${netuid} owes ${owed} tokens, records hold ${held}`;
  }
  const neuronsLeft = new Map<number, number>();
  for (const id of ids(neurons.table.prefix)) {
    const netuid = Number(id.split('/')[0]);
    neuronsLeft.set(netuid, (neuronsLeft.get(netuid) ?? 0) + 1);
  }
  for (const [netuid, count] of neuronsLeft) {
    const says = subnets.get(view, netuid)?.neuronCount ?? dissolvedSubnets.get(view, netuid)?.neurons ?? 0;
    if (says !== count) yield `subnet ${netuid} counts ${says} neurons, there are ${count}`;
  }
  const alive = ids(subnets.table.prefix).map(Number);
  if (alive.length !== subnetsCell.get(view).alive) yield `${alive.length} subnets are not what is counted`;
  const named = [...noticesCell.get(view), ...pendingCell.get(view), ...scheduleCell.get(view)];
  for (const { netuid } of named)
    if (!alive.includes(netuid)) yield `subnet ${netuid} is dissolved and still listed`;
  for (const id of ids(challenges.table.prefix))
    if (!noticesCell.get(view).some(({ netuid }) => netuid === Number(id)))
      yield `subnet ${id} is challenged without notice`;
}

/** What must hold after every block; empty when it does. */
export function brokenInvariants(chain: TestChain): string[] {
  const { spendable, staked, pooled, escrowed, pools, owned, counted } = moneyInRecords(chain);
  const supply = chain.supply();
  const broken: string[] = [
    ...brokenTokens(chain),
    ...brokenEnds(chain),
    ...brokenTokenPools(chain),
    ...brokenLending(chain),
    ...brokenLocks(chain.view, clock.get(chain.view).slot),
  ];
  if (pooled !== supply.pooled) broken.push(`pooled ${supply.pooled} ≠ ${pooled}`);
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
