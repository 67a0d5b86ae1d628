import { DEFAULT_SCORING_RULES } from '@cairn/mechanisms';
import type { Fx } from '@cairn/protocol';
import type { Attack, RuleOf } from './attack.ts';
import { createScorer, type EpochScene, MINERS, playYuma } from './yuma-world.ts';

const EPOCHS = 20;
const SHARES = [0.01, 0.1, 0.33, 0.45, 0.55];
const WEIGHT_MAX = 65_535;
/** How often somebody measures who mostly rests. */
const REST_EPOCHS = 4;

/** Weights of others as someone sees them who may look `delay` epochs back. */
function visible({ honest, revealed }: EpochScene, delay: number, memory: number) {
  if (delay === 0) return [honest];
  const until = revealed.length - delay + 1;
  return revealed.slice(Math.max(0, until - memory), Math.max(0, until));
}

function meanOf(rows: readonly (readonly number[])[]): number[] {
  return Array.from({ length: MINERS }, (_, miner) => {
    const sum = rows.reduce((total, row) => total + row[miner]!, 0);
    return rows.length === 0 ? WEIGHT_MAX : sum / rows.length;
  });
}

/** What the honest twin earns, which has the same stake and the same costs and measures: once for each seed and share. */
function createTwin(): (seed: number, stakeShare: number) => number {
  const known = new Map<string, number>();
  return (seed, stakeShare) => {
    const key = `${seed} ${stakeShare}`;
    const world = { seed, stakeShare, epochs: EPOCHS, ownQuality: 1 };
    const dividends = known.get(key) ?? playYuma({ ...world, weigh: ({ own }) => own }).dividends;
    known.set(key, dividends);
    return dividends;
  };
}

interface Copier {
  /** Epochs that it averages over. */
  readonly memory: number;
  /** How much it moves the mean of others towards equal weights. */
  readonly shrink: number;
  /** Hotkeys over which it spreads its stake, each of which attests the evidence of the others. */
  readonly hotkeys: number;
}

export interface CopierRule {
  readonly rule: string;
  readonly of: RuleOf;
  /** Epochs until weights are visible: 0 when they are open, 1 when they are committed and revealed in the next. */
  readonly delay: number;
  /** Whether dividends are forfeited by whoever cannot show evidence from which its weights follow. */
  readonly isJudged: boolean;
}

/**
 * Whether more than half of the stake that judges a hotkey of somebody without evidence belongs to the same person.
 * The others attest only evidence from which the weights follow.
 */
function isAttested(stakeShare: number, hotkeys: number): boolean {
  const own = stakeShare - stakeShare / hotkeys;
  const judges = 1 - stakeShare / hotkeys;
  return 2 * own > judges;
}

/** A validator that measures nothing and weighs by what others weighed. */
export function weightCopier({ rule, of, delay, isJudged }: CopierRule): Attack<Copier> {
  const twinOf = createTwin();
  const hotkeys = isJudged ? 64 : 1;
  return {
    name: 'weight copier',
    rule,
    of,
    shareOf: 'stake of the subnet',
    shares: SHARES,
    judgedAt: 0.1,
    unit: "of the twin's dividends",
    strategies: [1, 2, 4, 8].map((memory) => ({ memory, shrink: 0, hotkeys })),
    neighbours: ({ memory, shrink }) => [
      { memory: memory + 1, shrink, hotkeys },
      { memory: Math.max(1, memory - 1), shrink, hotkeys },
      { memory, shrink: Math.min(0.9, shrink + 0.15), hotkeys },
    ],
    describe: ({ memory, shrink }) =>
      `copies the mean of ${memory} epoch${memory === 1 ? '' : 's'}, ${Math.round(100 * shrink)} % evened out`,
    gain(seed, stakeShare, { memory, shrink, hotkeys }) {
      if (isJudged && !isAttested(stakeShare, hotkeys)) return -1;
      const world = { seed, epochs: EPOCHS, stakeShare, ownQuality: 1 };
      const copied = playYuma({
        ...world,
        weigh(scene) {
          const mean = meanOf(visible(scene, delay, memory).map(meanOf));
          const level = mean.reduce((sum, value) => sum + value, 0) / MINERS;
          return mean.map((value) => value + shrink * (level - value));
        },
      });
      return copied.dividends / twinOf(seed, stakeShare) - 1;
    },
  };
}

interface Silence {
  /** Epochs of others' weights that it averages over. */
  readonly memory: number;
  /** How far it goes towards them where its own score is higher: 1 all the way. */
  readonly pull: number;
  /** By how much of one its own score has to be higher before it does. */
  readonly beyond: number;
}

export interface SilentCopierRule {
  readonly name: string;
  readonly rule: string;
  readonly of: RuleOf;
  /** Whether what it leaves out was asked and signed for, so that the miner's countersigned receipt refutes it. */
  readonly isRefuted: boolean;
  /** Whether dividends are paid in proportion to the answers in the evidence. */
  readonly isByEvidence: boolean;
}

/** Hotkeys over which it spreads its stake, so that they may attest each other. */
const SILENT_HOTKEYS = 64;

