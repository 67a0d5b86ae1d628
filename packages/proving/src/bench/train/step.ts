import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { ModelConfig } from '@cairn/training';
import { TORCH_STEP_PROGRAM } from '@cairn/training/node';
import { type BenchFigure, figureOf } from '../figure.ts';
import type { StepsAsked, StepsTimed } from './step-child.ts';

export interface StepBenchOptions {
  /** A Python that may have PyTorch; without one the comparison is left out. */
  readonly python?: string;
  /** Runs of each engine at each number of threads, by turns. @default 5 */
  readonly runs?: number;
  /** Steps of a run. The first three warm up and are not counted. @default 9 */
  readonly steps?: number;
  /** @default [1, 2] */
  readonly threads?: readonly number[];
  /** @default the reference model, of 3.3 million parameters */
  readonly model?: ModelConfig;
  readonly rows?: number;
  readonly length?: number;
}

export interface StepBench {
  /**
   * For each number of threads `t`: `step.native.t` and `step.torch.t` (ms, the median step of each run),
   * `memory.native.t` and `memory.torch.t` (MiB, the whole process), and what their medians make of one another:
   * `step.ratio.t`, `memory.ratio.t` (native over torch).
   */
  readonly figures: readonly BenchFigure[];
  /** Why there is no comparison; null when there is one. */
  readonly skipped: string | null;
}

const REFERENCE: ModelConfig = {
  ...{ architecture: 'llama', layers: 4, width: 256, heads: 4, kvHeads: 4 },
  ...{ hidden: 704, vocab: 512, context: 128, tied: true },
};
const WARM_UP_STEPS = 3;
const RATIO_TARGETS = { step: 1.1, memory: 1 } as const;

type Run = (asked: StepsAsked) => Promise<StepsTimed>;

/** Times steps of the native engine against PyTorch eager, by turns in one sitting, each run in a process of its own. */
export async function benchSteps(options: StepBenchOptions = {}): Promise<StepBench> {
  const {
    python,
    runs = 5,
    steps = 9,
    threads = [1, 2],
    model = REFERENCE,
    rows = 8,
    length = 128,
  } = options;
  const skipped = await reasonToSkip(python);
  const engines: [string, Run][] = [['native', runNative]];
  if (skipped === null) engines.push(['torch', (asked) => runTorch(python!, asked)]);
  const figures: BenchFigure[] = [];
  for (const count of threads) {
    const timed = new Map(engines.map(([name]) => [name, [] as StepsTimed[]]));
    for (let run = 0; run < runs; run += 1) {
      // Whoever goes first changes, since a machine gets warmer and busier.
      for (const [name, measure] of run % 2 === 0 ? engines : engines.toReversed())
        timed.get(name)!.push(await measure({ model, rows, length, threads: count, steps }));
    }
    figures.push(...figuresOf(timed, count));
  }
  return { figures, skipped };
}

function figuresOf(timed: ReadonlyMap<string, readonly StepsTimed[]>, threads: number): BenchFigure[] {
  const step = [...timed].map(([name, runs]) =>
    figureOf(`step.${name}.${threads}`, 'ms', runs.map(medianStep)),
  );
  const memory = [...timed].map(([name, runs]) => {
    const peaks = runs.map(({ peakBytes }) => peakBytes / 2 ** 20);
    return figureOf(`memory.${name}.${threads}`, 'MiB', peaks);
  });
  return [...step, ...ratioOf('step', step, threads), ...memory, ...ratioOf('memory', memory, threads)];
}

/** The first over the second, and how far their runs leave it open. */
function ratioOf(
  what: keyof typeof RATIO_TARGETS,
  [native, torch]: readonly BenchFigure[],
  threads: number,
): BenchFigure[] {
  if (!native || !torch) return [];
  return [
    {
      ...{ name: `${what}.ratio.${threads}`, unit: 'times', runs: native.runs },
      value: native.value / torch.value,
      spread: [native.spread[0] / torch.spread[1], native.spread[1] / torch.spread[0]],
      target: RATIO_TARGETS[what],
    },
  ];
}

function medianStep({ stepMs }: StepsTimed): number {
  return figureOf('step', 'ms', stepMs.slice(Math.min(WARM_UP_STEPS, stepMs.length - 1))).value;
}

async function reasonToSkip(python: string | undefined): Promise<string | null> {
  if (python === undefined) return 'no Python was named: set CAIRN_PYTHON to one that has PyTorch';
  try {
    await promisify(execFile)(python, ['-c', 'import torch']);
    return null;
  } catch {
    return `${python} has no PyTorch: pip install torch`;
  }
}

async function runNative(asked: StepsAsked): Promise<StepsTimed> {
  const isSource = import.meta.url.endsWith('.ts');
  const child = fileURLToPath(new URL(isSource ? './step-child.ts' : './step-child.js', import.meta.url));
  const flags = isSource ? ['--conditions=source'] : [];
  return await runProgram(process.execPath, [...flags, child, JSON.stringify(asked)]);
}

async function runTorch(python: string, asked: StepsAsked): Promise<StepsTimed> {
  return await runProgram(python, [TORCH_STEP_PROGRAM, JSON.stringify(asked)]);
}

async function runProgram(program: string, args: readonly string[]): Promise<StepsTimed> {
  const { stdout } = await promisify(execFile)(program, [...args]);
  return JSON.parse(stdout) as StepsTimed;
}
