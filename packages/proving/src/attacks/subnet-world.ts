import { PARAMETERS } from '@cairn/ledger';
import { buyOrder, priceOf, sellOrder } from '../economy/behaviours.ts';
import {
  createEngine,
  type Engine,
  SLOTS_PER_DAY,
  type StepEarning,
  type StepOrder,
} from '../economy/engine.ts';
import { addTokens, type Holder, newHolder, tokensOf } from '../economy/population.ts';
import { createSeededRandom, type SeededRandom } from '../simulation/seeded-random.ts';

/** What the owner of a subnet does with it and with its capital. */
export interface OwnerPlan {
  /** Its capital, as a part of the CAIRN in all pools when it begins. */
  readonly capital: number;
  /** What it buys with that: its own token, the tokens of the others in proportion to their pools, or nothing. */
  readonly buys: 'own' | 'others' | 'nothing';
  /** Days over which it buys. */
  readonly rampDays: number;
  /** Share of the tokens of its own subnet that it sells a day, until it sells everything at the end. */
  readonly sellPerDay: number;
  /** Days over which it sells everything at the end. */
  readonly exitDays: number;
  /** Whether its miners do the work of a subnet that people use, with the cost of that. */
  readonly isWorking: boolean;
  /** CAIRN a day that it burns by paying itself through channels. */
  readonly burnPerDay: number;
  readonly washDays: number;
}

/** It earns what its subnet is given, and sells. */
export const DOES_NOTHING: OwnerPlan = {
  capital: 0,
  buys: 'nothing',
  rampDays: 1,
  sellPerDay: 0.1,
  exitDays: 5,
  isWorking: false,
  burnPerDay: 0,
  washDays: 0,
};

export interface SubnetWorldOptions {
  readonly seed: number;
  /** Version of the share rule. */
  readonly rule: number;
  readonly days: number;
  readonly plan: OwnerPlan;
}

/** Amounts in CAIRN. */
export interface OwnerResult {
  /** What the owner has at the end, less what it had at first. What its miners cost is not taken off. */
  readonly income: number;
  readonly capital: number;
  /** What the work of its miners cost. */
  readonly hardware: number;
}

const CAIRN = 1_000_000_000n;
const SUBNETS = 16;
const OWN = 1;
const STEPS_PER_DAY = 2;
/** Days before the plan begins, in which the averages of prices settle. */
const WARM_DAYS = 60;
const ROOT_STAKE = PARAMETERS.fullPriceIssuance.initial / 2n;
/** Of what a claim pays its miners, in per cent, what the work costs them. */
const COST_OF_PAID_WORK = 90n;

const inCairn = (pebbles: bigint): number => Number(pebbles) / Number(CAIRN);
const perStep = (daily: bigint): bigint => daily / BigInt(STEPS_PER_DAY);

/** The people of a used subnet, as one. What they hold is staked. */
interface People {
  readonly netuid: number;
  readonly holder: Holder;
  /** Of the pay of miners and owner, in per cent, what is sold at once. */
  readonly minersSell: bigint;
  readonly ownerSells: bigint;
  /** Of what is staked, in ten-thousandths a day. */
  readonly stakersSell: bigint;
  /** Pebbles a day: paid for work, and for the token by those who want to hold it. */
  readonly work: bigint;
  readonly buys: bigint;
}

interface World {
  readonly engine: Engine;
  readonly people: readonly People[];
  /** What people who are not its owner hold of the owner's token, and would do there. */
  readonly visitors: People;
  readonly owner: Holder;
}

const warmWorlds = new Map<string, World>();
/** Warm worlds that are kept: those of one search and one verdict. */
const MOST_WARM = 64;

