import { readFile, rename, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import {
  benchCodec,
  benchOverhead,
  benchSteps,
  measureNanogpt,
  measureRelations,
  NANOGPT_PARTS,
  NANOGPT_RECIPE,
  type NanogptPart,
  type NanogptRun,
  RELATIONS_PRESET,
  type RelationRow,
  relationsOf,
  summariseNanogpt,
} from '@cairn/proving';
import type { Cli } from '../cli.ts';
import { CliError, usage } from '../errors.ts';
import { wholeFrom } from '../localnet/whole-from.ts';
import type { Output } from '../terminal/output.ts';
import { createProgress, type Progress } from '../terminal/progress.ts';
import { renderTable } from '../terminal/table.ts';
import { judge, type Measurement } from './measurement.ts';
import { createTrainTogether } from './train-together.ts';

export interface TrainFlags {
  readonly recipe?: string;
  readonly relations?: true;
  /** The text that is trained on. */
  readonly data?: string;
  readonly only?: string;
  readonly seeds: string;
  readonly steps?: string;
  readonly threads: string;
  /** Where finished runs are kept. */
  readonly keep?: string;
}

const MAX_SEEDS = 100;
const MAX_STEPS = 1_000_000;
const MAX_THREADS = 256;
const right = { align: 'right' } as const;

/** Compression, time of the codec, overhead of a round, steps beside PyTorch's where it is installed. */
export async function measureTrain(
  cli: Cli,
  flags: TrainFlags,
  note: (line: string) => void,
): Promise<Measurement[]> {
  const threads = wholeFrom('--threads', flags.threads, 1, MAX_THREADS);
  const progress = createProgress(cli.terminal.err, cli.nowMs, { what: 'train', unit: 'rounds' });
  const codec = benchCodec();
  const overhead = await benchOverhead({ threads }, progress.update);
  progress.end();
  const { CAIRN_PYTHON: python } = cli.environment;
  const steps = await benchSteps(python === undefined ? {} : { python });
  if (steps.skipped !== null) note(`not compared with PyTorch: ${steps.skipped}`);
  return [...codec, ...overhead, ...steps.figures].map(
    ({ name, value, unit, runs, spread: [low, high], target = null }) =>
      judge({
        suite: 'train',
        name,
        unit,
        value,
        low,
        high,
        runs,
        target,
        isFloor: name.startsWith('compression'),
      }),
  );
}

/** `bench train --recipe nanogpt` and `bench train --relations`: runs that take minutes, kept one by one. */
export async function benchRuns(cli: Cli, flags: TrainFlags, output: Output): Promise<void> {
  if (flags.data === undefined) throw usage('Name the text that is trained on: --data FILE.');
  const text = await readText(resolve(cli.folder, flags.data));
  const common = {
    text,
    seeds: wholeFrom('--seeds', flags.seeds, 1, MAX_SEEDS),
    threads: wholeFrom('--threads', flags.threads, 1, MAX_THREADS),
    ...(flags.steps === undefined ? {} : { steps: wholeFrom('--steps', flags.steps, 20, MAX_STEPS) }),
    onProgress: createRunProgress(cli),
  };
  const keep = flags.keep === undefined ? null : resolve(cli.folder, flags.keep);
  if (flags.relations === true) return benchRelations(common, keep, output);
  if (flags.recipe !== 'nanogpt')
    throw usage(`There is no recipe ${flags.recipe} to bench. There is one: nanogpt.`);
  const parts = partsFrom(flags.only);
  if (parts.some((part) => part !== 'single') && /[^\0-\x7f]/.test(text))
    throw usage(
      'Trainers that train together read bytes: name a text in ASCII, or train with --only single.',
    );
  return benchNanogpt(cli, common, parts, keep, output);
}

type Common = Pick<
  Parameters<typeof measureNanogpt>[0],
  'text' | 'seeds' | 'threads' | 'steps' | 'onProgress'
>;

async function benchNanogpt(
  cli: Cli,
  common: Common,
  parts: readonly NanogptPart[],
  keep: string | null,
  output: Output,
): Promise<void> {
  const known = await readKept<NanogptRun>(keep, 'nanogpt');
  const writer = createKeeper(keep, 'nanogpt', known);
  const runs = await measureNanogpt({
    ...common,
    parts,
    known,
    together: createTrainTogether(cli),
    onRun: (run) => {
      output.note(`${run.part}, seed ${run.seed}: ${run.valLoss.toFixed(4)} in ${run.seconds.toFixed(0)} s`);
      writer.add(run);
    },
  });
  await writer.end();
  const steps = common.steps ?? NANOGPT_RECIPE.steps;
  const summary = summariseNanogpt(runs, steps);
  output.result({ recipe: 'nanogpt', steps, model: NANOGPT_RECIPE, ...summary, runs }, () =>
    renderTable(
      [
        { header: 'RUN' },
        { header: 'VALIDATION LOSS', ...right },
        { header: 'PROMISED', ...right },
        { header: '' },
        { header: 'SEEDS', ...right },
        { header: 'EACH SEED', cut: true },
      ],
      NANOGPT_PARTS.map((part) => {
        const { valLoss, target, losses } = summary[part];
        return [
          part,
          valLoss === null ? '' : valLoss.toFixed(4),
          target === null ? '' : `≤ ${target.toFixed(2)}`,
          valLoss === null || target === null ? '' : valLoss <= target ? 'ok' : 'missed',
          String(losses.length),
          losses.map((loss) => loss.toFixed(4)).join(' '),
        ];
      }),
      output.columns,
    ),
  );
}

async function benchRelations(common: Common, keep: string | null, output: Output): Promise<void> {
  const known = await readKept<RelationRow>(keep, 'relations');
  const writer = createKeeper(keep, 'relations', known);
  const rows = await measureRelations({
    ...common,
    known,
    onRow: (row) => {
      output.note(`${row.run}, seed ${row.seed}: perplexity ${row.perplexity.toFixed(3)}`);
      writer.add(row);
    },
  });
  await writer.end();
  const relations = relationsOf(rows);
  output.result({ preset: RELATIONS_PRESET, relations, rows }, () =>
    renderTable(
      [
        { header: 'RELATION' },
        { header: 'RATIOS, ONE FOR EACH SEED', cut: true },
        { header: 'BOUND', ...right },
        { header: '' },
      ],
      relations.map(({ relation, ratios, bound, isFloor, holds }) => [
        relation,
        ratios.map((ratio) => (ratio > 1_000 ? ratio.toExponential(1) : ratio.toFixed(3))).join(' '),
        bound === null ? '' : `${isFloor ? '≥' : '≤'} ${bound}`,
        ratios.length === 0 || holds === null ? '' : holds ? 'ok' : 'missed',
      ]),
      output.columns,
    ),
  );
}

function partsFrom(only: string | undefined): readonly NanogptPart[] {
  if (only === undefined) return NANOGPT_PARTS;
  const parts = { single: 'single', four: 'four', equal: 'fourEqualTokens' } as const;
  if (!Object.hasOwn(parts, only)) throw usage(`--only ${only}: choose from single, four, equal.`);
  return [parts[only as keyof typeof parts]];
}

function createRunProgress(cli: Cli): (what: string, done: number, total: number) => void {
  let shown: { readonly what: string; readonly progress: Progress } | null = null;
  return (what, done, total) => {
    if (shown?.what !== what) {
      shown?.progress.end();
      shown = { what, progress: createProgress(cli.terminal.err, cli.nowMs, { what, unit: 'steps' }) };
    }
    shown.progress.update(done, total);
    if (done === total) shown.progress.end();
  };
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new CliError(
      { code: 'FILE_MALFORMED', path, reason: 'it cannot be read' },
      `${path} cannot be read. Name a text file with --data.`,
      { cause },
    );
  }
}

