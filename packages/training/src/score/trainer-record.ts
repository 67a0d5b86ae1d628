import { NEW_SKILL, type Skill } from './skill.ts';

/** Rounds in which a newcomer's factors have a floor. */
const NEWCOMER_ROUNDS = 10;
/** Least factor of a newcomer for training on its own data. */
const NEWCOMER_TRUST = 0.1;
/** Least skill that counts, of 25: nobody to compare with is no fault. */
const LEAST_SKILL = 1;
/** Below it, after the first rounds, a trainer is taken not to train on its own data. */
const LEAST_TRUST = 0.1;
const TRUST_KEPT = 0.95;
const RECENT_ROUNDS = 8;
const EXCLUDING_NEGATIVES = 3;
const NEGATIVE_FACTOR = 0.25;

/** What is known of a trainer from the rounds it was measured in. Plain data: it can be kept as JSON. */
export interface TrainerRecord {
  readonly skill: Skill;
  /** Moving average of +1 (its update helps its own data more than unseen data) and −1. */
  readonly trust: number;
  /** Rounds it was measured in. */
  readonly rounds: number;
  /** Whether its update made the loss worse, for the last 8 rounds, newest last. */
  readonly negatives: readonly boolean[];
  /** After three negative rounds in a row, until a positive one. */
  readonly isExcluded: boolean;
}

export const NEW_RECORD: TrainerRecord = {
  skill: NEW_SKILL,
  trust: 0,
  rounds: 0,
  negatives: [],
  isExcluded: false,
};

/** The record after a round that was measured. `isBlamed` is false when the whole round was bad. */
export function recordMeasured(
  record: TrainerRecord,
  measured: { readonly helpsOwnMore: boolean; readonly isNegative: boolean; readonly isBlamed: boolean },
): TrainerRecord {
  const isNegative = measured.isNegative && measured.isBlamed;
  const negatives = [...record.negatives, isNegative].slice(-RECENT_ROUNDS);
  const last = negatives.slice(-EXCLUDING_NEGATIVES);
  const isStruck = last.length === EXCLUDING_NEGATIVES && last.every((negative) => negative);
  return {
    ...record,
    trust: TRUST_KEPT * record.trust + (1 - TRUST_KEPT) * (measured.helpsOwnMore ? 1 : -1),
    rounds: record.rounds + 1,
    negatives,
    isExcluded: isStruck || (record.isExcluded && measured.isNegative),
  };
}

/**
 * The factors of a score, for people to read; the score is their product. It says how good an update is: the ledger
 * weighs it by the steps made and by the rounds missed, so neither is a factor here.
 */
export interface ScoreFactors {
  /** μ − 3σ of OpenSkill, at least 1. */
  readonly skill: number;
  /** How surely it trains on its own data, 0 to 1. */
  readonly trust: number;
  /** 0.25 when most of the last 8 rounds made the loss worse. */
  readonly penalty: number;
}

export function factorsOf(record: TrainerRecord): ScoreFactors {
  // The average starts at zero: divided by the weight it has gathered so far.
  const trust = record.rounds === 0 ? 0 : record.trust / (1 - TRUST_KEPT ** record.rounds);
  const isNew = record.rounds <= NEWCOMER_ROUNDS;
  const negatives = record.negatives.filter((negative) => negative).length;
  return {
    skill: Math.max(LEAST_SKILL, record.skill.mu - 3 * record.skill.sigma),
    trust: isNew ? Math.max(NEWCOMER_TRUST, trust) : trust < LEAST_TRUST ? 0 : trust,
    penalty: negatives * 2 > RECENT_ROUNDS ? NEGATIVE_FACTOR : 1,
  };
}
