import { PARAMETERS, type Pool, PRICE_ONE, poolPrice, type Side, type SwapRules, swap } from '@cairn/ledger';
import { createSeededRandom } from '../simulation/seeded-random.ts';
import { createTown, type Town } from '../town/town.ts';
import type { Attack } from './attack.ts';

const CAIRN = 1_000_000_000n;
const THOUSANDTH = 1_000n;

/** What the victim and the pool of one seed are. Pebbles. */
interface Scene {
  readonly reserve: bigint;
  readonly victim: bigint;
  /** Of the others in the victim's block. */
  readonly crowd: readonly bigint[];
}

function sceneOf(seed: number): Scene {
  const random = createSeededRandom(seed);
  const reserve = BigInt(1_000 + random.below(9_000)) * CAIRN;
  const part = () => (reserve * BigInt(1 + random.below(100))) / THOUSANDTH;
  return { reserve, victim: part(), crowd: [part() / 10n, part() / 10n] };
}

interface Sandwich {
  /** Of the victim's order, which the adversary sees before it acts. */
  readonly size: number;
  /** Blocks after the victim's in which the adversary sells; 0: in the same. */
  readonly exit: number;
}

/** A town with one pool and nobody who mines, so that only trades move the price. */
function poolTown(seed: number, reserve: bigint): Town {
  const town = createTown({
    seed,
    people: ['owner', 'adversary', 'victim', 'crowd 0', 'crowd 1'],
    funds: 1_000_000n * CAIRN,
    parameters: { subnetLockMin: reserve, fullPriceIssuance: 1n },
  });
  town.block([
    { from: town.person('owner'), name: 'subnets.create', message: { name: 'pool', lockLimit: reserve } },
  ]);
  return town;
}

const BOUNDLESS = { limitPrice: null, minOut: 0n, isPartialAllowed: false };

function buyOf(town: Town, name: string, amount: bigint, minOut = 0n) {
  const message = { netuid: 1, amount, ...BOUNDLESS, minOut };
  return { from: town.person(name), name: 'pools.buy', message };
}

function sellAllOf(town: Town, name: string) {
  return { from: town.person(name), name: 'pools.sell', message: { netuid: 1, amount: null, ...BOUNDLESS } };
}

const FACTORS = [0.6, 0.8, 1.25, 1.6];
const sizes = [0.1, 0.3, 1, 3, 10];

function nearSandwich({ size, exit }: Sandwich): Sandwich[] {
  return FACTORS.map((factor) => ({ size: size * factor, exit }));
}

const timesOf = (amount: bigint, factor: number): bigint =>
  (amount * BigInt(Math.round(factor * 1e6))) / 1_000_000n;

/** Buys in the victim's block, sells in a later one: on the ledger, all swaps of a block at one price. */
export const batchSandwich: Attack<Sandwich> = {
  name: 'sandwich',
  rule: 'one price for a block',
  of: 'cairn',
  shareOf: 'none needed',
  shares: [0],
  judgedAt: 0,
  unit: "of the victim's order",
  strategies: sizes.flatMap((size) => [1, 2, 5].map((exit) => ({ size, exit }))),
  neighbours: nearSandwich,
  describe: ({ size, exit }) => `buys ${size.toPrecision(2)} times as much, sells ${exit} blocks later`,
  gain(seed, _, { size, exit }) {
    const scene = sceneOf(seed);
    const town = poolTown(seed, scene.reserve);
    const before = town.wealthOf('adversary');
    town.block([
      buyOf(town, 'adversary', timesOf(scene.victim, size)),
      ...scene.crowd.map((amount, index) => buyOf(town, `crowd ${index}`, amount)),
      buyOf(town, 'victim', scene.victim),
    ]);
    for (let block = 1; block < exit; block += 1) town.block([]);
    town.block([sellAllOf(town, 'adversary')]);
    return Number(town.wealthOf('adversary') - before) / Number(scene.victim);
  },
};

const RULES: SwapRules = { feeRate: PARAMETERS.poolFeeRate.initial, minimumReserve: 1n };

