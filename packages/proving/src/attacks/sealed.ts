import { PARAMETERS } from '@cairn/ledger';
import type { Attack } from './attack.ts';
import { createSealedMarket, opposite, type SealedMarket, type Side } from './sealed-market.ts';

const WINDOW = Number(PARAMETERS.sealedOrderWindow.initial);
const SIDES = ['buy', 'sell'] as const;
const FACTORS = [0.6, 0.8, 1.25, 1.6];
const SIZES = [0.001, 0.01, 0.1, 0.3, 1, 3];
const UNIT = "of the victim's order";

type Sized = { readonly size: number };
const nearSize = <P extends Sized>(strategy: P): P[] =>
  FACTORS.map((factor) => ({ ...strategy, size: strategy.size * factor }));

/** Both ways the victim's order can go, which are equally likely. */
const overSides = (play: (side: Side) => number): number => (play('buy') + play('sell')) / 2;

interface Guess extends Sized {
  /** Where the adversary trades: in the block from which it leaves the sealed order out, or beside it. */
  readonly lead: 'before' | 'beside';
  /** Trades back beside the order once it is open, or a block after it cleared. */
  readonly exit: 'beside' | 'after';
}

/**
 * A producer that sees a commitment and knows neither side nor amount: it leaves it out of its block, trades on a
 * guess, and trades back when it is open. The share is how often the guess is right, for an order may give itself
 * away otherwise.
 */
export function heldBackCommitment(bound: number | null): Attack<Guess> {
  function play(seed: number, side: Side, way: Side, { size, lead, exit }: Guess): SealedMarket {
    const market = createSealedMarket(seed, side, bound);
    if (lead === 'before') market.block([market.plain(way, size)]);
    market.block([market.victim.seal, ...(lead === 'beside' ? [market.plain(way, size)] : [])]);
    market.block([market.victim.open, ...(exit === 'beside' ? market.back() : [])]);
    market.block(market.back());
    return market;
  }
  return {
    name: 'sealed order held back',
    rule: bound === null ? 'sealed (default), no bound' : 'sealed (default), bound of 1.0 %',
    of: 'cairn',
    shareOf: 'guesses of the side that are right; the subnet is known',
    shares: [0.5, 0.55, 0.75, 1],
    judgedAt: 0.5,
    unit: UNIT,
    strategies: SIZES.flatMap((size) => [
      { size, lead: 'before', exit: 'beside' } as const,
      { size, lead: 'before', exit: 'after' } as const,
      { size, lead: 'beside', exit: 'after' } as const,
    ]),
    neighbours: nearSize,
    describe: ({ size, lead, exit }) =>
      `trades ${size.toPrecision(2)} times as much ${lead} it, back ${exit} it`,
    gain: (seed, right, strategy) =>
      overSides(
        (side) =>
          right * play(seed, side, side, strategy).gain() +
          (1 - right) * play(seed, side, opposite(side), strategy).gain(),
      ),
    victimLoss: (seed, strategy) =>
      overSides((side) => overSides((way) => play(seed, side, way, strategy).loss())),
  };
}

interface Held extends Sized {
  /** Blocks for which the opening is left out; as many as there are: the order is cancelled. */
  readonly blocks: number;
  /** With the victim or against it. */
  readonly way: 'with' | 'against';
}

/** A producer of all the blocks that holds an opening back which it has read, and trades in between. */
export const heldBackOpening: Attack<Held> = {
  name: 'opening held back',
  rule: 'sealed (default)',
  of: 'cairn',
  shareOf: 'none needed',
  shares: [0],
  judgedAt: 0,
  unit: UNIT,
  strategies: SIZES.flatMap((size) =>
    Array.from({ length: WINDOW + 1 }, (_, blocks) => blocks).flatMap((blocks) => [
      { size, blocks, way: 'with' } as const,
      { size, blocks, way: 'against' } as const,
    ]),
  ),
  neighbours: nearSize,
  describe: ({ size, blocks, way }) =>
    `holds it back ${blocks} blocks, trades ${size.toPrecision(2)} times as much ${way} it`,
  gain(seed, _, { size, blocks, way }) {
    return overSides((side) => {
      const market = createSealedMarket(seed, side, null);
      market.block([market.victim.seal]);
      const own = () => market.plain(way === 'with' ? side : opposite(side), size);
      for (let block = 0; block < blocks; block += 1) market.block(block === 0 ? [own()] : []);
      if (blocks < WINDOW) market.block([market.victim.open, ...(blocks === 0 ? [own()] : [])]);
      market.block(market.back());
      return market.gain();
    });
  },
};

interface Option extends Sized {
  /** Sealed in the victim's block, so that they are opened in its turn, or in the block before it, so in an earlier. */
  readonly when: 'beside' | 'before';
  /** The one opened: by what the victim wants when that is known, else always the same. */
  readonly opens: 'with' | 'against' | 'none' | Side;
  /** Blocks that the adversary waits before it decides. */
  readonly delay: number;
}

const KNOWN = ['with', 'against', 'none'] as const;

/**
 * Seals a purchase and a sale, and opens the one that turns out useful when it knows what the victim wants. Of a sealed
 * order it cannot know that before its own turn is over, unless both were sealed in one block.
 *
 * @param isVictimSealed otherwise the victim's order is plain, and the adversary's are sealed already when it comes
 */
export function sealedOptions(isVictimSealed: boolean): Attack<Option> {
  const kinds = isVictimSealed
    ? [
        ...KNOWN.map((opens) => ({ when: 'beside', opens }) as const),
        ...SIDES.map((opens) => ({ when: 'before', opens }) as const),
      ]
    : KNOWN.map((opens) => ({ when: 'before', opens }) as const);
  return {
    name: 'sealed orders as options',
    rule: isVictimSealed ? 'sealed (default)' : 'against a plain order, no bound',
    of: 'cairn',
    shareOf: 'none needed',
    shares: [0],
    judgedAt: 0,
    unit: UNIT,
    strategies: [0.01, 0.1, 1].flatMap((size) =>
      kinds.flatMap((kind) => [0, WINDOW - 2].map((delay) => ({ size, delay, ...kind }))),
    ),
    neighbours: nearSize,
    describe: ({ size, when, opens, delay }) =>
      `seals ${size.toPrecision(2)} times as much either way ${when} it, opens ${opens === 'none' ? 'nothing' : opens} after ${delay + 1} blocks`,
    gain(seed, _, { size, when, opens, delay }) {
      return overSides((side) => {
        const market = createSealedMarket(seed, side, null);
        const own = { buy: market.sealed('buy', size), sell: market.sealed('sell', size) };
        const seals = SIDES.map((way) => own[way].seal);
        const { seal, open, plain } = market.victim;
        const isAfter = isVictimSealed && when === 'before';
        market.block(isVictimSealed && !isAfter ? [...seals, seal] : seals);
        market.block(isVictimSealed ? [isAfter ? seal : open] : [plain]);
        for (let block = 0; block < delay; block += 1) market.block([]);
        market.block(opens === 'none' ? [] : [own[chosenSide(opens, side)].open]);
        // What is not opened is waited for until the window is over.
        for (let passed = delay + 2; passed < WINDOW; passed += 1) market.block([]);
        if (isAfter) market.block([open]);
        market.block(market.back());
        return market.gain();
      });
    },
  };
}

function chosenSide(opens: Exclude<Option['opens'], 'none'>, side: Side): Side {
  if (opens === 'with') return side;
  return opens === 'against' ? opposite(side) : opens;
}
