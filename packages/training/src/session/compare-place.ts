import { CairnError } from '@cairn/core';
import type { TensorShape, TensorTable, TrainingEngine } from '@cairn/protocol';
import { TrainingError } from '../errors.ts';
import type { MachineHooks, RunMachine, TrainedRound } from '../machine/machine.ts';
import type { RunPlan } from '../machine/run-plan.ts';
import { tensorsToUnits } from '../machine/run-state.ts';
import { type ClaimedUpdate, compareUpdate, type UpdateComparison } from '../replay/compare-update.ts';
import { boundsOf } from '../replay/tolerance.ts';
import { isWithin } from '../replay/tolerant.ts';
import type { Units } from '../update/change.ts';
import type { Update } from '../update/format.ts';
import type { ComparedPlace, ComparePlace, RoundUpdates, TrainPlace } from './run-shapes.ts';

export interface ComparerParts {
  readonly plan: RunPlan;
  readonly engine: TrainingEngine;
  readonly openSecond: ((plan: RunPlan) => Promise<TrainingEngine>) | undefined;
  readonly machineOn: (engine: TrainingEngine) => RunMachine;
  /** @throws TrainingError `ROUND_UNUSABLE` when a blob is not in the library */
  readonly read: (id: string) => Promise<Uint8Array>;
  /** @throws TrainingError `ROUND_UNUSABLE`, `WEIGHTS_MALFORMED`; CoreError */
  readonly readTensors: (list: string, table: readonly TensorShape[]) => Promise<TensorTable>;
  readonly decode: (given: RoundUpdates) => Promise<{ readonly decoded: readonly (Update | null)[] }>;
  readonly makePlace: (
    on: RunMachine,
    given: TrainPlace,
    hooks: MachineHooks,
  ) => Promise<{ readonly trained: TrainedRound | null; readonly before: Units | undefined }>;
}

type Compare = (given: ComparePlace, isStopped: () => boolean) => Promise<ComparedPlace | null>;

/**
 * Makes a committed update of a tolerant run again and compares. Outside of the bounds an engine of another class has
 * the last word, so that one engine's own fault convicts nobody.
 */
export function createComparer(parts: ComparerParts): Compare {
  const { plan, engine, machineOn, makePlace } = parts;
  let second: Promise<TrainingEngine> | null = null;

  async function readClaimed({ claimed, base, run, round, steps }: ComparePlace): Promise<ClaimedUpdate> {
    const bytes = await parts.read(claimed.update);
    const { decoded } = await parts.decode({ base, run, round, updates: [{ id: claimed.update, steps }] });
    return { bytes, update: decoded[0]!, left: await readLeft(claimed.residual) };
  }

  /** What an update is said to have left unsent. Null: that is nothing which this model can have. */
  async function readLeft(list: string | null): Promise<Units | null> {
    if (list === null) return plan.codec.kind === 'dense' ? new Map() : null;
    try {
      return tensorsToUnits(await parts.readTensors(list, plan.table));
    } catch (error) {
      // What is only missing is nobody's fault.
      if (!isMalformed(error)) throw error;
      return null;
    }
  }

  return async (given, isStopped) => {
    const { tolerance } = plan.manifest;
    if (tolerance === undefined) {
      const reason = 'it states no bounds to replay within';
      throw new TrainingError(
        { code: 'ROUND_UNUSABLE', reason },
        `This run cannot be replayed here: ${reason}.`,
      );
    }
    const bounds = boundsOf(tolerance);
    const claimed = await readClaimed(given);
    const compareOn = async (on: RunMachine): Promise<UpdateComparison | null> => {
      const { trained, before } = await makePlace(on, given, { wish: () => (isStopped() ? 'pause' : 'run') });
      return trained === null ? null : compareUpdate(plan, claimed, trained, before);
    };
    const isInside = (found: UpdateComparison) => found.kind === 'apart' && isWithin(found.distance, bounds);
    const engines = [engine.engineClass];
    let comparison = await compareOn(machineOn(engine));
    if (comparison?.kind === 'apart' && !isInside(comparison) && parts.openSecond !== undefined) {
      second ??= parts.openSecond(plan);
      const other = await second;
      engines.push(other.engineClass);
      comparison = await compareOn(machineOn(other));
    }
    return comparison === null ? null : { comparison, isWithin: isInside(comparison), engines };
  };
}

const MALFORMED = ['WEIGHTS_MALFORMED', 'CODEC_MALFORMED', 'CODEC_NOT_CANONICAL'];

/** Whether bytes are at hand and are not what they should be. */
export function isMalformed(error: unknown): boolean {
  return error instanceof CairnError && MALFORMED.includes(error.code);
}
