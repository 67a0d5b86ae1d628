import { PRICE_ONE, poolPrice } from '@cairn/ledger';
import type { SeededRandom } from '../simulation/seeded-random.ts';
import type { Engine, StepEarning, StepOrder } from './engine.ts';
import {
  addTokens,
  type Holder,
  type Population,
  type SimulatedSubnet,
  type Trader,
  tokensOf,
} from './population.ts';

/** What people know when they act. */
export interface Scene {
  readonly engine: Engine;
  readonly population: Population;
  readonly random: SeededRandom;
  readonly day: number;
  readonly stepsPerDay: number;
  /** Pebbles that claims burn, in basis points. */
  readonly burnBps: bigint;
  /** By subnet: pebbles of emission and of paid work of the last step, price as it was a week ago. */
  readonly lastEmission: ReadonlyMap<number, bigint>;
  readonly lastUse: ReadonlyMap<number, bigint>;
  /** By subnet: what settled usage earned it in this step, and what its owner burned for that in the last. */
  readonly usage: ReadonlyMap<number, bigint>;
  readonly washed: Map<number, bigint>;
  readonly oldPrice: ReadonlyMap<number, number>;
}

export function priceOf(engine: Engine, netuid: number): number {
  return Number((poolPrice(engine.market(netuid)) * 1_000_000n) / PRICE_ONE) / 1_000_000;
}

export function buyOrder(holder: Holder, netuid: number, amount: bigint): StepOrder {
  holder.cairn -= amount;
  return {
    netuid,
    side: 'buy',
    amountIn: amount,
    settle(fill) {
      holder.cairn += fill.returned;
      addTokens(holder, netuid, fill.amountOut);
    },
  };
}

/** @param paid gets the proceeds; @default the seller */
export function sellOrder(
  holder: Holder,
  netuid: number,
  amount: bigint,
  paid: (pebbles: bigint) => void = (pebbles) => {
    holder.cairn += pebbles;
  },
): StepOrder {
  addTokens(holder, netuid, -amount);
  return {
    netuid,
    side: 'sell',
    amountIn: amount,
    settle(fill) {
      addTokens(holder, netuid, fill.returned);
      paid(fill.amountOut);
    },
  };
}

const percent = (amount: bigint, share: number): bigint => (amount * BigInt(share)) / 100n;

/**
 * People pay for the work of used subnets, along a logistic curve, as far as their money goes. Owners of washed ones
 * pay themselves so much that the burn equals the emission of the last step; when that brought less than nine tenths of
 * what it burned they stop, and try again after thirty days. All claims burn their share; the rest is
 * the miners', who sell nine tenths of it back to the public for their costs.
 *
 * @returns pebbles paid by subnet
 */
export function payForWork(scene: Scene): Map<number, bigint> {
  const { engine, population, day, stepsPerDay, burnBps, lastEmission } = scene;
  const paid = new Map<number, bigint>();
  const payers = population.public;
  for (const subnet of population.subnets) {
    const { netuid, kind, owner } = subnet;
    if (kind === 'used') {
      const grown = 1 / (1 + Math.exp(-(day - subnet.grownAfterDays) / 20));
      const wanted = (subnet.demand * BigInt(Math.round(grown * 10_000))) / BigInt(10_000 * stepsPerDay);
      const amount = wanted < payers.cairn ? wanted : payers.cairn;
      payers.cairn -= amount;
      const burned = (amount * burnBps) / 10_000n;
      engine.burn(netuid, burned);
      payMiners(subnet, amount - burned, payers);
      paid.set(netuid, amount);
    } else if (kind === 'washed') {
      const burned = isWashing(scene, netuid)
        ? washOf(owner.cairn, lastEmission.get(netuid) ?? 0n, burnBps)
        : 0n;
      owner.cairn -= burned;
      engine.burn(netuid, burned);
      scene.washed.set(netuid, burned);
    }
  }
  return paid;
}

function isWashing({ day, usage, washed }: Scene, netuid: number): boolean {
  if (day % 30 === 1) return true;
  const burned = washed.get(netuid) ?? 0n;
  return burned > 0n && 10n * (usage.get(netuid) ?? 0n) >= 9n * burned;
}

/** What an owner burns who pays itself all it has, at most what its emission was. */
function washOf(owned: bigint, emission: bigint, burnBps: bigint): bigint {
  const most = (owned * burnBps) / 10_000n;
  return emission < most ? emission : most;
}

function payMiners({ miners }: SimulatedSubnet, amount: bigint, payers: Holder): void {
  const each = amount / BigInt(miners.length);
  const sold = percent(each, 90);
  for (const miner of miners) miner.cairn += each - sold;
  payers.cairn += amount - (each - sold) * BigInt(miners.length);
}

