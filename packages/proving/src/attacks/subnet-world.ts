import { PARAMETERS } from '@cairn/ledger';
import { buyOrder, sellOrder } from '../economy/behaviours.ts';
import { createEngine, SLOTS_PER_DAY, type StepOrder } from '../economy/engine.ts';
import { addTokens, type Holder, newHolder, tokensOf } from '../economy/population.ts';
import { createSeededRandom } from '../simulation/seeded-random.ts';

const CAIRN = 1_000_000_000n;

/** What the owner of a subnet does with it. */
export interface OwnerPlan {
  /** CAIRN with which it buys its token over the first `rampDays`. */
  readonly capital: number;
  readonly rampDays: number;
  /** CAIRN a day that it burns by paying itself through channels. */
  readonly burnPerDay: number;
  readonly washDays: number;
  /** Share of its tokens that it sells a day, until it sells all at the end. */
  readonly sellPerDay: number;
}

export const DOES_NOTHING: Omit<OwnerPlan, 'sellPerDay'> = {
  capital: 0,
  rampDays: 1,
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

const SUBNETS = 16;
const STEPS_PER_DAY = 4;
/** Days before the plan begins, in which the averages of prices settle. */
const WARM_DAYS = 60;
/** Days over which everything is sold at the end. */
const EXIT_DAYS = 5;

/**
 * One owner among others on the real emission and pools: it alone mines, validates and holds its subnet, so all that
 * the subnet earns but root's part is its own. The others sell a part of what they get and are used by people, each
 * by another amount.
 *
 * @returns CAIRN that the owner has at the end, less what it had at first
 */
export function incomeOfOwner({ seed, rule, days, plan }: SubnetWorldOptions): number {
  const random = createSeededRandom(seed);
  const reserve = PARAMETERS.subnetLockMin.initial * BigInt(1 + random.below(4));
  const engine = createEngine({
    rule: BigInt(rule),
    subnets: SUBNETS,
    slotsPerStep: SLOTS_PER_DAY / STEPS_PER_DAY,
    issued: PARAMETERS.fullPriceIssuance.initial,
    poolReserve: reserve,
  });
  const rootStake = PARAMETERS.fullPriceIssuance.initial / 2n;
  const owner = newHolder(BigInt(Math.round(plan.capital + plan.burnPerDay * plan.washDays)) * CAIRN);
  const before = owner.cairn;
  const others = Array.from({ length: SUBNETS - 1 }, () => ({
    holder: newHolder(),
    sells: 5 + random.below(40),
    burns: BigInt(random.below(40)) * CAIRN,
    buys: BigInt(random.below(60)) * CAIRN,
  }));
  for (let step = -WARM_DAYS * STEPS_PER_DAY; step < days * STEPS_PER_DAY; step += 1) {
    const day = step / STEPS_PER_DAY;
    const isLeaving = day >= days - EXIT_DAYS;
    const orders: StepOrder[] = [];
    const root: Holder = newHolder();
    for (const { netuid, owner: cut, miners, stakers, root: forRoot } of engine.accrue(rootStake)) {
      const holder = netuid === 1 ? owner : others[netuid - 2]!.holder;
      addTokens(holder, netuid, cut + miners + stakers);
      addTokens(root, netuid, forRoot);
      if (forRoot > 0n) orders.push(sellOrder(root, netuid, forRoot));
    }
    for (const [index, { holder, sells, burns, buys }] of others.entries()) {
      const netuid = index + 2;
      const sold = (tokensOf(holder, netuid) * BigInt(sells)) / BigInt(100 * STEPS_PER_DAY);
      if (sold > 0n) orders.push(sellOrder(holder, netuid, sold));
      const bought = (buys * BigInt(50 + random.below(100))) / BigInt(100 * STEPS_PER_DAY);
      if (bought > 0n) orders.push(buyOrder(newHolder(bought), netuid, bought));
      engine.burn(netuid, burns / BigInt(STEPS_PER_DAY));
    }
    orders.push(...ordersOfOwner(owner, plan, { day, isLeaving, left: days * STEPS_PER_DAY - step }));
    engine.trade(orders);
    if (day >= 0 && day < plan.washDays && plan.burnPerDay > 0) {
      const burned = BigInt(Math.round((plan.burnPerDay * Number(CAIRN)) / STEPS_PER_DAY));
      owner.cairn -= burned;
      engine.burn(1, burned);
    }
  }
  return Number(owner.cairn - before) / Number(CAIRN);
}

function ordersOfOwner(
  owner: Holder,
  { capital, rampDays, sellPerDay }: OwnerPlan,
  { day, isLeaving, left }: { readonly day: number; readonly isLeaving: boolean; readonly left: number },
): StepOrder[] {
  const held = tokensOf(owner, 1);
  if (isLeaving) return held > 0n ? [sellOrder(owner, 1, held / BigInt(Math.max(1, left)))] : [];
  const orders: StepOrder[] = [];
  const sold = (held * BigInt(Math.round(sellPerDay * 1_000))) / BigInt(1_000 * STEPS_PER_DAY);
  if (sold > 0n) orders.push(sellOrder(owner, 1, sold));
  if (day >= 0 && day < rampDays && capital > 0) {
    const bought = BigInt(Math.round((capital * Number(CAIRN)) / (rampDays * STEPS_PER_DAY)));
    if (bought > 0n) orders.push(buyOrder(owner, 1, bought));
  }
  return orders;
}