function along(pool: Pool, side: Side, amountIn: bigint, minOut = 0n) {
  const order = { side, amountIn, limitPrice: null, minOut, isPartialAllowed: false };
  const outcome = swap(pool, order, RULES);
  return outcome.ok ? { pool: outcome.swap.pool, out: outcome.swap.amountOut } : { pool, out: 0n };
}

/** The same around a victim on the sequential curve, in the order that the adversary wants. */
export function curveSandwich(bound: number | null): Attack<Sandwich> {
  return {
    name: 'sandwich',
    rule: bound === null ? 'one after the other' : `one after the other, bound of ${percentText(bound)}`,
    of: 'bittensor',
    shareOf: 'none needed',
    shares: [0],
    judgedAt: 0,
    unit: "of the victim's order",
    strategies: [0.01, ...sizes].map((size) => ({ size, exit: 0 })),
    neighbours: nearSandwich,
    describe: ({ size }) => `buys ${size.toPrecision(2)} times as much before, sells after`,
    gain(seed, _, { size }) {
      const { reserve, victim } = sceneOf(seed);
      const start: Pool = { base: reserve, quote: reserve, quoteWeight: 500_000_000_000_000_000n };
      const expected = along(start, 'buy', victim).out;
      const paid = timesOf(victim, size);
      const bought = along(start, 'buy', paid);
      const minOut = bound === null ? 0n : timesOf(expected, 1 - bound);
      const after = along(bought.pool, 'buy', victim, minOut);
      const back = along(after.pool, 'sell', bought.out);
      return Number(back.out - paid) / Number(victim);
    },
  };
}

interface HeldBack {
  /** Of the victim's order. */
  readonly size: number;
}

/**
 * What sealed orders avoid. A producer that leaves the victim's plain order out of its block and buys in it; the order is in the next block. It sells
 * beside the order, which lowers the price that the victim pays, or a block later.
 *
 * @param bound how much less than the victim's client showed it accepts; null: anything
 */
export function heldBackOrder(exit: 'beside' | 'after', bound: number | null): Attack<HeldBack> {
  /** Plays it. @param size 0: the order is not held back */
  function play(seed: number, { size }: HeldBack) {
    const scene = sceneOf(seed);
    const town = poolTown(seed, scene.reserve);
    const expected = expectedTokens(town, scene);
    const minOut = bound === null ? 0n : timesOf(expected, 1 - bound);
    const before = town.wealthOf('adversary');
    const victim = buyOf(town, 'victim', scene.victim, minOut);
    const sell = () => sellAllOf(town, 'adversary');
    town.block([buyOf(town, 'adversary', timesOf(scene.victim, size))]);
    town.block(exit === 'beside' ? [victim, sell()] : [victim]);
    if (exit === 'after') town.block([sell()]);
    const gain = Number(town.wealthOf('adversary') - before) / Number(scene.victim);
    const got = town.tokensOf('victim', 1);
    return { gain, victimLoss: got === 0n ? 0 : 1 - Number(got) / Number(expected) };
  }
  return {
    name: exit === 'beside' ? 'order held back, sold beside it' : 'order held back, sold after it',
    rule:
      bound === null
        ? 'plain order, producer of the block, no bound'
        : `plain order, producer of the block, bound of ${percentText(bound)}`,
    of: 'comparison',
    shareOf: 'any: the gain is of one held order',
    shares: [0],
    judgedAt: 0,
    unit: "of the victim's order",
    strategies: [0.001, 0.01, ...sizes].map((size) => ({ size })),
    neighbours: ({ size }) => FACTORS.map((factor) => ({ size: size * factor })),
    describe: ({ size }) => `buys ${size.toPrecision(2)} times as much a block early`,
    gain: (seed, _, strategy) => play(seed, strategy).gain,
    victimLoss: (seed, strategy) => play(seed, strategy).victimLoss,
  };
}

/** What the victim would get alone in a block: what its client shows before it signs. */
function expectedTokens(town: Town, { victim }: Scene): bigint {
  const market = town.marketOf(1);
  const net = victim - (victim * RULES.feeRate) / 65_535n;
  // Marginal price after it, at even weights.
  const price = poolPrice({ ...market, quote: market.quote + 2n * net });
  return (net * PRICE_ONE) / price;
}

function percentText(part: number): string {
  return `${(100 * part).toPrecision(2)} %`;
}
