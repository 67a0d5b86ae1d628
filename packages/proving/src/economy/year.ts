import { PARAMETERS } from '@cairn/ledger';
import { createSeededRandom } from '../simulation/seeded-random.ts';
import {
  actOnIncome,
  exchangeWithPublic,
  payForWork,
  payOut,
  priceOf,
  type Scene,
  tradeTokens,
} from './behaviours.ts';
import { giniOf, nakamotoOf } from './concentration.ts';
import { createEngine, type Engine, SLOTS_PER_DAY } from './engine.ts';
import {
  createPopulation,
  type Holder,
  type Population,
  SUBNET_KINDS,
  type SubnetKind,
} from './population.ts';

export interface YearOptions {
  readonly days: number;
  readonly subnets: number;
  readonly seed: number;
  /** Version of the share rule. */
  readonly rule: number;
  /** @default 4 */
  readonly stepsPerDay?: number;
  readonly onDay?: (day: number) => void;
}

/** The network at the end of a day. Amounts in CAIRN. */
export interface DayFigures {
  readonly day: number;
  readonly issued: number;
  readonly burned: number;
  /** By subnet, ascending: price, emission of the day and paid work of the day. */
  readonly prices: readonly number[];
  readonly emission: readonly number[];
  readonly work: readonly number[];
  /** Of the emission what settled usage earned. */
  readonly usageEmission: number;
  /** Of what everybody is worth, and of stake on root. */
  readonly gini: number;
  readonly nakamoto: number;
}

export interface YearResult {
  readonly rule: number;
  readonly seed: number;
  readonly kinds: readonly SubnetKind[];
  readonly days: readonly DayFigures[];
  /** Emission of the whole time by kind of subnet, in CAIRN. */
  readonly emissionByKind: Readonly<Record<SubnetKind, number>>;
  /** Correlation of the subnets' shares of emission with their shares of paid work, over the last quarter. */
  readonly usageCorrelation: number;
}

const CAIRN = 1_000_000_000n;
/** Issuance from which prices are in full; the year begins there and not at genesis. */
const ISSUED = PARAMETERS.fullPriceIssuance.initial;
const POOL_RESERVE = PARAMETERS.subnetLockMin.initial;

const inCairn = (pebbles: bigint): number => Number(pebbles) / Number(CAIRN);

function everyone({ subnets, stakers, traders }: Population): Holder[] {
  return [...subnets.flatMap(({ owner, miners }) => [owner, ...miners]), ...stakers, ...traders];
}

/** One network under one share rule, day by day. The same options give the same figures. */
export function simulateYear(options: YearOptions): YearResult {
  const { days, subnets, seed, rule, stepsPerDay = 4, onDay } = options;
  const random = createSeededRandom(seed);
  const outside = ISSUED - POOL_RESERVE * BigInt(subnets);
  const engine = createEngine({
    rule: BigInt(rule),
    subnets,
    slotsPerStep: SLOTS_PER_DAY / stepsPerDay,
    issued: outside,
    poolReserve: POOL_RESERVE,
  });
  const population = createPopulation(random, subnets, outside - 1_000n * CAIRN * BigInt(subnets));
  const listed: DayFigures[] = [];
  let lastEmission = new Map<number, bigint>();
  let lastUse = new Map<number, bigint>();
  const washed = new Map<number, bigint>();
  for (let day = 1; day <= days; day += 1) {
    const emission = engine.netuids.map(() => 0n);
    const work = engine.netuids.map(() => 0n);
    let usage = 0n;
    for (let step = 0; step < stepsPerDay; step += 1) {
      const earned = engine.accrue(population.stakers.reduce((sum, { root }) => sum + root, 0n));
      const scene: Scene = {
        engine,
        population,
        random,
        day,
        stepsPerDay,
        burnBps: PARAMETERS.channelBurnBps.initial,
        lastEmission,
        lastUse,
        usage: new Map(earned.map((earning) => [earning.netuid, earning.usage])),
        washed,
        oldPrice: new Map(engine.netuids.map((netuid, i) => [netuid, listed.at(-7)?.prices[i] ?? 1])),
      };
      const orders = [...payOut(scene, earned), ...actOnIncome(scene), ...tradeTokens(scene)];
      engine.trade(orders);
      lastUse = payForWork(scene);
      exchangeWithPublic(scene);
      lastEmission = new Map(earned.map((earning) => [earning.netuid, earning.emission]));
      for (const [index, earning] of earned.entries()) {
        emission[index]! += earning.emission;
        work[index]! += lastUse.get(earning.netuid) ?? 0n;
        usage += earning.usage;
      }
    }
    listed.push(describeDay({ day, engine, population, emission, work, usage }));
    onDay?.(day);
  }
  const kinds = population.subnets.map(({ kind }) => kind);
  return { rule, seed, kinds, days: listed, ...summarise(kinds, listed) };
}

function describeDay(today: {
  readonly day: number;
  readonly engine: Engine;
  readonly population: Population;
  readonly emission: readonly bigint[];
  readonly work: readonly bigint[];
  readonly usage: bigint;
}): DayFigures {
  const { day, engine, population, emission, work, usage } = today;
  const prices = engine.netuids.map((netuid) => priceOf(engine, netuid));
  const worthOf = ({ cairn, root, tokens }: Holder): number =>
    [...tokens].reduce(
      (sum, [netuid, amount]) => sum + inCairn(amount) * prices[netuid - 1]!,
      inCairn(cairn + root),
    );
  return {
    day,
    issued: inCairn(engine.issued),
    burned: inCairn(engine.burned),
    prices,
    emission: emission.map(inCairn),
    work: work.map(inCairn),
    usageEmission: inCairn(usage),
    gini: giniOf(everyone(population).map(worthOf)),
    nakamoto: nakamotoOf(population.stakers.map(({ root }) => inCairn(root))),
  };
}

function summarise(kinds: readonly SubnetKind[], days: readonly DayFigures[]) {
  const emissionByKind = Object.fromEntries(SUBNET_KINDS.map((kind) => [kind, 0])) as Record<
    SubnetKind,
    number
  >;
  for (const { emission } of days) {
    for (const [index, amount] of emission.entries()) emissionByKind[kinds[index]!] += amount;
  }
  const last = days.slice(-Math.ceil(days.length / 4));
  const totals = (of: 'emission' | 'work') =>
    kinds.map((_, index) => last.reduce((sum, figures) => sum + figures[of][index]!, 0));
  return { emissionByKind, usageCorrelation: correlationOf(totals('emission'), totals('work')) };
}

/** Pearson's correlation; 0 when one of the two does not vary. */
export function correlationOf(a: readonly number[], b: readonly number[]): number {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [meanA, meanB] = [mean(a), mean(b)];
  let [both, squaresA, squaresB] = [0, 0, 0];
  for (const [index, value] of a.entries()) {
    const [da, db] = [value - meanA, b[index]! - meanB];
    both += da * db;
    squaresA += da * da;
    squaresB += db * db;
  }
  return squaresA === 0 || squaresB === 0 ? 0 : both / Math.sqrt(squaresA * squaresB);
}
