import { bytesToHex, type Crypto } from '@cairn/core';
import type { RunManifest, Tolerance, TrainingEngine } from '@cairn/protocol';
import {
  calibrateBounds,
  createRunMachine,
  MOST_RELATIVE,
  measureDistances,
  openRunData,
  planOf,
  type ToleranceBounds,
  type ToleranceRecipe,
} from '@cairn/training';
import { createExactEngineThread } from '@cairn/training/node';
import { NodeError } from '../../errors.ts';
import { systemClock } from '../../real/clock.ts';
import type { Library } from '../library/library.ts';
import { openChosenEngine } from '../run/engine-choice.ts';
import type { FirstWeights } from './first-weights.ts';

export interface CalibrateRunParts {
  readonly crypto: Crypto;
  readonly library: Pick<Library, 'get'>;
  /** A Python that has PyTorch. @default 'python3' */
  readonly python?: string;
  /** Lets everything else have its turn between two steps. */
  readonly turn: () => Promise<void>;
}

/**
 * The bounds that a run states: those of its recipe, or what its engines differ by on its own first rounds.
 *
 * @param unfinished the manifest without its bounds.
 * @param first the weights that its rounds begin with.
 * @throws NodeError `START_FAILED` when a blob is gone, or the engines part so far that a bound would catch nobody;
 * TrainingError of an engine that cannot be opened
 */
export async function calibrateRun(
  parts: CalibrateRunParts,
  unfinished: RunManifest,
  tolerance: ToleranceRecipe,
  first: Pick<FirstWeights, 'state'>,
): Promise<Tolerance> {
  return toDecimals(
    tolerance.kind === 'stated' ? tolerance : await measureBounds(parts, unfinished, tolerance, first),
  );
}

async function measureBounds(
  { crypto, library, python, turn }: CalibrateRunParts,
  manifest: RunManifest,
  { engines: names, rounds }: Extract<ToleranceRecipe, { kind: 'measured' }>,
  first: Pick<FirstWeights, 'state'>,
): Promise<ToleranceBounds> {
  await using stack = new AsyncDisposableStack();
  const plan = planOf(manifest);
  const options = { model: manifest.model, ...manifest.batch };
  const engines: TrainingEngine[] = [];
  for (const name of names) {
    const choice = { engine: name, ...(python === undefined ? {} : { python }) };
    engines.push(
      stack.use(await (name === 'exact' ? createExactEngineThread(options) : openChosenEngine(plan, choice))),
    );
  }
  const data = await openRunData(manifest, {
    crypto,
    async read(hash) {
      const bytes = await library.get(bytesToHex(hash));
      if (bytes !== null) return bytes;
      throw new NodeError(
        { code: 'START_FAILED', step: 'tolerance' },
        `A shard of the run's data is gone from the library. Make the run again.`,
      );
    },
  });
  const common = { data, crypto, turn, clock: systemClock };
  const machine = createRunMachine(plan, { ...common, engine: engines[0]! });
  const base = machine.rooted(await first.state());
  const bounds = calibrateBounds(await measureDistances({ ...common, engines }, plan, { base, rounds }));
  if (bounds.relative > MOST_RELATIVE) throw tooFarApart(names, bounds.relative);
  return bounds;
}

function tooFarApart(engines: readonly string[], bound: number): NodeError {
  return new NodeError(
    { code: 'START_FAILED', step: 'tolerance' },
    `The engines ${engines.join(', ')} part so far in the run's first rounds that a bound of ${Number(bound.toPrecision(2))} would be needed, and above ${MOST_RELATIVE} half of the work passes for all of it. Lower inner.learningRate, leave out an engine, or set "tolerance": { "replay": false } and convict nobody.`,
  );
}

/** Rounded up to the twelve digits that a manifest has. */
function toDecimals({ relative, angle, misplaced }: ToleranceBounds): Tolerance {
  const text = (value: number): string => {
    const digits = (Math.ceil(value * 1e9) / 1e9).toFixed(12);
    return digits.replace(/\.?0+$/, '');
  };
  return { relative: text(relative), angle: text(angle), misplaced: text(misplaced) };
}
