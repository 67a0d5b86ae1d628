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
  /** Whether a run is tried that needs more memory than is free. @default false */
  readonly isMemoryIgnored?: boolean;
}

/** The choice that the settings of a node say. */
export function engineOf(
  settings: Pick<Settings, 'trainingEngine' | 'trainingThreads' | 'trainingMemory' | 'python'>,
): EngineChoice {
  const { trainingEngine, trainingThreads, trainingMemory, python } = settings;
  return {
    ...{ engine: trainingEngine, python, isMemoryIgnored: trainingMemory === 'ignore' },
    ...(trainingThreads === 0 ? {} : { threads: trainingThreads }),
  };
}

/** Whether most of what an engine needs is on a device with a memory of its own, of which nothing is known here. */
export function isOnDevice({ engine = 'auto' }: EngineChoice, isExact: boolean): boolean {
  if (isExact || ['auto', 'exact', 'native', 'cpu'].includes(engine)) return false;
  const [first, ...more] = engine.split(':');
  return first !== 'torch' || more.includes('cuda');
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
  { engine: wanted = 'auto', python = 'python3', threads, isMemoryIgnored = false }: EngineChoice,
): Promise<TrainingEngine> {
  const options = { model: manifest.model, ...manifest.batch };
  const name = wanted === 'auto' ? 'native' : wanted;
  if (isExact || name === 'exact') {
    const { freeBytes, ...parts } = await loadExactParts();
    return createExactEngine(isMemoryIgnored || !freeBytes ? parts : { ...parts, freeBytes }, options);
  }
  const onCores = { ...options, ...(threads === undefined ? {} : { threads }) };
  if (name === 'native') return createNativeEngine({ ...onCores, isMemoryIgnored });
  const [first, ...more] = name.split(':');
  if (first === 'torch') return createTorchEngine({ ...onCores, python, ...torchOptionsOf(more) });
  return createNativeEngine({ ...onCores, provider: name, isMemoryIgnored });
}

/** An engine of another class than the chosen one, for a second opinion. */
export function openSecondEngine(
  plan: RunPlan,
  { engine = 'auto', ...choice }: EngineChoice,
): Promise<TrainingEngine> {
  return openChosenEngine(plan, { ...choice, engine: engine === 'exact' ? 'native' : 'exact' });
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
