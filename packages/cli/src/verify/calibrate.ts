import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { type CommonFlags, defineCommand, outputOf } from '../command.ts';
import { formatCount } from '../terminal/format.ts';
import { renderFields } from '../terminal/output.ts';
import { printable } from '../terminal/printable.ts';
import { createProgress } from '../terminal/progress.ts';

interface Flags extends CommonFlags {
  readonly out?: string;
  readonly tasks?: string;
  readonly seed: string;
  readonly part: string;
}

/** `cairn verify calibrate` */
export function createVerifyCalibrateCommand(cli: Cli): Command {
  return defineCommand({
    name: 'calibrate',
    help: 'Measures what honest machines differ by when they run a model file: the limits that its answers are checked by.',
    examples: [
      'verify calibrate ./model.gguf',
      'verify calibrate ./model.gguf --tasks crontab --out ./model.calibration',
    ],
  })
    .argument('<file>', 'a GGUF file')
    .option('--out <file>', 'where to write them (default: beside the model, ending in .calibration)')
    .option('--tasks <list>', 'what the model is for, with commas between: a specialist is asked that')
    .option('--seed <number>', 'other questions', '1')
    .option('--part <percent>', 'part of the usual number of answers, up to 1000', '100')
    .action(async (file: string, flags: Flags) => {
      const { digestFile, writeFileDurably } = await import('@cairn/node');
      const { calibrateModel } = await import('@cairn/proving');
      const { hexToBytes } = await import('@cairn/core');
      const { splitList } = await import('../tx/parse.ts');
      const { wholeNumber } = await import('../simulate/whole-number.ts');
      const path = resolve(cli.folder, file);
      const out = resolve(cli.folder, flags.out ?? `${file.replace(/\.gguf$/i, '')}.calibration`);
      const output = outputOf(cli, flags);
      const progress = createProgress(cli.terminal.err, cli.nowMs, { what: 'measuring', unit: 'runs' });
      const measured = await calibrateModel({
        path,
        artifact: hexToBytes((await digestFile(path)).sha256),
        tasks: splitList(flags.tasks),
        seed: wholeNumber('seed', flags.seed, 0, 0xffff_ffff),
        part: wholeNumber('part', flags.part, 1, 1_000) / 100,
        onProgress: progress.update,
      });
      progress.end();
      await writeFileDurably(out, measured.bytes, 0o644);
      const { calibration, absent } = measured;
      output.result({ file: out, ...calibration, absent }, () => [
        ...renderFields([
          ['written', printable(out)],
          ['artifact', calibration.artifact],
          ['engine', printable(calibration.engine)],
          [
            'answers',
            `${formatCount(calibration.answers)} in ${calibration.environments.length} environments`,
          ],
          ['limit of picks', nats(calibration.marginNano)],
          ['limit of ends', nats(calibration.endMarginNano)],
          ['limit of drift', (Number(calibration.mostDriftPpb) / 1e9).toPrecision(3)],
        ]),
        ...(absent.length === 0 ? [] : [`Not on this processor: ${absent.join(', ')}.`]),
        'Publish them with ./cairn model calibration, so that validators check by them.',
      ]);
    });
}

const nats = (nano: bigint): string => `${(Number(nano) / 1e9).toPrecision(3)} nats`;
