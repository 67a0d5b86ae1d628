import { bytes32, choice, struct, u8, u16, u32, u64, type ValueOf } from '@cairn/core';

/** `exact`: the same inputs give the same bits everywhere, so a wrong step can be convicted. `tolerant`: it cannot. */
export const RUN_ENGINES = ['exact', 'tolerant'] as const;

/** The integers that the rules of a run need. Slots as in `slotMs`. */
export const runTermsShape = struct('RunTerms', {
  engine: choice('engine', RUN_ENGINES, u8),
  /** Hash of what decides the bits of an exact engine; zero in a tolerant run. */
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
  /** Rounds between checkpoints. */
  checkpointEvery: u16,
  /** Rounds after which the run cools down for good; 0: none. */
  rounds: u32,
});
export type RunTerms = ValueOf<typeof runTermsShape>;
