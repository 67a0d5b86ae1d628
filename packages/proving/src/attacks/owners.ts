import type { Attack } from './attack.ts';
import { DOES_NOTHING, type OwnerPlan, type OwnerResult, playOwner } from './subnet-world.ts';

const DAYS = 60;
/** Bittensor's rule among those of the ledger. */
const PRICE_RULE = 3;

const percentText = (share: number): string => `${Math.round(100 * share)} %`;

/** What a plan earns, worked out once for each seed. */
function createPlays(rule: number): (seed: number, plan: OwnerPlan) => OwnerResult {
  const known = new Map<string, OwnerResult>();
  return (seed, plan) => {
    const key = `${seed} ${Object.values(plan).join(' ')}`;
    const result = known.get(key) ?? playOwner({ seed, rule, days: DAYS, plan });
    known.set(key, result);
    return result;
  };
}

interface Wash {
  /** CAIRN that it burns in a day by paying itself. */
  readonly burnPerDay: number;
  readonly sellPerDay: number;
}

/** An owner who pays itself through channels so that its subnet counts as used. Its twin does not, and sells as much. */
export function washTrader(rule: number, name: string): Attack<Wash> {
  const play = createPlays(rule);
  return {
    name: 'wash trader',
    rule: name,
    of: rule === PRICE_RULE ? 'bittensor' : 'cairn',
    shareOf: 'none needed',
    shares: [0],
    judgedAt: 0,
    unit: 'of what it burned',
    strategies: [20, 200].flatMap((burnPerDay) =>
      [0, 0.1, 0.6].map((sellPerDay) => ({ burnPerDay, sellPerDay })),
    ),
    neighbours: ({ burnPerDay, sellPerDay }) => [
      { burnPerDay: burnPerDay / 3, sellPerDay },
      { burnPerDay: burnPerDay * 3, sellPerDay },
    ],
    describe: ({ burnPerDay, sellPerDay }) =>
      `burns ${Number(burnPerDay.toPrecision(2))} CAIRN a day, sells ${percentText(sellPerDay)} of its tokens a day`,
    gain(seed, _, { burnPerDay, sellPerDay }) {
      const washDays = DAYS - 10;
      const washed = play(seed, { ...DOES_NOTHING, burnPerDay, washDays, sellPerDay });
      const twin = play(seed, { ...DOES_NOTHING, sellPerDay });
      return (washed.income - twin.income) / (burnPerDay * washDays);
    },
  };
}

interface Prop {
  readonly rampDays: number;
  readonly sellPerDay: number;
  readonly exitDays: number;
}

type Selling = Pick<OwnerPlan, 'sellPerDay' | 'exitDays' | 'rampDays'>;

/** How an honest twin may sell and buy, or as its adversary does; it takes what is best for it. */
const TWIN_SELLING: readonly Selling[] = [0, 0.03, 0.1, 0.6].map((sellPerDay) => ({
  sellPerDay,
  exitDays: 10,
  rampDays: 10,
}));
const TWIN_SEEDS = [2_000_001, 2_000_002, 2_000_003];

/**
 * An owner of a subnet that nobody uses, who buys its token with its capital to raise its share of emission. It has
 * an honest twin, who owns such a subnet too, with the same capital and the same hardware, none, and who stakes its
 * capital in the tokens of the subnets that are used, in proportion to their pools. Both choose how fast they sell
 * what their own subnet earns.
 *
 * Beside that it is compared with someone who keeps the capital as CAIRN, and with an owner who buys its own token
 * as it does and whose miners do the work of the median subnet: at equal cost of hardware, and when it saves that cost.
 */
export function pricePropper(rule: number, name: string): Attack<Prop> {
  const play = createPlays(rule);
  /** A twin as it does best on seeds of its own. */
  const twin = (
    seed: number,
    part: Pick<OwnerPlan, 'capital' | 'buys' | 'isWorking'>,
    adversary: Selling,
  ): OwnerResult => {
    const planOf = (selling: Selling): OwnerPlan => ({ ...DOES_NOTHING, ...part, ...selling });
    const incomeOf = (selling: Selling): number =>
      TWIN_SEEDS.reduce((sum, of) => sum + play(of, planOf(selling)).income, 0);
    const chosen = TWIN_SELLING.reduce(
      (most, one) => (incomeOf(one) > incomeOf(most) ? one : most),
      adversary,
    );
    return play(seed, planOf(chosen));
  };
  const prop = (seed: number, capital: number, strategy: Prop) =>
    play(seed, { ...DOES_NOTHING, capital, buys: 'own', ...strategy });
  return {
    name: 'self-dealing owner, holds its price up',
    rule: name,
    of: rule === PRICE_RULE ? 'bittensor' : 'cairn',
    shareOf: 'CAIRN of all pools, which it has as capital',
    shares: [0.001, 0.01, 0.05, 0.2],
    judgedAt: 0.05,
    unit: 'of its capital in 60 days',
    strategies: [1, 10].flatMap((rampDays) =>
      [0, 0.03, 0.1].map((sellPerDay) => ({ rampDays, sellPerDay, exitDays: 5 })),
    ),
    neighbours: ({ rampDays, sellPerDay, exitDays }) => [
      { rampDays, sellPerDay: sellPerDay + 0.02, exitDays },
      { rampDays, sellPerDay: Math.max(0, sellPerDay - 0.02), exitDays },
      { rampDays, sellPerDay, exitDays: Math.min(40, exitDays * 2) },
      { rampDays: Math.min(30, rampDays * 2), sellPerDay, exitDays },
    ],
    describe: ({ rampDays, sellPerDay, exitDays }) =>
      `buys over ${rampDays} days, sells ${percentText(sellPerDay)} of its tokens a day and the rest over the last ${exitDays}`,
    gain(seed, capital, strategy) {
      const propped = prop(seed, capital, strategy);
      const staked = twin(seed, { capital, buys: 'others', isWorking: false }, strategy);
      return (propped.income - staked.income) / propped.capital;
    },
    beside(seed, capital, strategy) {
      const propped = prop(seed, capital, strategy);
      const idle = twin(seed, { capital: 0, buys: 'nothing', isWorking: false }, strategy);
      const worked = twin(seed, { capital, buys: 'own', isWorking: true }, strategy);
      return {
        'CAIRN kept idle': (propped.income - idle.income) / propped.capital,
        'an owner whose subnet works, at equal hardware cost':
          (propped.income - worked.income) / propped.capital,
        'the same one when that cost is saved':
          (propped.income + worked.hardware - worked.income) / propped.capital,
      };
    },
  };
}
