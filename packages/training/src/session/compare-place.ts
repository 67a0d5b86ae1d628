import { CairnError } from '@cairn/core';
import type { TensorShape, TensorTable, TrainingEngine } from '@cairn/protocol';
import { unusable } from '../errors.ts';
import type { MachineHooks, RunMachine, TrainedRound } from '../machine/machine.ts';
import type { RunPlan } from '../machine/run-plan.ts';
import { tensorsToUnits } from '../machine/run-state.ts';
import { type ClaimedUpdate, compareUpdate, type UpdateComparison } from '../replay/compare-update.ts';
import { boundsOf } from '../replay/tolerance.ts';
import { isWithin, type ToleranceBounds } from '../replay/tolerant.ts';
import type { Units } from '../update/change.ts';
import { decodeUpdate } from '../update/decode-update.ts';
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

/** Disposing it lets go of the second engine. */
export interface Comparer extends AsyncDisposable {
  /**
   * Makes a committed update of a tolerant run again and compares. Outside of the bounds an engine of another class has
   * the last word, so that one engine's own fault convicts nobody. Null: it was called off.
   */
  compare(given: ComparePlace, isStopped: () => boolean): Promise<ComparedPlace | null>;
  /**
   * Trains a round on this engine and on one of another class: whether it keeps to half of the bounds, so that nobody
   * who would be convicted puts up a bond.
   *
   * @param base root of weights that are in memory, in hex.
   */
  rehearse(base: string): Promise<ComparedPlace>;
}

/** Compares changes that engines of different classes make of the same round. */
export function createComparer(parts: ComparerParts): Comparer {
  const { plan, engine, machineOn, makePlace } = parts;
  let second: Promise<TrainingEngine> | null = null;

  function boundsOfRun(): ToleranceBounds {
    const { tolerance } = plan.manifest;
    if (tolerance !== undefined) return boundsOf(tolerance);
    throw unusable('it states no bounds to replay within');
  }

  /** An engine of another class. */
  function openSecond(): Promise<TrainingEngine> {
    if (parts.openSecond === undefined) throw unusable('there is no second engine to compare with');
    return parts.openSecond(plan);
  }

  async function rehearse(base: string): Promise<ComparedPlace> {
    const bounds = boundsOfRun();
    const place = {
      ...{ base, run: new Uint8Array(32), round: 1, seat: 0, firstBatch: 0, halvings: 0 },
      residual: null,
    };
    // Let go of afterwards: a trainer needs it no more.
    await using other = await openSecond();
    const { trained: own } = await makePlace(machineOn(engine), place, {});
    const { trained: made } = await makePlace(machineOn(other), place, {});
    const update = decodeUpdate(own!.update, plan.codec, plan.table);
    const claimed = { bytes: own!.update, update, left: own!.residual };
    const comparison = compareUpdate(plan, claimed, made!);
    const half = {
      relative: bounds.relative / 2,
      angle: bounds.angle / 2,
      misplaced: bounds.misplaced / 2,
    };
    const isInside = comparison.kind === 'apart' && isWithin(comparison.distance, half);
    return { comparison, isWithin: isInside, engines: [engine.engineClass, other.engineClass] };
  }

  async function readClaimed({
    claimed,
    base,
    run,
    round,
    seat,
    steps,
  }: ComparePlace): Promise<ClaimedUpdate> {
    const bytes = await parts.read(claimed.update);
    const { decoded } = await parts.decode({
      base,
      run,
      round,
      updates: [{ id: claimed.update, seat, steps }],
    });
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

  async function compare(given: ComparePlace, isStopped: () => boolean): Promise<ComparedPlace | null> {
    const bounds = boundsOfRun();
    const claimed = await readClaimed(given);
    const compareOn = async (on: RunMachine): Promise<UpdateComparison | null> => {
      const { trained, before } = await makePlace(on, given, { wish: () => (isStopped() ? 'pause' : 'run') });
      return trained === null ? null : compareUpdate(plan, claimed, trained, before);
    };
    const isInside = (found: UpdateComparison) => found.kind === 'apart' && isWithin(found.distance, bounds);
    const engines = [engine.engineClass];
    let comparison = await compareOn(machineOn(engine));
    if (comparison?.kind === 'apart' && !isInside(comparison) && parts.openSecond !== undefined) {
      second ??= openSecond();
      const other = await second;
      engines.push(other.engineClass);
      comparison = await compareOn(machineOn(other));
    }
    return comparison === null ? null : { comparison, isWithin: isInside(comparison), engines };
  }

  return {
    ...{ compare, rehearse },
    async [Symbol.asyncDispose]() {
      // Who asked for an engine that did not open was told so.
      const opened = await second?.catch(() => null);
      await opened?.[Symbol.asyncDispose]();
    },
  };
}

const MALFORMED = ['WEIGHTS_MALFORMED', 'CODEC_MALFORMED', 'CODEC_NOT_CANONICAL'];

/** Whether bytes are at hand and are not what they should be. */
export function isMalformed(error: unknown): boolean {
  return error instanceof CairnError && MALFORMED.includes(error.code);
}
