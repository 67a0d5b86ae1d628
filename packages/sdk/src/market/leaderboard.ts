import { bytesToHex } from '@cairn/core';
import { combineScores, type Score } from './confidence.ts';
import type { Registry, RegistryEvaluation, RegistryModel } from './registry.ts';

/** How well one artifact does one task. */
export interface Standing {
  readonly model: RegistryModel;
  /** SHA-256 of the artifact, hex. */
  readonly artifact: string;
  readonly quantisation: string;
  readonly task: string;
  readonly score: Score;
  /** Validators whose word is in it. */
  readonly validators: number;
  /** Whether it beats the next one for sure: their intervals do not touch. */
  readonly isAhead: boolean;
}

/** What an artifact's validators found, by stake; those that are none any more do not count. */
export function scoreOf(
  evaluations: readonly RegistryEvaluation[],
): { readonly score: Score; readonly validators: number } | null {
  const counted = evaluations.filter(({ stake }) => stake !== null);
  const score = combineScores(
    counted.map(({ measurement, stake }) => ({
      right: measurement.right,
      trials: measurement.trials,
      weight: Number(stake),
    })),
  );
  return score === null ? null : { score, validators: counted.length };
}

/**
 * Who does a task best, as validators measured it: by the lower bound of what is known with 95 % confidence, so that
 * few lucky trials do not lead; of equals the smaller model first. What owners claim of themselves is not in it.
 */
export function rankModels({ models, evaluations }: Registry, task: string): Standing[] {
  const byArtifact = Map.groupBy(
    evaluations.filter(({ measurement }) => measurement.task === task),
    ({ measurement }) => `${bytesToHex(measurement.model)}/${bytesToHex(measurement.artifact)}`,
  );
  const standings: Omit<Standing, 'isAhead'>[] = [];
  for (const model of models) {
    for (const { sha256, quantisation } of model.card.artifacts) {
      const artifact = bytesToHex(sha256);
      const found = scoreOf(byArtifact.get(`${model.id}/${artifact}`) ?? []);
      if (found !== null) standings.push({ model, artifact, quantisation, task, ...found });
    }
  }
  standings.sort(
    (one, other) =>
      other.score.low - one.score.low ||
      Number(one.model.card.parameters - other.model.card.parameters) ||
      (one.artifact < other.artifact ? -1 : 1),
  );
  return standings.map((standing, index) => {
    const next = standings[index + 1];
    return { ...standing, isAhead: next === undefined || standing.score.low > next.score.high };
  });
}

/** Tasks that validators measured, with how many artifacts, the most measured first. */
export function measuredTasks({ evaluations }: Pick<Registry, 'evaluations'>): {
  readonly task: string;
  readonly artifacts: number;
}[] {
  const tasks = Map.groupBy(evaluations, ({ measurement }) => measurement.task);
  return [...tasks]
    .map(([task, found]) => ({
      task,
      artifacts: new Set(
        found.map(
          ({ measurement }) => `${bytesToHex(measurement.model)}/${bytesToHex(measurement.artifact)}`,
        ),
      ).size,
    }))
    .sort((one, other) => other.artifacts - one.artifacts || (one.task < other.task ? -1 : 1));
}
