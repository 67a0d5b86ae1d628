import type { Attack } from './attack.ts';
import { DOES_NOTHING, incomeOfOwner } from './subnet-world.ts';

const DAYS = 60;

/** What the owner of a twin earns who sells as much: worked out once for each seed. */
function createTwin(rule: number): (seed: number, sellPerDay: number) => number {
  const known = new Map<string, number>();
  return (seed, sellPerDay) => {
    const key = `${seed} ${sellPerDay}`;
    const income =
      known.get(key) ?? incomeOfOwner({ seed, rule, days: DAYS, plan: { ...DOES_NOTHING, sellPerDay } });
    known.set(key, income);
    return income;
  };
}

interface Wash {
  /** CAIRN that it burns in a day by paying itself. */
  readonly burnPerDay: number;
  readonly sellPerDay: number;
}

/** An owner who pays itself through channels so that its subnet counts as used. Its twin does not, and sells as much. */
export function washTrader(rule: number, name: string): Attack<Wash> {
  const twinOf = createTwin(rule);
  return {
    name: 'wash trader',
    rule: name,
    of: rule === 3 ? 'bittensor' : 'cairn',
    shareOf: 'none needed',
    shares: [0],
    judgedAt: 0,
    unit: 'of what it burned',
    strategies: [20, 200].flatMap((burnPerDay) =>
      [0.1, 0.6].map((sellPerDay) => ({ burnPerDay, sellPerDay })),
    ),
    describe: ({ burnPerDay, sellPerDay }) =>
      `burns ${burnPerDay} CAIRN a day, sells ${Math.round(100 * sellPerDay)} % of its tokens a day`,
    gain(seed, _, { burnPerDay, sellPerDay }) {
      const world = { seed, rule, days: DAYS };
      const washDays = DAYS - 10;
      const washed = incomeOfOwner({ ...world, plan: { ...DOES_NOTHING, burnPerDay, washDays, sellPerDay } });
      const twin = twinOf(seed, sellPerDay);
      return (washed - twin) / (burnPerDay * washDays);
    },
  };
}

interface Prop {
  readonly rampDays: number;
  readonly sellPerDay: number;
}

/**
 * An owner of a subnet that nobody uses, who buys its token to raise its share of emission. Its twin keeps the
 * capital as CAIRN and sells as much of what it earns.
 */
export function pricePropper(rule: number, name: string): Attack<Prop> {
  const twinOf = createTwin(rule);
  return {
    name: 'self-dealing owner, holds its price up',
    rule: name,
    of: rule === 3 ? 'bittensor' : 'cairn',
    shareOf: 'capital, in thousands of CAIRN',
    shares: [0.2, 1, 5, 25],
    judgedAt: 1,
    unit: 'of its capital in 60 days',
    strategies: [1, 10].flatMap((rampDays) => [0, 0.1].map((sellPerDay) => ({ rampDays, sellPerDay }))),
    describe: ({ rampDays, sellPerDay }) =>
      `buys over ${rampDays} days, sells ${Math.round(100 * sellPerDay)} % of its tokens a day`,
    gain(seed, share, { rampDays, sellPerDay }) {
      const capital = share * 1_000;
      const world = { seed, rule, days: DAYS };
      const propped = incomeOfOwner({ ...world, plan: { ...DOES_NOTHING, capital, rampDays, sellPerDay } });
      const twin = twinOf(seed, sellPerDay);
      return (propped - twin) / capital;
    },
  };
}
