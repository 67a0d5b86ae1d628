import {
  addToReserves,
  type BatchFill,
  clearBatch,
  EMA_BITS,
  EVEN_WEIGHT,
  FLOW_SCALE,
  FLOW_SMOOTHING,
  FLOW_ZERO,
  injectIntoMarket,
  type Market,
  nextFlowEma,
  nextPriceEma,
  PARAMETERS,
  poolPrice,
  type Ratio,
  rootProportion,
  type Side,
  shareAmongMarkets,
  slotEmission,
  tokenIssuance,
} from '@cairn/ledger';

/** Slots of 12 s in a day. */
export const SLOTS_PER_DAY = 7_200;

/** One swap of a step. */
export interface StepOrder {
  readonly netuid: number;
  readonly side: Side;
  /** Pebbles of a buyer, units of a seller. */
  readonly amountIn: bigint;
  /** Gets what comes out and what comes back. */
  settle(fill: BatchFill): void;
}

/** What a subnet's own emission of tokens and the network's of CAIRN came to in a step. */
export interface StepEarning {
  readonly netuid: number;
  /** Pebbles of emission put into the pool, and the part of them that settled usage earned. */
  readonly emission: bigint;
  readonly usage: bigint;
  /** Units of the token. */
  readonly owner: bigint;
  readonly miners: bigint;
  readonly stakers: bigint;
  /** For those who stake on root; to be sold. */
  readonly root: bigint;
}

export interface EngineOptions {
  /** Version of the share rule. */
  readonly rule: bigint;
  readonly subnets: number;
  /** Slots that pass at once. */
  readonly slotsPerStep: number;
  /** Pebbles issued when it begins, outside the pools. */
  readonly issued: bigint;
  /** Pebbles in each pool when it begins, against as many units of the token. */
  readonly poolReserve: bigint;
}

/** The markets of a network, in large steps. */
export interface Engine {
  readonly netuids: readonly number[];
  /** Pebbles issued, recycled ones taken off. */
  readonly issued: bigint;
  readonly burned: bigint;
  market(netuid: number): Market;
  /** Mints the slots of a step by the share rule and returns who earned it. @param rootStake pebbles on root by all */
  accrue(rootStake: bigint): StepEarning[];
  /** Clears the orders of a step, all of one pool at one price. */
  trade(orders: readonly StepOrder[]): void;
  /** Takes pebbles out for good for a claim that names a subnet. */
  burn(netuid: number, amount: bigint): void;
  /** Another one that stands where this one stands; from there each goes its own way. */
  fork(): Engine;
}

/** Where an engine stands. */
interface EngineState {
  readonly markets: ReadonlyMap<number, Market>;
  readonly issued: bigint;
  readonly burned: bigint;
  readonly slot: bigint;
}

const initial = <N extends keyof typeof PARAMETERS>(name: N): bigint => PARAMETERS[name].initial;

const ROOT_WEIGHT: Ratio = { numerator: initial('rootWeight'), denominator: 1n << 64n };
const BATCH_RULES = { feeRate: initial('poolFeeRate'), minimumReserve: initial('poolMinReserve') };

/**
 * The emission, share rules, injection, averages and clearing of the ledger, called once for many slots instead of
 * once a block. What that approximates: a step mints at the rate of its first slot; the moving averages take one
 * step whose weight is that of its slots together (error below half of that weight, 0.3 % at six hours); all swaps of
 * a step clear at one price; each step is one epoch.
 */
export function createEngine(options: EngineOptions): Engine {
  const { subnets, poolReserve } = options;
  const netuids = Array.from({ length: subnets }, (_, index) => index + 1);
  return continueEngine(options, {
    markets: new Map(netuids.map((netuid) => [netuid, newMarket(poolReserve)])),
    issued: options.issued + poolReserve * BigInt(subnets),
    burned: 0n,
    slot: 0n,
  });
}

