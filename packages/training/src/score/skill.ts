import { TrainingError } from '../errors.ts';

/** A trainer's skill as a normal distribution. */
export interface Skill {
  readonly mu: number;
  readonly sigma: number;
}

/** Before the first comparison. */
export const NEW_SKILL: Skill = { mu: 25, sigma: 25 / 3 };

/** Skills after one comparison of all with all. `scores` are better when larger; equal ones tie. */
export type RateSkills = (skills: readonly Skill[], scores: readonly number[]) => Skill[];

/**
 * OpenSkill's Plackett–Luce model with Gauntlet's constants.
 *
 * @throws TrainingError `PACKAGE_MISSING` when `openskill` is not installed.
 */
export async function loadSkillModel(): Promise<RateSkills> {
  const { rate, rating } = await import('openskill').catch((cause: unknown) => {
    throw new TrainingError(
      { code: 'PACKAGE_MISSING', name: 'openskill' },
      'Scoring trainers needs the package openskill. Install what training needs: ./cairn train.',
      { cause },
    );
  });
  return (skills, scores) => {
    // Nobody to compare with.
    if (skills.length < 2) return [...skills];
    const teams = skills.map((skill) => [rating(skill)]);
    return rate(teams, { score: [...scores], beta: 7, tau: 0.1 }).map(([skill]) => ({
      mu: skill!.mu,
      sigma: skill!.sigma,
    }));
  };
}
