import { bytes32, choice, struct, u8, u16, u32, u64, type ValueOf } from '@cairn/core';
import { BPS_WHOLE, MAX_INNER_STEPS, MAX_LOG_ROUNDS, MAX_ROSTER, MAX_WITNESSES } from './limits.ts';

/**
 * `exact`: the same inputs give the same bits everywhere, so a wrong step can be convicted. `tolerant`: honest engines
 * differ; steps are replayed within bounds that the run states, or not at all.
 */
export const RUN_ENGINES = ['exact', 'tolerant'] as const;

/** The integers that the rules of a run need. Slots as in `slotMs`. */
export const runTermsShape = struct('RunTerms', {
  engine: choice('engine', RUN_ENGINES, u8),
  /** Hash of what decides the bits of an exact engine. Of a tolerant run: hash of the bounds of its replay; zero: nothing is replayed. */
  engineClass: bytes32,
  /** H: inner steps of a whole update. */
  innerSteps: u16,
  /** A round is open for updates no longer, and unless all have come no shorter, than this. */
  maxTrainSlots: u32,
  minTrainSlots: u32,
  /** Longest time in which updates are shown, witnessed and scored. */
  showSlots: u32,
  /** Longest time in which scores are revealed and the outcome is agreed on. */
  settleSlots: u32,
  /** With fewer the run cools down. */
  minTrainers: u16,
  /** Most updates that enter one round's weights. */
  maxTrainers: u16,
  /** Trainers beyond them that step in for those who miss the round. */
  reserves: u16,
  /** Most trainers of a round that witness. */
  witnesses: u8,
  /** Pebbles that a trainer loses when it is convicted. */
  bond: u64,
  /** Pebbles that a settled round pays. */
  rewardPerRound: u64,
  /** From the outcome to the end of challenges, when pay vests. */
  vestSlots: u32,
  /** Time to judge a case, and time to appeal against a conviction. */
  caseSlots: u32,
  appealSlots: u32,
  /** Probability that an accepted update is drawn for replay, of 10,000. */
  drawBps: u16,
  /** Rounds between checkpoints, at most 64. */
  checkpointEvery: u16,
  /** Rounds after which the run cools down for good; 0: none. */
  rounds: u32,
});
export type RunTerms = ValueOf<typeof runTermsShape>;

const MAX_SLOTS = 1_000_000;

/** Whether steps of a run can be judged by making them again: all of an exact run, and of one that states its bounds. */
export function isReplayed({ engineClass }: Pick<RunTerms, 'engineClass'>): boolean {
  return engineClass.some((byte) => byte !== 0);
}

/** What is wrong with the terms of a run; null when nothing is. */
export function findTermsFault(terms: RunTerms): string | null {
  const { engine, minTrainers, maxTrainers, reserves } = terms;
  if (engine === 'exact' && !isReplayed(terms)) return 'an exact run names the class of its engine';
  if (!isReplayed(terms) && terms.drawBps > 0)
    return 'steps of a tolerant run that states no bounds are not drawn for replay';
  if (terms.innerSteps < 1 || terms.innerSteps > MAX_INNER_STEPS)
    return `inner steps are 1 to ${MAX_INNER_STEPS}`;
  if (minTrainers < 1 || minTrainers > maxTrainers)
    return `at least ${minTrainers} and at most ${maxTrainers} trainers cannot be`;
  if (maxTrainers + reserves > MAX_ROSTER)
    return `${maxTrainers} trainers and ${reserves} reserves are more than ${MAX_ROSTER}`;
  if (terms.witnesses < 1 || terms.witnesses > MAX_WITNESSES) return `witnesses are 1 to ${MAX_WITNESSES}`;
  if (terms.minTrainSlots > terms.maxTrainSlots) return 'its shortest time to train is above the longest';
  const spans = [
    'minTrainSlots',
    'showSlots',
    'settleSlots',
    'vestSlots',
    'caseSlots',
    'appealSlots',
  ] as const;
  const wrong = spans.find((name) => terms[name] < 1 || terms[name] > MAX_SLOTS);
  if (wrong !== undefined) return `${wrong} is 1 to ${MAX_SLOTS}`;
  if (terms.maxTrainSlots > MAX_SLOTS) return `maxTrainSlots is at most ${MAX_SLOTS}`;
  if (terms.drawBps > Number(BPS_WHOLE)) return 'the probability of a draw is at most 10,000 of 10,000';
  if (terms.checkpointEvery < 1 || terms.checkpointEvery > MAX_LOG_ROUNDS)
    return `between checkpoints are 1 to ${MAX_LOG_ROUNDS} rounds`;
  return null;
}
