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
  /** Validators whose word is in it, and their stake on root together, in pebbles. */
  readonly validators: number;
  readonly stake: bigint;
  /** Whether at least half as much stake speaks for it as for that of this task with most. */
  readonly isBacked: boolean;
  /** Whether it beats the next one for sure: their intervals do not touch. */
  readonly isAhead: boolean;
}

/** What an artifact's validators found, by stake; those that are none any more do not count. */
export function scoreOf(
  evaluations: readonly RegistryEvaluation[],
): { readonly score: Score; readonly validators: number; readonly stake: bigint } | null {
  const counted = evaluations.filter(({ stake }) => stake !== null);
  const score = combineScores(
    counted.map(({ measurement, stake }) => ({
      right: measurement.right,
      trials: measurement.trials,
      weight: Number(stake),
    })),
  );
  const staked = counted.reduce((sum, { stake }) => sum + (stake ?? 0n), 0n);
  return score === null ? null : { score, validators: counted.length, stake: staked };
}

/**
 * Who does a task best, as validators measured it: by the lower bound of what is known with 95 % confidence, so that
 * few lucky trials do not lead; of equals the smaller model first. Behind all others are those for which little
 * stake speaks, or anybody could make a subnet and praise a model on it. What owners claim of themselves is not in
 * it.
 */
export function rankModels({ models, evaluations }: Registry, task: string): Standing[] {
  const byArtifact = Map.groupBy(
    evaluations.filter(({ measurement }) => measurement.task === task),
    ({ measurement }) => `${bytesToHex(measurement.model)}/${bytesToHex(measurement.artifact)}`,
  );
  const found: Omit<Standing, 'isAhead' | 'isBacked'>[] = [];
  for (const model of models) {
    for (const { sha256, quantisation } of model.card.artifacts) {
      const artifact = bytesToHex(sha256);
      const measured = scoreOf(byArtifact.get(`${model.id}/${artifact}`) ?? []);
      if (measured !== null) found.push({ model, artifact, quantisation, task, ...measured });
    }
  }
  const most = found.reduce((top, { stake }) => (stake > top ? stake : top), 0n);
  const standings = found.map((each) => ({ ...each, isBacked: 2n * each.stake >= most }));
  standings.sort(
    (one, other) =>
      Number(other.isBacked) - Number(one.isBacked) ||
      other.score.low - one.score.low ||
      Number(one.model.card.parameters - other.model.card.parameters) ||
      (one.artifact < other.artifact ? -1 : 1),
  );
  return standings.map((standing, index) => {
    const next = standings[index + 1];
    const isAhead = next === undefined || !next.isBacked || standing.score.low > next.score.high;
    return { ...standing, isAhead: standing.isBacked && isAhead };
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