function continueEngine(options: EngineOptions, state: EngineState): Engine {
  const { rule, slotsPerStep } = options;
  const slots = BigInt(slotsPerStep);
  const markets = new Map(state.markets);
  const netuids = [...markets.keys()];
  let { issued, burned, slot } = state;

  function roll(market: Market): Market {
    const rules = {
      smoothing: { numerator: initial('priceSmoothing') * slots, denominator: 1_000_000n },
      halfLifeSlots: initial('priceHalfLifeSlots'),
      ceiling: 1n << EMA_BITS,
    };
    const smoothing = { ...FLOW_SMOOTHING, numerator: FLOW_SMOOTHING.numerator * slots };
    // The average of a step's flow over its slots, as the ledger sees a flow in one of them.
    const flowOf = (net: bigint) => ((net - FLOW_ZERO) * FLOW_SCALE) / slots;
    return {
      ...market,
      priceEma: nextPriceEma(market.priceEma, poolPrice(market) >> (64n - EMA_BITS), slot, rules),
      userFlow: nextFlowEma(market.userFlow - FLOW_ZERO, flowOf(market.userNet), smoothing) + FLOW_ZERO,
      protocolFlow:
        nextFlowEma(market.protocolFlow - FLOW_ZERO, flowOf(market.protocolNet), smoothing) + FLOW_ZERO,
      userNet: FLOW_ZERO,
      protocolNet: FLOW_ZERO,
    };
  }

  return {
    netuids,
    get issued() {
      return issued;
    },
    get burned() {
      return burned;
    },
    market: (netuid) => markets.get(netuid)!,
    accrue(rootStake) {
      slot += slots;
      const due = slotEmission(issued) * slots;
      const found = netuids.map((netuid) => ({ netuid, market: markets.get(netuid)! }));
      const shared = shareAmongMarkets(rule, found, due);
      issued += due - shared.left;
      return found.map(({ netuid, market }, index) => {
        const share = shared.shares[index]!;
        const minted = slotEmission(tokenIssuance(market)) * slots;
        const alphaIssuance = tokenIssuance(market);
        const rootPart = rootProportion({ rootStake, rootWeight: ROOT_WEIGHT, alphaIssuance });
        const usage = shared.usage[index]!;
        const injected = roll(injectIntoMarket(market, { share, usage, minted, rootPart }));
        markets.set(netuid, { ...injected, outstanding: injected.outstanding + minted, burnCaused: 0n });
        const owner = (minted * initial('ownerCutBps')) / 10_000n;
        const miners = (minted - owner) / 2n;
        const validators = minted - owner - miners;
        const root = (validators * rootPart.numerator) / rootPart.denominator;
        return { netuid, emission: share, usage, owner, miners, stakers: validators - root, root };
      });
    },
    trade(orders) {
      const byPool = Map.groupBy(orders, ({ netuid }) => netuid);
      for (const [netuid, batch] of byPool) markets.set(netuid, clear(markets.get(netuid)!, batch));
    },
    burn(netuid, amount) {
      const market = markets.get(netuid)!;
      markets.set(netuid, { ...market, burnCaused: market.burnCaused + amount });
      burned += amount;
    },
    fork: () => continueEngine(options, { markets, issued, burned, slot }),
  };
}

function clear(market: Market, batch: readonly StepOrder[]): Market {
  const bounds = { limitPrice: null, minOut: 0n, isPartialAllowed: true };
  const { pool, fills, fees, rounding } = clearBatch(
    market,
    batch.map(({ side, amountIn }, index) => ({ id: idOf(index), side, amountIn, ...bounds })),
    BATCH_RULES,
  );
  let { outstanding, userNet } = market;
  for (const [index, { side }] of batch.entries()) {
    const { spent, amountOut } = fills[index]!;
    outstanding += side === 'buy' ? amountOut : -spent;
    userNet += side === 'buy' ? spent : -amountOut;
  }
  const gift = { base: fees.base + rounding.base, quote: fees.quote + rounding.quote };
  for (const [index, order] of batch.entries()) order.settle(fills[index]!);
  return addToReserves({ ...market, ...pool, outstanding, userNet }, gift);
}

function idOf(index: number): Uint8Array {
  const id = new Uint8Array(32);
  new DataView(id.buffer).setUint32(28, index);
  return id;
}

function newMarket(reserve: bigint): Market {
  return {
    base: reserve,
    quote: reserve,
    quoteWeight: EVEN_WEIGHT,
    outstanding: 0n,
    burned: 0n,
    protocolBase: 0n,
    priceEma: 0n,
    startedSlot: 0n,
    minerBurned: 0n,
    userFlow: FLOW_ZERO,
    protocolFlow: FLOW_ZERO,
    userNet: FLOW_ZERO,
    protocolNet: FLOW_ZERO,
    burnCaused: 0n,
  };
}
