import type { RunView, TrainingEngine } from '@cairn/protocol';
import { createExactEngine, type RunPlan, TrainingError } from '@cairn/training';
import {
  createNativeEngine,
  createTorchEngine,
  loadExactParts,
  type TorchEngineOptions,
} from '@cairn/training/node';
import type { Settings } from '../../config/table.ts';

/** What a person chose to compute with. All of it can be copied between threads. */
export interface EngineChoice {
  /**
   * `auto`, `exact`, `native`, `torch` with what follows colons (`cuda`, `bfloat16`, a number of processes), or the name
   * of an execution provider of ONNX Runtime. @default 'auto'
   */
  readonly engine?: string;
  /** A Python that has PyTorch. @default 'python3' */
  readonly python?: string;
  /** Threads of an engine that is not exact. @default as many as the machine has */
  readonly threads?: number;
}

/** The choice that the settings of a node say. */
export function engineOf({ trainingEngine, python }: Settings): EngineChoice {
  return { engine: trainingEngine, python };
}

/** @throws TrainingError `ROUND_UNUSABLE` when the run takes no other engine than the exact one, and another was chosen */
export function checkChoice(run: Pick<RunView, 'terms'>, { engine = 'auto' }: EngineChoice): void {
  if (run.terms.engine === 'exact' && engine !== 'auto' && engine !== 'exact')
    throw unfit(`it is exact, and ${engine} makes other bits. Leave out the engine`);
}

/**
 * The engine that a run is computed with. Of an exact run always the exact one; of others the chosen one, or what is
 * fastest and needs nothing installed elsewhere.
 *
 * @throws TrainingError `ROUND_UNUSABLE` for what no engine is called; `ENGINE_FAILED`, `PACKAGE_MISSING`, `MEMORY_TOO_LOW`
 */
export async function openChosenEngine(
  { manifest, isExact }: Pick<RunPlan, 'manifest' | 'isExact'>,
  { engine: wanted = 'auto', python = 'python3', threads }: EngineChoice,
): Promise<TrainingEngine> {
  const options = { model: manifest.model, ...manifest.batch };
  const name = wanted === 'auto' ? 'native' : wanted;
  if (isExact || name === 'exact') return createExactEngine(await loadExactParts(), options);
  const onCores = { ...options, ...(threads === undefined ? {} : { threads }) };
  if (name === 'native') return createNativeEngine(onCores);
  const [first, ...more] = name.split(':');
  if (first === 'torch') return createTorchEngine({ ...onCores, python, ...torchOptionsOf(more) });
  return createNativeEngine({ ...onCores, provider: name });
}

/** An engine of another class than the chosen one, for a second opinion. */
export function openSecondEngine(
  plan: RunPlan,
  { engine = 'auto', threads }: EngineChoice,
): Promise<TrainingEngine> {
  const other = engine === 'exact' ? 'native' : 'exact';
  return openChosenEngine(plan, { engine: other, ...(threads === undefined ? {} : { threads }) });
}

function torchOptionsOf(words: readonly string[]): Partial<TorchEngineOptions> {
  const options: { -readonly [K in keyof TorchEngineOptions]?: TorchEngineOptions[K] } = {};
  for (const word of words) {
    if (word === 'cpu' || word === 'cuda') options.device = word;
    else if (word === 'float32' || word === 'bfloat16') options.precision = word;
    else if (/^[1-9]\d?$/.test(word)) options.processes = Number(word);
    else throw unfit(`torch takes cuda, bfloat16 and a number of processes, not ${word}`);
  }
  return options;
}

function unfit(reason: string): TrainingError {
  return new TrainingError(
    { code: 'ROUND_UNUSABLE', reason },
    `This run cannot be computed here: ${reason}.`,
  );
}
