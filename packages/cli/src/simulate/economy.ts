import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { type CommonFlags, defineCommand, outputOf } from '../command.ts';
import { createProgress } from '../terminal/progress.ts';
import { renderTable } from '../terminal/table.ts';
import { wholeNumber } from './whole-number.ts';

interface Flags extends CommonFlags {
  readonly days: string;
  readonly subnets: string;
  readonly seed: string;
  readonly out?: string;
}

/** `cairn simulate economy` */
export function createSimulateEconomyCommand(cli: Cli): Command {
  return defineCommand({
    name: 'economy',
    help: 'A year of a network of invented people on the real rules, under each rule of sharing emission.',
    examples: ['simulate economy', 'simulate economy --days 90 --out report.html'],
  })
    .option('--days <count>', 'how long', '365')
    .option('--subnets <count>', 'how many subnets', '64')
    .option('--seed <number>', 'another seed, other people', '1')
    .option('--out <file>', 'write the charts there as one HTML page')
    .action(async (flags: Flags) => {
      const days = wholeNumber('days', flags.days, 1, 3_650);
      const subnets = wholeNumber('subnets', flags.subnets, 1, 128);
      const seed = wholeNumber('seed', flags.seed, 0, 0xffff_ffff);
      const { ECONOMY_HEADERS, economyCells, simulateEconomy } = await import('@cairn/proving');
      const output = outputOf(cli, flags);
      const progress = createProgress(cli.terminal.err, cli.nowMs, { what: 'simulating', unit: 'days' });
      const { html, ...result } = await simulateEconomy({ days, subnets, seed, onProgress: progress.update });
      progress.end();
      const out = flags.out === undefined ? null : resolve(cli.folder, flags.out);
      if (out !== null) await writeFile(out, html);
      output.result({ ...result, out }, () => [
        ...renderTable(
          ECONOMY_HEADERS.map((header, index) => ({
            header: header.toUpperCase(),
            ...(index === 0 ? { cut: true } : { align: 'right' as const }),
          })),
          result.rules.map(economyCells),
          output.columns,
        ),
        '',
        out === null ? 'Charts: --out report.html' : `Charts: ${out}`,
      ]);
    });
}