/**
 * A validator that publishes true evidence but for answers it leaves out, where its own score is above what others
 * weighed an epoch ago. Silence only lowers a score, and the rest of the evidence bears it out. Where it denies what
 * it has signed for, miners that are up show that, and the epoch is forfeited unless its own stake attests it. Where
 * it never asked, because it stops asking a miner that has right answers enough, there is nothing to show; but its
 * evidence has fewer answers than that of the others, whose miners answer everything.
 */
export function silentCopier({ name, rule, of, isRefuted, isByEvidence }: SilentCopierRule): Attack<Silence> {
  const twinOf = createTwin();
  const world = { epochs: EPOCHS, ownQuality: 1 };
  return {
    name,
    rule,
    of,
    shareOf: 'stake of the subnet',
    shares: SHARES,
    judgedAt: 0.1,
    unit: "of the twin's dividends",
    strategies: [1, 2, 4].flatMap((memory) =>
      [0.25, 0.5, 1].flatMap((pull) => [0.02, 0.1].map((beyond) => ({ memory, pull, beyond }))),
    ),
    neighbours: ({ memory, pull, beyond }) => [
      { memory: memory + 1, pull, beyond },
      { memory, pull: Math.min(1, pull * 1.5), beyond },
      { memory, pull: pull / 1.5, beyond },
      { memory, pull, beyond: beyond * 2 },
      { memory, pull, beyond: beyond / 2 },
    ],
    describe: ({ memory, pull, beyond }) =>
      `goes ${Math.round(100 * pull)} % towards the mean of ${memory} epoch${memory === 1 ? '' : 's'} where it is more than ${(100 * beyond).toFixed(1)} % above`,
    gain(seed, stakeShare, strategy) {
      const scorer = createScorer();
      const isPunished = isRefuted && !isAttested(stakeShare, SILENT_HOTKEYS);
      let leftOut = 0;
      const silent = playYuma({
        ...world,
        seed,
        stakeShare,
        weigh(scene) {
          const rows = visible(scene, 1, strategy.memory);
          const marks =
            rows.length === 0
              ? scene.ownMarks
              : claimSilence(scene.ownMarks, meanOf(rows.map(meanOf)), scorer.carried, strategy);
          leftOut = countRight(scene.ownMarks) - countRight(marks);
          return scorer.weigh(marks);
        },
        paidShare: () => (leftOut > 0 && isPunished ? 0 : paidFor(stakeShare, leftOut)),
      });
      return silent.dividends / twinOf(seed, stakeShare) - 1;
    },
    ...(isRefuted ? {} : { beside: (seed: number, stakeShare: number) => gainOfResting(seed, stakeShare) }),
  };

  /** Who has more than half of the stake states its own answers and is the median. */
  function paidFor(stakeShare: number, leftOut: number): number {
    if (!isByEvidence || isAttested(stakeShare, SILENT_HOTKEYS)) return 1;
    return 1 - leftOut / (MINERS * DEFAULT_SCORING_RULES.tasks);
  }

  /** Who rests asks nobody, so no receipt of those epochs exists. */
  function gainOfResting(seed: number, stakeShare: number): Readonly<Record<string, number>> {
    const scorer = createScorer();
    let epoch = 0;
    let leftOut = 0;
    const weigh = ({ ownMarks }: EpochScene): number[] => {
      const isMeasuring = epoch % REST_EPOCHS === 0;
      epoch += 1;
      leftOut = isMeasuring ? 0 : MINERS * DEFAULT_SCORING_RULES.tasks;
      return scorer.weigh(isMeasuring ? ownMarks : ownMarks.map((row) => row.map(() => 0n)));
    };
    const rested = playYuma({
      ...world,
      seed,
      stakeShare,
      weigh,
      paidShare: () => paidFor(stakeShare, leftOut),
    });
    return {
      [`its twin by one that measures every ${REST_EPOCHS}th epoch and asks nobody between, that saving not counted`]:
        rested.dividends / twinOf(seed, stakeShare) - 1,
    };
  }
}

function countRight(marks: readonly (readonly Fx[])[]): number {
  return marks.reduce((sum, row) => sum + row.filter((mark) => mark > 0n).length, 0);
}

/** Marks with right answers left out so far that the smoothed scores come towards the target where they are above. */
function claimSilence(
  marks: readonly (readonly Fx[])[],
  target: readonly number[],
  carried: readonly number[],
  { pull, beyond }: Silence,
): readonly (readonly Fx[])[] {
  const right = marks.map((row) => row.filter((mark) => mark > 0n).length);
  const most = Math.max(1, ...right);
  const top = Math.max(1, ...target);
  const { power, blendPermille } = DEFAULT_SCORING_RULES;
  const blend = blendPermille / 1_000;
  return marks.map((row, miner) => {
    const relative = (right[miner]! / most) ** power;
    const before = carried[miner] ?? relative;
    const wanted = target[miner]! / top;
    if (before + (relative - before) * blend <= wanted + beyond) return row;
    const needed = Math.max(0, before + (wanted - before) / blend);
    const aimed = relative - pull * (relative - Math.min(relative, needed));
    let kept = Math.round(most * aimed ** (1 / power));
    return row.map((mark) => {
      if (mark === 0n || kept <= 0) return 0n;
      kept -= 1;
      return mark;
    });
  });
}
