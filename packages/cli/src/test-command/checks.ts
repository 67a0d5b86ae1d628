import { join } from 'node:path';
import type { RunProcess } from './run-process.ts';
import { addTallies, emptyTally, type Tally } from './tally.ts';

interface Check {
  readonly name: string;
  /** Relative to `node_modules`; each is a script that Node runs, on every platform. */
  readonly program: string;
  readonly args: readonly string[];
}

/** What is checked without running the code, cheapest cause of trouble first. */
const checks: readonly Check[] = [
  { name: 'types', program: 'typescript/bin/tsc', args: ['-b'] },
  { name: 'types of the tests', program: 'typescript/bin/tsc', args: ['-p', 'tsconfig.test.json'] },
  { name: 'lint and format', program: '@biomejs/biome/bin/biome', args: ['check', '.'] },
  { name: 'unused code', program: 'knip/bin/knip.js', args: ['--no-progress'] },
];

export interface CheckParts {
  run: RunProcess;
  /** A line for the person who follows along. */
  say: (line: string) => void;
  nowMs: () => number;
}

/** Runs every check, also after one failed, and shows the output of those that did. */
export async function runChecks(parts: CheckParts, root: string): Promise<Tally> {
  let tally = emptyTally;
  for (const check of checks) {
    const startedMs = parts.nowMs();
    const program = join(root, 'node_modules', check.program);
    const { exitCode, output } = await parts.run(process.execPath, [program, ...check.args], {
      cwd: root,
      env: process.env,
      capture: true,
    });
    const seconds = ((parts.nowMs() - startedMs) / 1000).toFixed(1);
    parts.say(`${exitCode === 0 ? '✓' : '✗'} ${check.name}  ${seconds} s`);
    if (exitCode !== 0) parts.say(output.trimEnd());
    const outcome = exitCode === 0 ? { passed: 1 } : { failed: 1, failures: [check.name] };
    tally = addTallies(tally, { ...emptyTally, ...outcome });
  }
  return tally;
}
