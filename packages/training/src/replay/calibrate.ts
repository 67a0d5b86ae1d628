import type { Clock } from '@cairn/core';
import type { TrainingEngine } from '@cairn/protocol';
import {
  createRunMachine,
  type MachineParts,
  type RootedState,
  type TrainedRound,
} from '../machine/machine.ts';
import type { RunPlan } from '../machine/run-plan.ts';
import { decodeUpdate } from '../update/decode-update.ts';
import { claimedChange } from './claimed-change.ts';
import { type ChangeDistance, changeDistance } from './tolerant.ts';

export interface CalibrationParts extends Pick<MachineParts, 'data' | 'crypto' | 'turn'> {
  /** At least two, each of another class. */
  readonly engines: readonly TrainingEngine[];
  readonly clock: Clock;
}

export interface CalibrationTask {
  /** Weights that the first round begins with. */
  readonly base: RootedState;
  /** One round after another, each from the weights that the one before made. */
  readonly rounds: number;
  /** The first batch of the first round. @default 0 */
  readonly firstBatch?: number;
  readonly onRound?: (done: number, distances: readonly ChangeDistance[]) => void;
}

/**
 * How far honest engines of several classes are apart when they train the same rounds: of every round the distance of
 * every two of them. O(rounds × engines) rounds of steps.
 */
export async function measureDistances(
  parts: CalibrationParts,
  plan: RunPlan,
  { base, rounds, firstBatch = 0, onRound }: CalibrationTask,
): Promise<ChangeDistance[]> {
  const machines = parts.engines.map((engine) =>
    createRunMachine({ ...plan, isTraced: false }, { ...parts, engine }),
  );
  const { steps } = plan.manifest.inner;
  const found: ChangeDistance[] = [];
  let state = base;
  for (let round = 1; round <= rounds; round += 1) {
    const task = {
      ...{ run: new Uint8Array(32), round, seat: 0, halvings: 0 },
      firstBatch: firstBatch + (round - 1) * steps,
    };
    const trained: TrainedRound[] = [];
    for (const machine of machines) trained.push((await machine.train(state, task))!);
    const updates = trained.map(({ update }) => decodeUpdate(update, plan.codec, plan.table));
    const changes = trained.map(({ residual }, index) =>
      claimedChange(plan, { update: updates[index]!, left: residual }),
    );
    const distances = changes.flatMap((own, index) =>
      changes.slice(index + 1).map((other) => changeDistance(other, own)),
    );
    found.push(...distances);
    onRound?.(round, distances);
    state = machines[0]!.apply(state, updates.slice(0, 1));
  }
  return found;
}
