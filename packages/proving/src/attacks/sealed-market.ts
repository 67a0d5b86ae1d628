import { PARAMETERS, poolPrice, type SealedOrder, sealedOrderCommitment } from '@cairn/ledger';
import { createSeededRandom } from '../simulation/seeded-random.ts';
import type { ActorCall } from '../town/actor.ts';
import { createTown } from '../town/town.ts';

const CAIRN = 1_000_000_000n;
const PRICE_BITS = 64n;
const BOUNDLESS = { limitPrice: null, isPartialAllowed: false } as const;

export type Side = 'buy' | 'sell';
export const opposite = (side: Side): Side => (side === 'buy' ? 'sell' : 'buy');

/** Adversary or victim. */
type Who = 'adversary' | 'victim';

/** One order of the victim and what an adversary can do around it, on the whole ledger. */
export interface SealedMarket {
  /** Pebbles that the victim's order is worth before it. */
  readonly worth: bigint;
  block(calls: readonly ActorCall[]): void;
  /** The victim's order, sealed and plain. */
  readonly victim: { readonly seal: ActorCall; readonly open: ActorCall; readonly plain: ActorCall };
  /** An order of the adversary for a multiple of the victim's. */
  plain(side: Side, size: number): ActorCall;
  sealed(side: Side, size: number): { readonly seal: ActorCall; readonly open: ActorCall };
  /** Trades back to the tokens held at first; nothing when they are. */
  back(): ActorCall[];
  /** What the adversary has more than at first, in parts of `worth`; tokens count at the price now. */
  gain(): number;
  /** Part of what the victim expected that it did not get; 0 when it has everything back. */
  loss(): number;
}

const timesOf = (amount: bigint, factor: number): bigint =>
  (amount * BigInt(Math.round(factor * 1e6))) / 1_000_000n;
const withFee = (net: bigint): bigint => (net * 65_535n) / (65_535n - PARAMETERS.poolFeeRate.initial) + 1n;

/**
 * A pool in which both hold tokens, and a victim that buys, or sells so much that the price falls by what the purchase
 * would have raised it: a coin that decides which leaves the expected price where it is. Otherwise holding the token
 * would earn by itself.
 *
 * @param bound how much less than expected the victim accepts; null: anything
 */
export function createSealedMarket(seed: number, side: Side, bound: number | null): SealedMarket {
  const random = createSeededRandom(seed);
  const reserve = BigInt(1_000 + random.below(9_000)) * CAIRN;
  const part = (1 + random.below(100)) / 1_000;
  const town = createTown({
    seed,
    people: ['owner', 'adversary', 'victim'],
    funds: 1_000_000n * CAIRN,
    parameters: { subnetLockMin: reserve, fullPriceIssuance: 1n },
  });
  const call = (who: string, name: string, message: unknown): ActorCall => ({
    from: town.person(who),
    name,
    message,
  });
  town.block([call('owner', 'subnets.create', { name: 'pool', lockLimit: reserve })]);
  const stock = (who: Who, times: bigint) =>
    call(who, 'pools.buy', { netuid: 1, amount: times * reserve, minOut: 0n, ...BOUNDLESS });
  town.block([stock('adversary', 2n), stock('victim', 1n)]);
  const { base, quote } = town.marketOf(1);
  const price = () => poolPrice(town.marketOf(1));
  const worthOf = (tokens: bigint) => (tokens * price()) >> PRICE_BITS;
  const held = (who: Who) => town.tokensOf(who, 1);

  const bought = timesOf(quote, part);
  const sold = timesOf(base, part / (1 - 2 * part));
  const amount = withFee(side === 'buy' ? bought : sold);
  // What it brings alone: the marginal price after it is (quote + 2 · bought) / base, or quote / (base + 2 · sold).
  const expected =
    side === 'buy' ? (bought * base) / (quote + 2n * bought) : (sold * quote) / (base + 2n * sold);
  const minOut = bound === null ? 0n : timesOf(expected, 1 - bound);
  const worth = side === 'buy' ? amount : worthOf(amount);

  let salts = 0;
  function seal(who: Who, way: Side, size: bigint, least: bigint) {
    salts += 1;
    const salt = new Uint8Array(32).fill(salts);
    const order: SealedOrder = {
      side: way,
      netuid: 1,
      amount: size,
      minOut: least,
      ...BOUNDLESS,
      nextLeg: null,
    };
    const secret = { chainId: town.chainId, sender: town.person(who).account, salt, order };
    const commitment = sealedOrderCommitment(town.crypto, secret);
    return {
      seal: call(who, 'pools.sealOrder', { commitment }),
      open: call(who, 'pools.openOrder', { commitment, salt, order }),
    };
  }
  const plain = (who: Who, way: Side, size: bigint, least: bigint) =>
    call(who, `pools.${way}`, { netuid: 1, amount: size, minOut: least, ...BOUNDLESS });

  const stockHeld = held('adversary');
  const start = town.wealthOf('adversary');
  const victimStart = { cairn: town.wealthOf('victim'), tokens: held('victim') };
  /** Of a seller at most what it holds. */
  function sizeOf(way: Side, size: number): bigint {
    const wanted = timesOf(worth, size);
    const tokens = (wanted << PRICE_BITS) / price();
    return way === 'buy' ? wanted : tokens < held('adversary') ? tokens : held('adversary');
  }
  return {
    worth,
    block: (calls) => void town.block(calls),
    victim: { ...seal('victim', side, amount, minOut), plain: plain('victim', side, amount, minOut) },
    plain: (way, size) => plain('adversary', way, sizeOf(way, size), 0n),
    sealed: (way, size) => seal('adversary', way, sizeOf(way, size), 0n),
    back() {
      const more = held('adversary') - stockHeld;
      if (more === 0n) return [];
      if (more > 0n) return [plain('adversary', 'sell', more, 0n)];
      // So many tokens for the price that buying them makes: net · base / (quote + 2 · net).
      const now = town.marketOf(1);
      const net = (-more * now.quote) / (now.base + 2n * more);
      return [plain('adversary', 'buy', withFee(net), 0n)];
    },
    gain() {
      const cairn = town.wealthOf('adversary') - start;
      return Number(cairn + worthOf(held('adversary') - stockHeld)) / Number(worth);
    },
    loss() {
      const got =
        side === 'buy' ? held('victim') - victimStart.tokens : town.wealthOf('victim') - victimStart.cairn;
      return got <= 0n ? 0 : 1 - Number(got) / Number(expected);
    },
  };
}
