import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { RunProcess } from '../../src/test-command/run-process.ts';
import { runProcess } from '../../src/test-command/run-process.ts';
import { runTests, type TestParts } from '../../src/test-command/run-tests.ts';
import type { VitestReport } from '../../src/test-command/tally.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function aCheckout(): string {
  const root = mkdtempSync(join(tmpdir(), 'cairn-checkout-'));
  folders.push(root);
  writeFileSync(join(root, 'package-lock.json'), '{}');
  writeFileSync(join(root, '.gitignore'), '.cairn/\n');
  const git = (...args: string[]) => execFileSync('git', ['-C', root, ...args]);
  git('init', '-q');
  git('add', '.');
  git('-c', 'user.name=a', '-c', 'user.email=a@example.org', 'commit', '-q', '-m', 'one');
  return root;
}

interface House {
  /** Test files and how each of their tests ends. */
  files: Record<string, readonly string[]>;
  /** Checks that fail, by a part of the program's path. */
  broken?: readonly string[];
  /** Files vitest cannot load. */
  unloadable?: readonly string[];
  /** Files whose failed tests pass in a later run. */
  recovering?: readonly string[];
  /** Vitest ends with this status although no test failed. */
  crash?: number;
}

function aHouse({ files, broken = [], unloadable = [], recovering = [], crash = 0 }: House) {
  const said: string[] = [];
  const printed: string[] = [];
  const ran: { program: string; args: readonly string[]; env: NodeJS.ProcessEnv | undefined }[] = [];
  const run: RunProcess = async (command, args, options) => {
    if (command === 'git') return runProcess(command, args, options);
    const [program = '', ...rest] = args;
    ran.push({ program, args: rest, env: options.env });
    if (!program.endsWith('vitest.mjs')) {
      const fails = broken.some((part) => program.includes(part));
      return { exitCode: fails ? 1 : 0, output: fails ? 'the reason' : '' };
    }
    if (rest[0] === 'list') {
      const filters = rest.slice(3);
      const listed = Object.keys(files).filter(
        (file) => filters.length === 0 || filters.some((f) => file.includes(f)),
      );
      writeFileSync(rest[2]?.slice('--json='.length) ?? '', JSON.stringify(listed.map((file) => ({ file }))));
      return { exitCode: 0, output: '' };
    }
    const before = vitestRuns().length;
    const endsOf = (name: string) =>
      (files[name] ?? []).map((end) => (before > 1 && recovering.includes(name) ? 'passed' : end));
    const report: VitestReport = {
      testResults: rest
        .filter((arg) => arg in files)
        .map((name) => ({
          name,
          status: unloadable.includes(name) || endsOf(name).includes('failed') ? 'failed' : 'passed',
          message: unloadable.includes(name) ? 'SyntaxError: no\nat line 1' : '',
          assertionResults: endsOf(name).map((status, i) => ({ status, fullName: `test ${i}` })),
        })),
    };
    const file = rest.find((arg) => arg.startsWith('--outputFile.json='))?.split('=')[1] ?? '';
    writeFileSync(file, JSON.stringify(report));
    return { exitCode: report.testResults.some(({ status }) => status === 'failed') ? 1 : crash, output: '' };
  };
  const parts: TestParts = { run, say: (l) => said.push(l), print: (l) => printed.push(l), nowMs: () => 0 };
  const vitestRuns = () =>
    ran.filter(({ program, args }) => program.endsWith('vitest.mjs') && args[0] === 'run');
  return { parts, said, printed, ran, vitestRuns };
}

