/** Whose rule: this ledger's, or for comparison Bittensor's, or this ledger's without something it has. */
export type RuleOf = 'cairn' | 'bittensor' | 'comparison';

/** One way of attacking under one rule. `P` is what the adversary may choose. */
export interface Attack<P> {
  readonly name: string;
  /** The rule it is tried under. */
  readonly rule: string;
  readonly of: RuleOf;
  /** What the share counts, such as stake of the subnet. */
  readonly shareOf: string;
  /** Shares of that which the adversary is tried with, ascending. */
  readonly shares: readonly number[];
  /** The share at which the verdict is given. */
  readonly judgedAt: number;
  /** What a gain of one is. */
  readonly unit: string;
  /** Where the adversary begins to search. */
  readonly strategies: readonly P[];
  /** Strategies near one, tried as long as one of them is better. */
  neighbours?(strategy: P): readonly P[];
  describe(strategy: P): string;
  /** Net income less that of the honest twin with the same stake and the same costs. Equal seeds give equal worlds. */
  gain(seed: number, share: number, strategy: P): number;
  /** What the victim gets less than without the attack, of what it would get; 0 when its bound keeps it out and it has its money back. */
  victimLoss?(seed: number, strategy: P): number;
  /** Gains against other yardsticks than the twin, by name, so that nothing is hidden by its choice. */
  beside?(seed: number, share: number, strategy: P): Readonly<Record<string, number>>;
}

/** What an attack comes to. Gains are in the unit of the attack. */
export interface AttackRow {
  readonly attack: string;
  readonly rule: string;
  readonly of: RuleOf;
  readonly share: number;
  readonly shareOf: string;
  readonly unit: string;
  readonly seeds: number;
  /** Mean at the judged share, of the best strategy found, on seeds that the search did not see. */
  readonly gain: number;
  /** One-sided 95 % bounds of that mean. */
  readonly lower: number;
  readonly upper: number;
  readonly verdict: 'no profit' | 'profits' | 'undecided';
  /** Least share tried at which it may profit (its upper bound is above zero); null: none of those tried. */
  readonly breakEvenShare: number | null;
  /** Greatest share tried up to which no profit was found at any; null: it may profit at the least one. */
  readonly noProfitUpTo: number | null;
  /** Whether this is a rule of this ledger under which no profit was found up to some share. */
  readonly isDefended: boolean;
  readonly strategy: string;
  /** Mean part that the victim of that strategy loses; null: there is no one victim. */
  readonly victimLoss: number | null;
  /** Mean gains of that strategy against other yardsticks. */
  readonly beside: readonly { readonly against: string; readonly gain: number }[];
}

export interface AttackSearchOptions {
  /** Seeds of the verdict. @default 30 */
  readonly seeds?: number;
  /** Seeds of the search, which are others. @default 6 */
  readonly searchSeeds?: number;
}

/** Gains up to this are rounding. */
const NOTHING = 1e-6;
const SEARCH_SEED = 1_000_000;
const MOST_CLIMBS = 6;

interface Bounds {
  readonly mean: number;
  readonly lower: number;
  readonly upper: number;
}

/** Mean and its one-sided 95 % bounds by Student's t, whose quantile is that of Hill's expansion about the normal. */
export function boundsOf(values: readonly number[]): Bounds {
  const count = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  if (count < 2) return { mean, lower: -Infinity, upper: Infinity };
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (count - 1);
  const z = 1.644_853_627;
  const freedom = count - 1;
  const quantile =
    z + (z ** 3 + z) / (4 * freedom) + (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * freedom ** 2);
  const margin = quantile * Math.sqrt(variance / count);
  return { mean, lower: mean - margin, upper: mean + margin };
}

function meanGain<P>(attack: Attack<P>, share: number, strategy: P, seeds: number): number {
  let sum = 0;
  for (let seed = 0; seed < seeds; seed += 1) sum += attack.gain(SEARCH_SEED + seed, share, strategy);
  return sum / seeds;
}

/** The best strategy of the grid, then uphill from it. */
function searchStrategy<P>(attack: Attack<P>, share: number, seeds: number): P {
  const pick = (strategies: readonly P[]) => {
    let best: { readonly strategy: P; readonly gain: number } = {
      strategy: strategies[0] as P,
      gain: -Infinity,
    };
    for (const strategy of strategies) {
      const gain = meanGain(attack, share, strategy, seeds);
      if (gain > best.gain) best = { strategy, gain };
    }
    return best;
  };
  let best = pick(attack.strategies);
  for (let climb = 0; climb < MOST_CLIMBS; climb += 1) {
    const near = attack.neighbours?.(best.strategy) ?? [];
    if (near.length === 0) break;
    const better = pick(near);
    if (better.gain <= best.gain) break;
    best = better;
  }
  return best.strategy;
}

function meanLoss<P>(attack: Attack<P>, strategy: P, seeds: number): number | null {
  if (attack.victimLoss === undefined) return null;
  let sum = 0;
  for (let seed = 1; seed <= seeds; seed += 1) sum += attack.victimLoss(seed, strategy);
  return sum / seeds;
}

function meanBeside<P>(attack: Attack<P>, share: number, strategy: P, seeds: number): AttackRow['beside'] {
  const sums = new Map<string, number>();
  for (let seed = 1; seed <= seeds; seed += 1) {
    for (const [against, gain] of Object.entries(attack.beside?.(seed, share, strategy) ?? {})) {
      sums.set(against, (sums.get(against) ?? 0) + gain);
    }
  }
  return [...sums].map(([against, sum]) => ({ against, gain: sum / seeds }));
}

/** Searches and judges one attack at all its shares. */
export function judgeAttack<P>(attack: Attack<P>, options: AttackSearchOptions = {}): AttackRow {
  const { seeds = 30, searchSeeds = 6 } = options;
  const judge = (share: number) => {
    const strategy = searchStrategy(attack, share, searchSeeds);
    const gains = Array.from({ length: seeds }, (_, seed) => attack.gain(seed + 1, share, strategy));
    return { share, strategy, ...boundsOf(gains) };
  };
  const judged = attack.shares.map(judge);
  const chosen = judged.find(({ share }) => share === attack.judgedAt) ?? judged[0]!;
  const { mean: gain, lower, upper, strategy, share } = chosen;
  const { name, rule, of, shareOf, unit } = attack;
  const paying = judged.findIndex((at) => at.upper > NOTHING);
  const noProfitUpTo = (paying === -1 ? judged.at(-1) : judged[paying - 1])?.share ?? null;
  return {
    attack: name,
    rule,
    of,
    share,
    shareOf,
    unit,
    seeds,
    gain,
    lower,
    upper,
    verdict: upper <= NOTHING ? 'no profit' : lower > NOTHING ? 'profits' : 'undecided',
    breakEvenShare: judged[paying]?.share ?? null,
    noProfitUpTo,
    isDefended: of === 'cairn' && noProfitUpTo !== null,
    strategy: attack.describe(strategy),
    victimLoss: meanLoss(attack, strategy, seeds),
    beside: meanBeside(attack, share, strategy, seeds),
  };
}
