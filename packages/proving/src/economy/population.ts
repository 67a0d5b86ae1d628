import type { SeededRandom } from '../simulation/seeded-random.ts';

/** What a subnet is there for, which its share of emission should follow. */
export const SUBNET_KINDS = ['used', 'hyped', 'propped', 'washed', 'idle'] as const;
export type SubnetKind = (typeof SUBNET_KINDS)[number];

/** What each kind does, for the report. */
export const KIND_TEXTS: Readonly<Record<SubnetKind, string>> = {
  used: 'people pay for its work, more of them as the year goes on',
  hyped: 'nobody uses it; traders buy its token in waves and leave',
  propped: 'nobody uses it; its owner buys the token with all it earns',
  washed: 'its owner pays itself through channels as long as that earns nine tenths of what it burns',
  idle: 'nothing happens; its owner and miners sell what they get',
};

/** Somebody with money. Amounts in pebbles and units. */
export interface Holder {
  cairn: bigint;
  /** Staked on root. */
  root: bigint;
  readonly tokens: Map<number, bigint>;
}

export interface Miner extends Holder {
  /** Share of what it earns that it sells for its costs, in per cent. */
  readonly sells: number;
}

export interface Trader extends Holder {
  /** `yield` looks for much emission for little price, `trend` follows prices, `use` follows paying users. */
  readonly style: 'yield' | 'trend' | 'use';
}

export interface SimulatedSubnet {
  readonly netuid: number;
  readonly kind: SubnetKind;
  readonly owner: Holder;
  readonly miners: readonly Miner[];
  /** What people would pay for its work in a day once it is known, in pebbles. */
  readonly demand: bigint;
  /** Days after which half of that demand is there. */
  readonly grownAfterDays: number;
}

export interface Population {
  readonly subnets: readonly SimulatedSubnet[];
  /** Who votes with root stake; the first have most. */
  readonly stakers: readonly Holder[];
  readonly traders: readonly Trader[];
  /** People who pay for work and buy from those who sell for their costs. */
  readonly public: Holder;
}

const CAIRN = 1_000_000_000n;
const MINERS = 8;
const TRADERS = 48;
const STAKERS = 120;

export function newHolder(cairn = 0n, root = 0n): Holder {
  return { cairn, root, tokens: new Map() };
}

/** Of every sixteen subnets five are used, three hyped, two propped, two washed, four idle. */
const MIX: readonly SubnetKind[] = [
  ...Array<SubnetKind>(5).fill('used'),
  ...Array<SubnetKind>(3).fill('hyped'),
  ...Array<SubnetKind>(2).fill('propped'),
  ...Array<SubnetKind>(2).fill('washed'),
  ...Array<SubnetKind>(4).fill('idle'),
];

/**
 * Who lives in a network when the year begins.
 *
 * @param outside pebbles issued and not in pools: 45 % on root by a power law, 25 % with traders, the rest with the public.
 */
export function createPopulation(random: SeededRandom, count: number, outside: bigint): Population {
  const traderFunds = (outside * 25n) / 100n;
  const rootFunds = (outside * 45n) / 100n;
  // The k-th largest has 1/k of the largest: as unequal as delegated stake is elsewhere.
  const weights = Array.from({ length: STAKERS }, (_, index) => 1_000_000n / BigInt(index + 1));
  const whole = weights.reduce((sum, weight) => sum + weight, 0n);
  const styles = ['yield', 'trend', 'use'] as const;
  return {
    subnets: Array.from({ length: count }, (_, index) => ({
      netuid: index + 1,
      kind: MIX[index % MIX.length]!,
      owner: newHolder(1_000n * CAIRN),
      miners: Array.from({ length: MINERS }, () => ({ ...newHolder(), sells: 50 + random.below(50) })),
      demand: BigInt(200 + random.below(4_000)) * CAIRN,
      grownAfterDays: 30 + random.below(240),
    })),
    stakers: weights.map((weight) => newHolder(0n, (rootFunds * weight) / whole)),
    traders: Array.from({ length: TRADERS }, (_, index) => ({
      ...newHolder(traderFunds / BigInt(TRADERS)),
      style: styles[index % styles.length]!,
    })),
    public: newHolder(outside - traderFunds - rootFunds),
  };
}

export function tokensOf({ tokens }: Holder, netuid: number): bigint {
  return tokens.get(netuid) ?? 0n;
}

export function addTokens({ tokens }: Holder, netuid: number, amount: bigint): void {
  tokens.set(netuid, (tokens.get(netuid) ?? 0n) + amount);
}