describe('runTests', () => {
  it('runs the four checks and the tests, and ends with the count', async () => {
    const house = aHouse({
      files: { 'a.test.ts': ['passed', 'passed'], 'b.test.ts': ['passed', 'skipped'] },
    });
    expect(await runTests({ root: aCheckout() }, house.parts)).toBe(0);
    expect(house.printed).toEqual(['7 passed, 0 failed, 1 skipped']);
    expect(house.said).toContain('skipped: b.test.ts: test 1');
  });

  it('counts a failing check, shows its output, and still runs the rest', async () => {
    const house = aHouse({ files: { 'a.test.ts': ['passed'] }, broken: ['knip'] });
    expect(await runTests({ root: aCheckout() }, house.parts)).toBe(1);
    expect(house.printed).toEqual(['4 passed, 1 failed, 0 skipped']);
    expect(house.said).toEqual(expect.arrayContaining(['the reason', 'failed: unused code']));
    expect(house.vitestRuns()).toHaveLength(1);
  });

  it('counts a file that does not load as a failure', async () => {
    const house = aHouse({ files: { 'a.test.ts': [] }, unloadable: ['a.test.ts'] });
    expect(await runTests({ root: aCheckout(), filters: ['a'] }, house.parts)).toBe(1);
    expect(house.printed).toEqual(['0 passed, 1 failed, 0 skipped']);
    expect(house.said).toContain('failed: a.test.ts: SyntaxError: no');
  });

  it('fails when vitest ends badly although every test passed', async () => {
    const house = aHouse({ files: { 'a.test.ts': ['passed'] }, crash: 7 });
    expect(await runTests({ root: aCheckout(), filters: ['a'] }, house.parts)).toBe(1);
    expect(house.printed).toEqual(['1 passed, 1 failed, 0 skipped']);
  });

  it('turns skips into failures with --require', async () => {
    const house = aHouse({ files: { 'a.test.ts': ['passed', 'todo', 'pending'] } });
    expect(await runTests({ root: aCheckout(), require: true }, house.parts)).toBe(1);
    expect(house.printed).toEqual(['5 passed, 2 failed, 0 skipped']);
    expect(house.vitestRuns()[0]?.env?.CAIRN_TEST_REQUIRE).toBe('1');
  });

  it('runs failed files again by themselves with --again, counts what passes then and names it', async () => {
    const files = { 'a.test.ts': ['passed', 'failed'], 'b.test.ts': ['failed'], 'c.test.ts': ['passed'] };
    const house = aHouse({ files, recovering: ['a.test.ts'] });
    expect(await runTests({ root: aCheckout(), again: true }, house.parts)).toBe(1);
    expect(house.printed).toEqual(['7 passed, 1 failed, 0 skipped']);
    const [, second] = house.vitestRuns();
    expect(second?.args).toEqual(expect.arrayContaining(['--no-file-parallelism', 'a.test.ts', 'b.test.ts']));
    expect(second?.args).not.toContain('c.test.ts');
    expect(house.said).toContain('unsteady: a.test.ts: test 1 (failed beside others, passed by itself)');
    expect(house.said).toContain('failed: b.test.ts: test 0');
  });

  it('runs nothing again when many files failed', async () => {
    const names = Array.from({ length: 9 }, (_, i) => `${i}.test.ts`);
    const house = aHouse({
      files: Object.fromEntries(names.map((name) => [name, ['failed']])),
      recovering: names,
    });
    expect(await runTests({ root: aCheckout(), filters: ['test'], again: true }, house.parts)).toBe(1);
    expect(house.printed).toEqual(['0 passed, 9 failed, 0 skipped']);
  });

  it('runs only what a filter names, without the checks', async () => {
    const house = aHouse({ files: { 'a.test.ts': ['passed'], 'b.test.ts': ['passed'] } });
    expect(await runTests({ root: aCheckout(), filters: ['b.'] }, house.parts)).toBe(0);
    expect(house.printed).toEqual(['1 passed, 0 failed, 0 skipped']);
  });

  it('refuses a filter that matches nothing, and a shard that does not exist', async () => {
    const house = aHouse({ files: { 'a.test.ts': ['passed'] } });
    expect(await runTests({ root: aCheckout(), filters: ['nothing'] }, house.parts)).toBe(2);
    expect(await runTests({ root: aCheckout(), shard: '3/2' }, house.parts)).toBe(2);
    expect(house.vitestRuns()).toHaveLength(0);
  });

  it('splits the files between shards, with the checks in the first', async () => {
    const files = { 'a.test.ts': ['passed'], 'b.test.ts': ['passed'], 'c.test.ts': ['passed'] };
    const first = aHouse({ files });
    const second = aHouse({ files });
    await runTests({ root: aCheckout(), shard: '1/2' }, first.parts);
    await runTests({ root: aCheckout(), shard: '2/2' }, second.parts);
    expect([first.printed, second.printed]).toEqual([
      ['6 passed, 0 failed, 0 skipped'],
      ['1 passed, 0 failed, 0 skipped'],
    ]);
  });

  it('continues a long run where it stopped, as long as the source is the same', async () => {
    const root = aCheckout();
    const files: Record<string, string[]> = { 'a.test.ts': ['passed'], 'b.test.ts': ['failed'] };
    const first = aHouse({ files });
    expect(await runTests({ root, all: true }, first.parts)).toBe(1);
    expect(first.vitestRuns().map(({ env }) => env?.CAIRN_TEST_LONG)).toEqual(['1', '1']);

    const second = aHouse({ files: { ...files, 'b.test.ts': ['passed'] } });
    expect(await runTests({ root, all: true }, second.parts)).toBe(0);
    expect(second.vitestRuns().map(({ args }) => args.at(-1))).toEqual(['b.test.ts']);
    expect(second.printed).toEqual(['6 passed, 0 failed, 0 skipped']);

    writeFileSync(join(root, 'new-file.ts'), '1');
    const third = aHouse({ files });
    await runTests({ root, all: true }, third.parts);
    expect(third.vitestRuns()).toHaveLength(2);
  });

  it('repeats a part with skips when nothing may be skipped', async () => {
    const root = aCheckout();
    const files = { 'a.test.ts': ['skipped'], 'b.test.ts': ['passed'] };
    expect(await runTests({ root, all: true }, aHouse({ files }).parts)).toBe(0);
    const strict = aHouse({ files });
    expect(await runTests({ root, all: true, require: true }, strict.parts)).toBe(1);
    expect(strict.vitestRuns().map(({ args }) => args.at(-1))).toEqual(['a.test.ts']);
  });

  it('prints one object with --json', async () => {
    const house = aHouse({ files: { 'a.test.ts': ['passed'] } });
    await runTests({ root: aCheckout(), filters: ['a'], json: true }, house.parts);
    expect(JSON.parse(house.printed.join())).toMatchObject({
      passed: 1,
      failed: 0,
      skipped: 0,
      failures: [],
    });
  });
});
