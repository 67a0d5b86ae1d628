import type { Improvement } from './measure-updates.ts';
import { medianOf } from './median.ts';
import type { RateSkills } from './skill.ts';
import {
  factorsOf,
  NEW_RECORD,
  recordMeasured,
  type ScoreFactors,
  type TrainerRecord,
} from './trainer-record.ts';

/** Values in common with another update, from which on an update is taken for a copy. */
const COPY_OVERLAP = 0.75;
/** When this rank is negative, the round is to blame and nobody in it. */
const BLAMING_RANK = 5;
const DEVIATIONS = 4;
/** Less than this of the median gain, for as many steps, is not worth its place. */
const LEAST_GAIN = 0.1;
/** Fewer deviations than this from what chance would do are taken for chance: of noise about one in 160 has more. */
const LEAST_AIM = 2.5;

/** What a validator knows about one trainer of a round. */
export interface TrainerEvidence {
  readonly trainer: string;
  /** Null: nothing usable came, for the reason named. */
  readonly improvement: Improvement | null;
  readonly reason?: 'missing' | 'malformed' | 'stale';
  /** Steps said to be made of those of a whole round, 0 to 1: how much it has to gain to be of use. */
  readonly steps: number;
  /** Largest overlap with an earlier upload of this round, and with uploads of the round before. */
  readonly overlap: number;
}

export type RefusalReason =
  | 'missing'
  | 'malformed'
  | 'stale'
  | 'copy'
  | 'harmful'
  | 'useless'
  | 'noise'
  | 'excluded';

export interface Judgement {
  readonly trainer: string;
  /** Whether its update becomes part of the weights. */
  readonly isAccepted: boolean;
  /** Why it does not; null when it does. */
  readonly refusal: RefusalReason | null;
  /** Product of the factors; 0 when it is not accepted. */
  readonly score: number;
  readonly factors: ScoreFactors;
}

export interface RoundJudgement {
  /** In the order of the evidence. */
  readonly judgements: readonly Judgement[];
  /** Of everybody known, after the round. */
  readonly records: ReadonlyMap<string, TrainerRecord>;
}

/**
 * Scores a round: whose update helps data that nobody knew, and helps its sender's data more. An update that makes
 * the loss worse is left out, and so is one whose gain may as well be luck. When most are worse the model is the
 * problem and not its trainers: nobody is blamed then, and only those far below the others are left out.
 */
export function judgeRound(
  rate: RateSkills,
  before: ReadonlyMap<string, TrainerRecord>,
  evidence: readonly TrainerEvidence[],
): RoundJudgement {
  const records = new Map(before);
  const measured = evidence.filter(({ improvement }) => improvement !== null);
  const gains = measured.map(({ improvement }) => improvement!.unseen);
  const isRoundBad = isWholeRoundBad(gains);
  const bar = {
    isRoundBad,
    fence: fenceOf(gains),
    least: LEAST_GAIN * Math.max(0, gains.length === 0 ? 0 : medianOf(gains)),
  };
  for (const { trainer, improvement } of evidence) {
    const record = records.get(trainer) ?? NEW_RECORD;
    records.set(
      trainer,
      improvement === null
        ? record
        : recordMeasured(record, {
            helpsOwnMore: improvement.assigned > improvement.unseen,
            isNegative: !(improvement.unseen > 0),
            isBlamed: !isRoundBad,
          }),
    );
  }
  // Of whole gains, not by the step: else who says to have made fewer steps than it did would be rated above others.
  const skills = rate(
    measured.map(({ trainer }) => records.get(trainer)!.skill),
    gains,
  );
  for (const [index, { trainer }] of measured.entries())
    records.set(trainer, { ...records.get(trainer)!, skill: skills[index]! });

  const judgements = evidence.map((one): Judgement => {
    const record = records.get(one.trainer)!;
    const refusal = refusalOf(one, record, bar);
    const factors = factorsOf(record);
    const score = factors.skill * factors.trust * factors.penalty;
    return {
      trainer: one.trainer,
      isAccepted: refusal === null,
      refusal,
      score: refusal === null ? score : 0,
      factors,
    };
  });
  return { judgements, records };
}

/** What an update has to reach. */
interface Bar {
  readonly isRoundBad: boolean;
  readonly fence: number;
  /** For a whole round's steps. */
  readonly least: number;
}

function refusalOf(
  { improvement, reason = 'missing', overlap, steps }: TrainerEvidence,
  record: TrainerRecord,
  { isRoundBad, fence, least }: Bar,
): RefusalReason | null {
  if (improvement === null) return reason;
  if (overlap >= COPY_OVERLAP) return 'copy';
  const { unseen, aim } = improvement;
  if (isRoundBad ? unseen < fence || unseen === 0 : unseen <= 0) return 'harmful';
  if (!isRoundBad && unseen < least * steps) return 'useless';
  // An aim that is no number, of a slope that is none, says nothing.
  if (!isRoundBad && aim < LEAST_AIM) return 'noise';
  return record.isExcluded ? 'excluded' : null;
}

/** Whether the fifth-best, or of fewer the middle one, makes the loss worse. Of one or two nobody can say. */
function isWholeRoundBad(gains: readonly number[]): boolean {
  if (gains.length < 3) return false;
  const rank = Math.min(BLAMING_RANK, Math.ceil(gains.length / 2));
  return gains.toSorted((a, b) => b - a)[rank - 1]! < 0;
}

/** Four median deviations below the median. */
function fenceOf(gains: readonly number[]): number {
  if (gains.length === 0) return 0;
  const middle = medianOf(gains);
  return middle - DEVIATIONS * medianOf(gains.map((gain) => Math.abs(gain - middle)));
}

/** Scores of a round as shares of the largest, 0 to 65,535, as validators reveal them. Rounds down. */
export function scoresToU16(judgements: readonly Judgement[]): number[] {
  const largest = Math.max(0, ...judgements.map(({ score }) => score));
  return judgements.map(({ score }) => (largest === 0 ? 0 : Math.floor((score / largest) * 65_535)));
}