interface KeptFile<Run> {
  readonly bench: string;
  readonly runs: readonly Run[];
}

/** Runs that an earlier call finished. */
async function readKept<Run extends object>(path: string | null, bench: string): Promise<readonly Run[]> {
  if (path === null) return [];
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch {
    // The first call: nothing is kept yet.
    return [];
  }
  const malformed = (reason: string, options?: ErrorOptions): CliError =>
    new CliError(
      { code: 'FILE_MALFORMED', path, reason },
      `${path} keeps no runs of this bench: ${reason}. Name another file with --keep.`,
      options,
    );
  let kept: Partial<KeptFile<Run>> | null;
  try {
    kept = JSON.parse(text) as Partial<KeptFile<Run>> | null;
  } catch (cause) {
    throw malformed('it is no JSON', { cause });
  }
  if (kept?.bench !== bench || !Array.isArray(kept.runs)) throw malformed(`it is not of the bench ${bench}`);
  return kept.runs;
}

/** Writes the runs after each one, in order, whole or not at all. */
function createKeeper<Run>(path: string | null, bench: string, known: readonly Run[]) {
  const runs = [...known];
  let written = Promise.resolve();
  return {
    add(run: Run): void {
      runs.push(run);
      if (path === null) return;
      const text = `${JSON.stringify({ bench, runs }, null, 2)}\n`;
      written = written.then(async () => {
        await writeFile(`${path}.part`, text);
        await rename(`${path}.part`, path);
      });
    },
    end: (): Promise<void> => written,
  };
}