/** The network on the day on which the plans part: the same for all plans of a seed and rule. */
function warmWorld(seed: number, rule: number): World {
  const key = `${seed} ${rule}`;
  const known = warmWorlds.get(key);
  if (known !== undefined) return copyOf(known);
  const random = createSeededRandom(seed);
  const engine = createEngine({
    rule: BigInt(rule),
    subnets: SUBNETS,
    slotsPerStep: SLOTS_PER_DAY / STEPS_PER_DAY,
    issued: PARAMETERS.fullPriceIssuance.initial,
    poolReserve: PARAMETERS.subnetLockMin.initial * BigInt(1 + random.below(4)),
  });
  const people = Array.from({ length: SUBNETS - 1 }, (_, index) => somePeople(random, OWN + 1 + index));
  const middle = (of: (some: People) => bigint): bigint =>
    people.map(of).toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0))[people.length >> 1]!;
  const visitors: People = {
    netuid: OWN,
    holder: newHolder(),
    minersSell: middle(({ minersSell }) => minersSell),
    ownerSells: 0n,
    stakersSell: middle(({ stakersSell }) => stakersSell),
    work: middle(({ work }) => work),
    buys: middle(({ buys }) => buys),
  };
  const world: World = { engine, people, visitors, owner: newHolder() };
  for (let step = -WARM_DAYS * STEPS_PER_DAY; step < 0; step += 1) {
    playStep(world, random, {
      plan: DOES_NOTHING,
      capital: 0n,
      day: step / STEPS_PER_DAY,
      stepsLeft: Number.POSITIVE_INFINITY,
    });
  }
  if (warmWorlds.size >= MOST_WARM) warmWorlds.clear();
  warmWorlds.set(key, copyOf(world));
  return world;
}

function somePeople(random: SeededRandom, netuid: number): People {
  return {
    netuid,
    holder: newHolder(),
    minersSell: BigInt(50 + random.below(50)),
    ownerSells: BigInt(20 + random.below(60)),
    stakersSell: BigInt(random.below(200)),
    work: BigInt(random.below(2_000)) * CAIRN,
    buys: BigInt(random.below(60)) * CAIRN,
  };
}

function copyOf({ engine, people, visitors, owner }: World): World {
  const copyHolder = ({ cairn, root, tokens }: Holder): Holder => ({ cairn, root, tokens: new Map(tokens) });
  const copyPeople = (some: People): People => ({ ...some, holder: copyHolder(some.holder) });
  return {
    engine: engine.fork(),
    people: people.map(copyPeople),
    visitors: copyPeople(visitors),
    owner: copyHolder(owner),
  };
}

interface Moment {
  readonly plan: OwnerPlan;
  /** Pebbles. */
  readonly capital: bigint;
  /** Days since the plan began. */
  readonly day: number;
  readonly stepsLeft: number;
}

/**
 * One owner among others on the real emission and pools. It mines and validates on its subnet alone; what it holds of
 * any token is staked and shares with the others who stake it. The others sell a part of what they get, hold the
 * rest, and are used by people, each by another amount.
 */
export function playOwner({ seed, rule, days, plan }: SubnetWorldOptions): OwnerResult {
  const world = warmWorld(seed, rule);
  const { engine, owner } = world;
  const random = createSeededRandom(seed + 0x1_0000);
  const pooled = engine.netuids.reduce((sum, netuid) => sum + engine.market(netuid).quote, 0n);
  const capital = (pooled * BigInt(Math.round(plan.capital * 1e9))) / 1_000_000_000n;
  owner.cairn = capital + BigInt(Math.round(plan.burnPerDay * plan.washDays)) * CAIRN;
  const before = owner.cairn;
  let hardware = 0;
  const steps = days * STEPS_PER_DAY;
  for (let step = 0; step < steps; step += 1) {
    const moment = { plan, capital, day: step / STEPS_PER_DAY, stepsLeft: steps - step };
    hardware += playStep(world, random, moment);
  }
  return { income: inCairn(owner.cairn - before), capital: inCairn(capital), hardware };
}

/** @returns what the work of the owner's miners cost in it, in CAIRN */
function playStep(world: World, random: SeededRandom, moment: Moment): number {
  const { engine, people, visitors, owner } = world;
  const { plan, day } = moment;
  const orders: StepOrder[] = [];
  const isOwnerOf = ({ netuid }: StepEarning) => netuid === OWN;
  let minersPay = 0n;
  for (const earning of engine.accrue(ROOT_STAKE)) {
    const root = newHolder();
    addTokens(root, earning.netuid, earning.root);
    if (earning.root > 0n) orders.push(sellOrder(root, earning.netuid, earning.root));
    const there = isOwnerOf(earning) ? visitors : people[earning.netuid - OWN - 1]!;
    payStakers(earning, there.holder, owner);
    if (isOwnerOf(earning)) {
      addTokens(owner, OWN, earning.owner + earning.miners);
      minersPay = earning.miners;
    } else orders.push(...ordersOfEarners(there, earning));
  }
  for (const some of people) orders.push(...usedByPeople(world.engine, some, random));
  let hardware = 0;
  if (plan.isWorking && day >= 0) {
    orders.push(...usedByPeople(engine, visitors, random, owner));
    const sold = (minersPay * visitors.minersSell) / 100n;
    hardware = inCairn(costOfPaidWork(visitors)) + inCairn(sold) * priceOf(engine, OWN);
  }
  orders.push(...ordersOfOwner(world, moment));
  engine.trade(orders);
  if (day >= 0 && day < plan.washDays && plan.burnPerDay > 0) {
    const burned = BigInt(Math.round((plan.burnPerDay * Number(CAIRN)) / STEPS_PER_DAY));
    owner.cairn -= burned;
    engine.burn(OWN, burned);
  }
  return hardware;
}

