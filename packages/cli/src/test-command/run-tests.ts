import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type CheckParts, runChecks } from './checks.ts';
import { type FinishedShards, nameSource, openFinishedShards } from './finished-shards.ts';
import { prepareCometbft } from './prepare-cometbft.ts';
import { prepareInterop } from './prepare-interop.ts';
import { runProcess } from './run-process.ts';
import { filesOfShard, formatShard, parseShard, type Shard } from './shard.ts';
import {
  addTallies,
  emptyTally,
  failedFiles,
  formatTally,
  replaceFiles,
  requireAll,
  type Tally,
  tallyReport,
  type VitestReport,
} from './tally.ts';

export interface TestOptions {
  /** Run the long suites too, in shards that a second run does not repeat. @default false */
  all?: boolean;
  /** Count every skipped test as a failure. @default false */
  require?: boolean;
  /**
   * Run files in which a test failed once more, one at a time, when they are few. What passes then is counted as
   * passed and named: the load of other tests made it fail, or it is unsteady. @default false
   */
  again?: boolean;
  /** Run one part of the test files only, as `i/n`. */
  shard?: string;
  /** Run only test files whose path contains one of these, and no checks. */
  filters?: readonly string[];
  /** Print the result as one JSON object. @default false */
  json?: boolean;
  /** The checkout. @default the one this file is in */
  root?: string;
}

export interface TestParts extends CheckParts {
  /** Prints the result. */
  print: (line: string) => void;
  /** Makes ready what tests need and npm does not bring. Returns what is lacking, null when nothing is. */
  prepare?: () => Promise<string | null>;
}

/** A long run is cut into this many pieces; each takes a few minutes on two cores. */
const longRunShards = 8;

/** More failed files than this are no accident of a busy machine. */
const mostFilesAgain = 8;

/**
 * Checks and tests the whole house: types, lint, unused code, then every test. Progress goes to standard
 * error; the last line of standard output is `N passed, N failed, N skipped`.
 * @returns the exit status: 0 when nothing failed, 1 when something did, 2 when an option makes no sense.
 */
export async function runTests(options: TestOptions = {}, parts: TestParts = realParts()): Promise<number> {
  const root = options.root ?? fileURLToPath(new URL('../../../../', import.meta.url));
  const only = options.shard === undefined ? undefined : parseShard(options.shard);
  if (options.shard !== undefined && only === undefined) {
    parts.say(`--shard ${options.shard} is not a part of the whole. Write it as 1/4, 2/4 and so on.`);
    return 2;
  }
  const filters = options.filters ?? [];
  const files = await listFiles(parts, root, options);
  if (files.length === 0) {
    parts.say(
      `No test file has ${filters.join(' or ') || '.test.ts'} in its path. Give a part of a file name.`,
    );
    return 2;
  }
  let tally = emptyTally;
  if (filters.length === 0 && (only === undefined || only.index === 1)) tally = await runChecks(parts, root);

  const lacking = (await parts.prepare?.()) ?? null;
  if (lacking !== null) parts.say(lacking);
  const missing = options.all === true ? await prepareInterop(root, parts.run, parts.say) : null;
  if (missing !== null) parts.say(missing);
  const finished = options.all ? await openRecord(parts, root, filters) : undefined;
  for (const shard of chooseShards(only, options.all === true, files.length)) {
    const part = await runShard(parts, root, filesOfShard(files, shard), { shard, options, finished });
    tally = addTallies(tally, part);
  }
  return report(parts, options.require ? requireAll(tally) : tally, options.json === true);
}

function chooseShards(only: Shard | undefined, all: boolean, fileCount: number): Shard[] {
  if (only) return [only];
  const count = all ? Math.min(longRunShards, fileCount) : 1;
  return Array.from({ length: count }, (_, position) => ({ index: position + 1, count }));
}

async function openRecord(
  parts: TestParts,
  root: string,
  filters: readonly string[],
): Promise<FinishedShards | undefined> {
  const source = await nameSource(root, parts.run);
  if (source === undefined) return undefined;
  return openFinishedShards(join(root, '.cairn', 'test', 'finished.json'), [source, ...filters].join(' '));
}

