import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { type CommonFlags, defineCommand, outputOf } from '../command.ts';
import { CommandFailed } from '../command-failed.ts';
import { printable } from '../terminal/printable.ts';
import { renderTable } from '../terminal/table.ts';

/** Differences of one case that are worth a line each. */
const SHOWN_DIFFERENCES = 5;

/** `cairn conformance` */
export function createConformanceCommand(cli: Cli): Command {
  return defineCommand({
    name: 'conformance',
    help: 'Checks the rules of this build against published vectors.',
    examples: ['conformance vectors/', 'conformance epoch.json registration.json --json'],
  })
    .argument('<paths...>', 'files of vectors, or folders of them')
    .action(async (paths: string[], flags: CommonFlags) => {
      const { loadConformanceCases, runConformance } = await import('@cairn/proving');
      const cases = await loadConformanceCases(paths.map((path) => resolve(cli.folder, path)));
      const { failures, ...counts } = runConformance(cases);
      const output = outputOf(cli, flags);
      for (const { file, index, kind, test, differences } of failures) {
        output.note(printable(`failed: ${file} case ${index} (${kind}${test === null ? '' : `, ${test}`})`));
        for (const difference of differences.slice(0, SHOWN_DIFFERENCES))
          output.note(`  ${printable(difference)}`);
        const hidden = differences.length - SHOWN_DIFFERENCES;
        if (hidden > 0) output.note(`  and ${hidden} more`);
      }
      output.result(counts, () => [
        ...renderTable(
          [
            { header: 'KIND', cut: true },
            ...['PASSED', 'FAILED', 'SKIPPED'].map((header) => ({ header, align: 'right' as const })),
          ],
          Object.entries(counts.kinds).map(([kind, { passed, failed, skipped }]) => [
            printable(kind),
            ...[passed, failed, skipped].map(String),
          ]),
          output.columns,
        ),
        '',
        `${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`,
      ]);
      if (counts.failed > 0) throw new CommandFailed();
    });
}
