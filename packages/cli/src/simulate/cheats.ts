import { bytesToHex, createPureCrypto } from '@cairn/core';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { type CommonFlags, defineCommand, outputOf } from '../command.ts';
import { createProgress } from '../terminal/progress.ts';
import { renderTable } from '../terminal/table.ts';
import { wholeNumber } from './whole-number.ts';

interface Flags extends CommonFlags {
  readonly checks: string;
  readonly cheats: string;
  readonly seed: string;
  readonly full?: boolean;
}

/** Honest checks and answers of each cheat that are claimed in the guide. */
const FULL = { checks: 10_000, cheats: 256 };

/** `cairn simulate cheats` */
export function createSimulateCheatsCommand(cli: Cli): Command {
  return defineCommand({
    name: 'cheats',
    help: 'What checks of answers find of planted cheats, and how often they wrong the honest, with real llama.cpp runs.',
    examples: ['simulate cheats', 'simulate cheats --full --json'],
  })
    .option('--checks <count>', 'checks of honest answers', '1000')
    .option('--cheats <count>', 'answers of each planted cheat', '128')
    .option(
      '--full',
      `${FULL.checks} checks, ${FULL.cheats} answers of each cheat: about ten minutes of processor time`,
    )
    .option('--seed <number>', 'other questions', '1')
    .action(async (flags: Flags) => {
      const checks = flags.full === true ? FULL.checks : wholeNumber('checks', flags.checks, 1, 1_000_000);
      const cheats = flags.full === true ? FULL.cheats : wholeNumber('cheats', flags.cheats, 1, 100_000);
      const seed = wholeNumber('seed', flags.seed, 0, 0xffff_ffff);
      const { CHEATS_HEADERS, cheatCells, cheatNotes, simulateCheats } = await import('@cairn/proving');
      const { readBundledModels } = await import('@cairn/node');
      const { artifacts } = await readBundledModels(createPureCrypto(), new Uint8Array(32));
      const find = (variant: string, quantisation: string) =>
        artifacts.find((file) => file.variant === variant && file.quantisation === quantisation)!;
      const claimed = find('default', 'f16');
      const output = outputOf(cli, flags);
      const progress = createProgress(cli.terminal.err, cli.nowMs, { what: 'checking', unit: 'runs' });
      const result = await simulateCheats({
        models: {
          claimed: claimed.path,
          quantised: find('default', 'q8_0').path,
          weaker: find('base', 'f16').path,
        },
        artifact: bytesToHex(claimed.sha256),
        checks,
        cheats,
        seed,
        onProgress: progress.update,
      });
      progress.end();
      output.result({ ...result }, () => [
        ...renderTable(
          CHEATS_HEADERS.map((header, index) => ({
            header: header.toUpperCase(),
            ...(index === 0 || index === CHEATS_HEADERS.length - 1 ? {} : { align: 'right' as const }),
            ...(index === CHEATS_HEADERS.length - 1 ? { cut: true } : {}),
          })),
          [result.honest, ...result.cheats].map(cheatCells),
          output.columns,
        ),
        '',
        ...cheatNotes(result),
      ]);
    });
}
