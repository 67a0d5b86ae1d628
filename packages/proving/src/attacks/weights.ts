import type { Attack } from './attack.ts';
import { type EpochScene, MINERS, playYuma, type YumaIncome } from './yuma-world.ts';

const EPOCHS = 20;
/** Part of a miner's quality that is new in each epoch. */
const DRIFT = 0.2;
const SHARES = [0.01, 0.1, 0.33, 0.45, 0.55];

/** Weights of others as someone sees them who may look `delay` epochs back. */
function visible({ measured, revealed }: EpochScene, delay: number, memory: number) {
  if (delay === 0) return [measured];
  const until = revealed.length - delay + 1;
  return revealed.slice(Math.max(0, until - memory), Math.max(0, until));
}

function meanOf(rows: readonly (readonly number[])[]): number[] {
  return Array.from({ length: MINERS }, (_, miner) => {
    const sum = rows.reduce((total, row) => total + row[miner]!, 0);
    return rows.length === 0 ? 1 : sum / rows.length;
  });
}

/** What the honest twin earns: worked out once for each seed and share. */
function createTwin(): (seed: number, stakeShare: number) => YumaIncome {
  const known = new Map<string, YumaIncome>();
  return (seed, stakeShare) => {
    const key = `${seed} ${stakeShare}`;
    const income =
      known.get(key) ??
      playYuma({ seed, stakeShare, epochs: EPOCHS, drift: DRIFT, ownQuality: 1, weigh: ({ own }) => own });
    known.set(key, income);
    return income;
  };
}

interface Copier {
  /** Epochs that it averages over. */
  readonly memory: number;
  /** How much it moves the mean of others towards equal weights. */
  readonly shrink: number;
}

/**
 * A validator that measures nothing and weighs by what others weighed. Its twin has the same stake and the same
 * costs, and measures.
 *
 * @param delay epochs until weights are visible: 0 when they are open, 1 when they are committed first and revealed
 * in the next epoch.
 */
export function weightCopier(delay: number): Attack<Copier> {
  const twinOf = createTwin();
  return {
    name: 'weight copier',
    rule: delay === 0 ? 'open weights' : `weights visible ${delay} epoch${delay === 1 ? '' : 's'} later`,
    of: 'cairn',
    shareOf: 'stake of the subnet',
    shares: SHARES,
    judgedAt: 0.1,
    unit: "of the twin's dividends",
    strategies: [1, 2, 4, 8].map((memory) => ({ memory, shrink: 0 })),
    neighbours: ({ memory, shrink }) => [
      { memory: memory + 1, shrink },
      { memory: Math.max(1, memory - 1), shrink },
      { memory, shrink: Math.min(0.9, shrink + 0.15) },
    ],
    describe: ({ memory, shrink }) =>
      `copies the mean of ${memory} epoch${memory === 1 ? '' : 's'}, ${Math.round(100 * shrink)} % evened out`,
    gain(seed, stakeShare, { memory, shrink }) {
      const world = { seed, epochs: EPOCHS, stakeShare, drift: DRIFT, ownQuality: 1 };
      const copied = playYuma({
        ...world,
        weigh(scene) {
          const mean = meanOf(visible(scene, delay, memory).map(meanOf));
          const level = mean.reduce((sum, value) => sum + value, 0) / MINERS;
          return mean.map((value) => value + shrink * (level - value));
        },
      });
      return copied.dividends / twinOf(seed, stakeShare).dividends - 1;
    },
  };
}

interface SelfWeights {
  /** Part of its weight that goes to its own miner; the rest follows what it measures. */
  readonly self: number;
}

const SELF_STRATEGIES: readonly SelfWeights[] = [0.02, 0.1, 0.3, 1].map((self) => ({ self }));

function nearSelf({ self }: SelfWeights): SelfWeights[] {
  return [0.5, 0.8, 1.25].map((factor) => ({ self: Math.min(1, self * factor) }));
}

/** Weights of someone who gives a part of them to its own miner, the last one, and the rest by measurement. */
function withSelf({ own }: EpochScene, self: number): number[] {
  const sum = own.reduce((total, value) => total + value, 0);
  return own.map((value, miner) => (1 - self) * (value / sum) + (miner === MINERS - 1 ? self : 0));
}

interface SelfDealer {
  readonly name: string;
  readonly rule: string;
  readonly of: 'cairn' | 'bittensor';
  /** Whether the incentive of its own miner is paid at all. */
  readonly isPaid: boolean;
}

/**
 * Somebody with stake who weighs up a miner of its own that does no work. Its twin has the same stake, and at the
 * same cost a miner as good as the others.
 */
function selfDealer({ name, rule, of, isPaid }: SelfDealer): Attack<SelfWeights> {
  const twinOf = createTwin();
  return {
    name,
    rule,
    of,
    shareOf: 'stake of the subnet',
    shares: SHARES,
    judgedAt: 0.33,
    unit: "of the twin's income",
    strategies: SELF_STRATEGIES,
    neighbours: nearSelf,
    describe: ({ self }) => `gives ${Math.round(100 * self)} % of its weight to its own idle miner`,
    gain(seed, stakeShare, { self }) {
      const world = { seed, epochs: EPOCHS, stakeShare, drift: DRIFT };
      const twin = twinOf(seed, stakeShare);
      const dealt = playYuma({ ...world, ownQuality: 0, weigh: (scene) => withSelf(scene, self) });
      const honest = twin.dividends + twin.incentive;
      return (dealt.dividends + (isPaid ? dealt.incentive : 0)) / honest - 1;
    },
  };
}

/** Most stake of a subnet in one hand. Both networks clip weights at half of the stake. */
export const stakeWhale = selfDealer({
  name: 'stake whale',
  rule: 'clipping at half of the stake (the same on both)',
  of: 'cairn',
  isPaid: true,
});

/** The owner's own hotkeys earn nothing from mining on either network; hidden ones are a whale's. */
export const openSelfDealer = selfDealer({
  name: 'self-dealing owner, own hotkeys',
  rule: 'incentive of the owner is burned (the same on both)',
  of: 'cairn',
  isPaid: false,
});