async function listFiles(parts: TestParts, root: string, options: TestOptions): Promise<string[]> {
  return withScratchFile(async (file) => {
    const args = ['list', '--filesOnly', `--json=${file}`, ...(options.filters ?? [])];
    const { exitCode, output } = await runVitest(parts, root, args, options, true);
    if (exitCode !== 0) parts.say(output.trimEnd());
    return (readJson<{ file: string }[]>(file) ?? []).map((listed) => listed.file);
  });
}

interface ShardRun {
  shard: Shard;
  options: TestOptions;
  finished: FinishedShards | undefined;
}

async function runShard(
  parts: TestParts,
  root: string,
  files: readonly string[],
  { shard, options, finished }: ShardRun,
): Promise<Tally> {
  const name = formatShard(shard);
  const isDone = (tally: Tally) => tally.failed === 0 && !(options.require && tally.skipped > 0);
  const before = finished?.find(name);
  if (before && isDone(before)) {
    parts.say(`✓ shard ${name}  passed before on this source: ${formatTally(before)}`);
    return before;
  }
  if (files.length === 0) return emptyTally;
  if (shard.count > 1) parts.say(`shard ${name}: ${files.length} files`);
  return withScratchFile(async (file) => {
    const args = ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${file}`, ...files];
    const { exitCode } = await runVitest(parts, root, args, options, false);
    const first = readJson<VitestReport>(file);
    const failed = failedFiles(first);
    const runsAgain = options.again === true && failed.length > 0 && failed.length <= mostFilesAgain;
    const tally =
      first !== undefined && runsAgain
        ? await runAgain(parts, root, { first, failed, options })
        : tallyReport(first, exitCode);
    if (isDone(tally)) finished?.save(name, tally);
    return tally;
  });
}

interface SecondRun {
  first: VitestReport;
  failed: readonly string[];
  options: TestOptions;
}

async function runAgain(
  parts: TestParts,
  root: string,
  { first, failed, options }: SecondRun,
): Promise<Tally> {
  parts.say(`running again, one at a time, what failed: ${failed.length} files`);
  return withScratchFile(async (file) => {
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
    const args = ['run', '--no-file-parallelism', ...reporters, ...failed];
    const { exitCode } = await runVitest(parts, root, args, options, false);
    const second = readJson<VitestReport>(file);
    if (second === undefined) return tallyReport(first, exitCode);
    const { report, unsteady } = replaceFiles(first, second);
    return { ...tallyReport(report, exitCode), unsteady };
  });
}

function runVitest(
  parts: TestParts,
  root: string,
  args: readonly string[],
  options: TestOptions,
  capture: boolean,
): ReturnType<TestParts['run']> {
  const env = { ...process.env };
  if (options.all) env.CAIRN_TEST_LONG = '1';
  if (options.require) env.CAIRN_TEST_REQUIRE = '1';
  return parts.run(process.execPath, [join(root, 'node_modules/vitest/vitest.mjs'), ...args], {
    cwd: root,
    env,
    capture,
  });
}

async function withScratchFile<T>(use: (file: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'cairn-test-'));
  try {
    return await use(join(folder, 'report.json'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Undefined when vitest ended before it wrote the file; its exit status then tells of the failure. */
function readJson<T>(file: string): T | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as T;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function report(parts: TestParts, tally: Tally, json: boolean): number {
  for (const name of tally.unsteady) parts.say(`unsteady: ${name} (failed beside others, passed by itself)`);
  for (const name of tally.failures) parts.say(`failed: ${name}`);
  for (const name of tally.skips) parts.say(`skipped: ${name}`);
  parts.print(json ? JSON.stringify(tally) : formatTally(tally));
  return tally.failed === 0 ? 0 : 1;
}

function realParts(): TestParts {
  return {
    run: runProcess,
    say: (line) => process.stderr.write(`${line}\n`),
    print: (line) => process.stdout.write(`${line}\n`),
    nowMs: () => performance.now(),
    prepare: () => prepareCometbft((line) => process.stderr.write(`${line}\n`)),
  };
}
