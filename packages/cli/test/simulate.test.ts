import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { run } from './run.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cairn-simulate-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('cairn simulate', () => {
  it('economy prints a row for each share rule and writes the page', async () => {
    const out = join(folder, 'report.html');
    const words = ['simulate', 'economy', '--days', '2', '--subnets', '16', '--out', out];
    const result = await run([...words, '--json']);
    expect(result.exitCode).toBe(0);
    const { rules, ...rest } = result.json<{ rules: { rule: number }[] }>();
    expect(rules.map(({ rule }) => rule)).toEqual([7, 2, 3, 4, 5, 6]);
    expect(rest).toEqual({ days: 2, subnets: 16, seed: 1, out });
    expect(await readFile(out, 'utf8')).toContain('</html>');
    expect((await run(words)).out).toContain('FOLLOWS USE');
  });

  it('attacks prints what each gains', async () => {
    const result = await run(['simulate', 'attacks', '--only', 'registration', '--seeds', '3', '--json']);
    const { attacks, isDefended, summary } = result.json<{
      attacks: { attack: string; seeds: number; of: string; isDefended: boolean }[];
      isDefended: boolean;
      summary: string;
    }>();
    expect(attacks.map(({ attack, seeds }) => [attack, seeds])).toEqual([
      ['registration bot', 3],
      ['registration bot', 3],
    ]);
    expect(attacks.map(({ of, isDefended }) => [of, isDefended])).toEqual([
      ['cairn', true],
      ['bittensor', false],
    ]);
    expect(isDefended).toBe(true);
    expect(summary).toBe('No profit up to a stated share in 1 of 1 rows of this ledger.');
  });

  it('refuses a count that is none', async () => {
    const result = await run(['simulate', 'economy', '--days', 'many']);
    expect(result.exitCode).toBe(2);
    expect(result.err).toContain('--days many is not a whole number from 1 to 3650');
  });
});
