import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { type CommonFlags, defineCommand, outputOf } from '../command.ts';
import { createProgress } from '../terminal/progress.ts';
import { renderTable } from '../terminal/table.ts';
import { wholeNumber } from './whole-number.ts';

interface Flags extends CommonFlags {
  readonly seeds: string;
  readonly only?: string;
  readonly out?: string;
}

/** Columns of figures. */
const RIGHT = new Set(['gain', 'at most (95 %)', 'share', 'no profit up to', 'victim loses']);
const CUT = new Set(['best found']);

/** `cairn simulate attacks` */
export function createSimulateAttacksCommand(cli: Cli): Command {
  return defineCommand({
    name: 'attacks',
    help: 'What attacks gain against an honest twin, by adversaries that search their own parameters.',
    examples: ['simulate attacks', 'simulate attacks --only sandwich --seeds 100 --json'],
  })
    .option('--seeds <count>', 'seeds of each verdict', '30')
    .option('--only <text>', 'only attacks whose name contains this')
    .option('--out <file>', 'write the table there as one HTML page')
    .action(async (flags: Flags) => {
      const seeds = wholeNumber('seeds', flags.seeds, 2, 10_000);
      const { ATTACK_HEADERS, attackCells, attackNotes, attacksReport, attacksSummary, simulateAttacks } =
        await import('@cairn/proving');
      const output = outputOf(cli, flags);
      const progress = createProgress(cli.terminal.err, cli.nowMs, { what: 'attacking', unit: 'attacks' });
      const { only } = flags;
      const rows = await simulateAttacks({
        seeds,
        onProgress: progress.update,
        ...(only === undefined ? {} : { only }),
      });
      progress.end();
      const out = flags.out === undefined ? null : resolve(cli.folder, flags.out);
      if (out !== null) await writeFile(out, attacksReport(rows));
      const summary = attacksSummary(rows);
      const isDefended = rows.every(({ of, isDefended }) => of !== 'cairn' || isDefended);
      output.result({ isDefended, summary, attacks: rows, out }, () => [
        ...renderTable(
          ATTACK_HEADERS.map((header) => ({
            header: header.toUpperCase(),
            ...(RIGHT.has(header) ? { align: 'right' as const } : {}),
            ...(CUT.has(header) ? { cut: true } : {}),
          })),
          rows.map(attackCells),
          output.columns,
        ),
        '',
        ...attackNotes(rows),
        summary,
      ]);
    });
}
