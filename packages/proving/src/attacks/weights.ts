import type { Attack } from './attack.ts';
import { type EpochScene, MINERS, playYuma, type YumaIncome } from './yuma-world.ts';

const EPOCHS = 20;
const SHARES = [0.01, 0.1, 0.33, 0.45, 0.55];

/** What the honest twin earns: worked out once for each seed and share. */
function createTwin(): (seed: number, stakeShare: number) => YumaIncome {
  const known = new Map<string, YumaIncome>();
  return (seed, stakeShare) => {
    const key = `${seed} ${stakeShare}`;
    const income =
      known.get(key) ??
      playYuma({ seed, stakeShare, epochs: EPOCHS, ownQuality: 1, weigh: ({ own }) => own });
    known.set(key, income);
    return income;
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
      const world = { seed, epochs: EPOCHS, stakeShare };
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