/** Stakers' part by what each holds; the owner's own where nobody holds any. */
function payStakers({ netuid, stakers }: StepEarning, others: Holder, owner: Holder): void {
  const mine = tokensOf(owner, netuid);
  const all = mine + tokensOf(others, netuid);
  const ours = all === 0n ? 0n : (stakers * mine) / all;
  const isOwn = netuid === OWN;
  addTokens(owner, netuid, all === 0n && isOwn ? stakers : ours);
  addTokens(others, netuid, all === 0n && isOwn ? 0n : stakers - ours);
}

function ordersOfEarners(
  { netuid, holder, minersSell, ownerSells, stakersSell }: People,
  earning: StepEarning,
) {
  const staked = tokensOf(holder, netuid);
  addTokens(holder, netuid, earning.miners + earning.owner);
  const sold =
    (earning.miners * minersSell) / 100n +
    (earning.owner * ownerSells) / 100n +
    perStep((staked * stakersSell) / 10_000n);
  return sold > 0n ? [sellOrder(holder, netuid, sold)] : [];
}

const burnOf = (work: bigint): bigint => (work * PARAMETERS.channelBurnBps.initial) / 10_000n;

function costOfPaidWork({ work }: People): bigint {
  const paid = perStep(work);
  return ((paid - burnOf(paid)) * COST_OF_PAID_WORK) / 100n;
}

/** People pay for the work of a subnet and buy its token. @param paid who does the work, when it counts */
function usedByPeople(engine: Engine, some: People, random: SeededRandom, paid?: Holder): StepOrder[] {
  const { netuid, holder, work, buys, stakersSell } = some;
  const price = perStep(work);
  engine.burn(netuid, burnOf(price));
  const orders: StepOrder[] = [];
  if (paid !== undefined) {
    paid.cairn += price - burnOf(price);
    const sold = perStep((tokensOf(holder, netuid) * stakersSell) / 10_000n);
    if (sold > 0n) orders.push(sellOrder(holder, netuid, sold));
  }
  const bought = perStep((buys * BigInt(50 + random.below(100))) / 100n);
  holder.cairn += bought;
  if (bought > 0n) orders.push(buyOrder(holder, netuid, bought));
  return orders;
}

function ordersOfOwner({ engine, owner }: World, { plan, capital, day, stepsLeft }: Moment): StepOrder[] {
  const { buys, rampDays, sellPerDay, exitDays } = plan;
  if (stepsLeft <= exitDays * STEPS_PER_DAY) {
    return [...owner.tokens]
      .filter(([, held]) => held > 0n)
      .map(([netuid, held]) => sellOrder(owner, netuid, held / BigInt(stepsLeft)));
  }
  const orders: StepOrder[] = [];
  const sold =
    (tokensOf(owner, OWN) * BigInt(Math.round(sellPerDay * 1_000))) / BigInt(1_000 * STEPS_PER_DAY);
  if (sold > 0n) orders.push(sellOrder(owner, OWN, sold));
  if (day < 0 || day >= rampDays || buys === 'nothing') return orders;
  const spent = capital / BigInt(rampDays * STEPS_PER_DAY);
  const pools = engine.netuids
    .filter((netuid) => (netuid === OWN) === (buys === 'own'))
    .map((netuid) => ({ netuid, quote: engine.market(netuid).quote }));
  const pooled = pools.reduce((sum, { quote }) => sum + quote, 0n);
  for (const { netuid, quote } of pools) {
    const amount = pooled === 0n ? 0n : (spent * quote) / pooled;
    if (amount > 0n) orders.push(buyOrder(owner, netuid, amount));
  }
  return orders;
}