/** Tokens go to owners and miners by the split of the ledger, to stakers by root stake; root's own are sold. */
export function payOut({ engine, population }: Scene, earned: readonly StepEarning[]): StepOrder[] {
  const orders: StepOrder[] = [];
  const { stakers, subnets } = population;
  const rootStake = stakers.reduce((sum, { root }) => sum + root, 0n);
  const purse: Holder = { cairn: 0n, root: 0n, tokens: new Map() };
  for (const [index, earning] of earned.entries()) {
    const { netuid } = earning;
    const { owner, miners } = subnets[index]!;
    addTokens(owner, netuid, earning.owner);
    for (const miner of miners) addTokens(miner, netuid, earning.miners / BigInt(miners.length));
    // Who stakes the token of a subnet are its own people: the owner first.
    addTokens(owner, netuid, earning.stakers);
    if (earning.root === 0n || engine.market(netuid).quote === 0n) continue;
    addTokens(purse, netuid, earning.root);
    orders.push(
      sellOrder(purse, netuid, earning.root, (pebbles) => {
        for (const staker of stakers) staker.root += (pebbles * staker.root) / rootStake;
      }),
    );
  }
  return orders;
}

/** Miners sell for their costs, owners do what their kind of subnet is for. */
export function actOnIncome({ population, lastEmission, engine }: Scene): StepOrder[] {
  const orders: StepOrder[] = [];
  const forCosts = (pebbles: bigint): void => {
    population.public.cairn += pebbles;
  };
  for (const { netuid, kind, owner, miners } of population.subnets) {
    for (const miner of miners) {
      const amount = percent(tokensOf(miner, netuid), miner.sells);
      if (amount > 0n) orders.push(sellOrder(miner, netuid, amount, forCosts));
      // What is not needed for costs is staked on root.
      const staker = population.stakers[(netuid * 7) % population.stakers.length]!;
      staker.root += miner.cairn;
      miner.cairn = 0n;
    }
    if (kind === 'propped') {
      const amount = percent(owner.cairn, 20);
      if (amount > 0n) orders.push(buyOrder(owner, netuid, amount));
    } else if (kind === 'washed') {
      const amount = percent(tokensOf(owner, netuid), 50);
      if (amount > 0n) orders.push(sellOrder(owner, netuid, amount));
    } else {
      const isEarning = (lastEmission.get(netuid) ?? 0n) > 0n || engine.market(netuid).quote > 0n;
      const amount = isEarning ? percent(tokensOf(owner, netuid), kind === 'used' ? 10 : 40) : 0n;
      if (amount > 0n) orders.push(sellOrder(owner, netuid, amount, forCosts));
    }
  }
  return orders;
}

/** One trader in eight looks at the market in a step: buys what its style likes, or sells a third of something. */
export function tradeTokens(scene: Scene): StepOrder[] {
  const { population, random, engine } = scene;
  const orders: StepOrder[] = [];
  for (const trader of population.traders) {
    if (!random.oneIn(8)) continue;
    const held = [...trader.tokens].filter(([, amount]) => amount > 0n);
    if (held.length > 0 && random.oneIn(2)) {
      const [netuid, amount] = random.pick(held);
      orders.push(sellOrder(trader, netuid, amount / 3n));
      continue;
    }
    const amount = percent(trader.cairn, 5 + random.below(15));
    const candidates = Array.from({ length: 6 }, () => random.pick(engine.netuids));
    const best = candidates.toSorted((a, b) => appeal(scene, trader, b) - appeal(scene, trader, a))[0]!;
    if (amount > 0n) orders.push(buyOrder(trader, best, amount));
  }
  return orders;
}

function appeal(
  { engine, population, lastEmission, lastUse, oldPrice, day }: Scene,
  trader: Trader,
  netuid: number,
) {
  const price = priceOf(engine, netuid);
  const { kind } = population.subnets[netuid - 1]!;
  const worth = Number(engine.market(netuid).quote) + 1;
  if (trader.style === 'yield') return Number(lastEmission.get(netuid) ?? 0n) / worth;
  if (trader.style === 'use') return Number(lastUse.get(netuid) ?? 0n) / worth;
  // Waves of forty days, each subnet in its own time.
  const wave = kind === 'hyped' ? Math.sin((2 * Math.PI * (day + 13 * netuid)) / 40) : 0;
  return price / (oldPrice.get(netuid) ?? price) - 1 + 0.3 * wave;
}

/** A part of the public's money goes to traders, and back, so that both always have some. */
export function exchangeWithPublic({ population }: Scene): void {
  const { traders, public: people } = population;
  const target = traders.reduce((sum, { cairn }) => sum + cairn, people.cairn) / BigInt(2 * traders.length);
  for (const trader of traders) {
    const moved = (target - trader.cairn) / 100n;
    trader.cairn += moved;
    people.cairn -= moved;
  }
}
