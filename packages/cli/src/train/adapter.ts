import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { type CommonFlags, defineCommand, outputOf } from '../command.ts';
import { usage } from '../errors.ts';
import { formatBytes } from '../terminal/format.ts';
import { renderFields } from '../terminal/output.ts';
import { printable } from '../terminal/printable.ts';
import { createProgress } from '../terminal/progress.ts';

interface Flags extends CommonFlags {
  readonly base: string;
  readonly out: string;
  readonly steps: string;
  readonly rank: string;
  readonly learningRate: string;
  readonly threads: string;
}

/** `cairn train adapter` */
export function createTrainAdapterCommand(cli: Cli): Command {
  return defineCommand({
    name: 'adapter',
    help: 'Fits a personal adapter of a model to a file of yours, on this machine alone, and writes it as a LoRA GGUF that llama.cpp applies.',
    examples: [
      'train adapter notes.txt --base ./model --out notes.gguf',
      'train adapter chats.jsonl --base ./model --steps 500 --rank 16',
    ],
  })
    .argument('<file>', 'text, or JSON lines with prompt and completion or with messages')
    .requiredOption('--base <folder>', 'the model, as train export writes it')
    .option('--out <file>', 'GGUF file that is written', 'adapter.gguf')
    .option('--steps <count>', 'steps of training', '200')
    .option('--rank <count>', 'rank of the adapter', '8')
    .option('--learning-rate <rate>', 'highest learning rate', '0.001')
    .option('--threads <count>', 'threads that compute', '1')
    .action(async (file: string, flags: Flags) => {
      const { createNativeCrypto, systemClock, writeAdapter } = await import('@cairn/node');
      const output = outputOf(cli, flags);
      const progress = createProgress(cli.terminal.err, cli.nowMs, { what: 'train', unit: 'steps' });
      const written = await writeAdapter(
        { crypto: createNativeCrypto(), clock: systemClock },
        {
          base: resolve(cli.folder, flags.base),
          file: resolve(cli.folder, file),
          out: resolve(cli.folder, flags.out),
          steps: wholeOf('steps', flags.steps, 1_000_000),
          rank: wholeOf('rank', flags.rank, 1_024),
          learningRate: rateOf(flags.learningRate),
          threads: wholeOf('threads', flags.threads, 256),
          signal: cli.signal,
          onStep: ({ done, steps }) => progress.update(done, steps),
        },
      ).finally(() => progress.end());
      output.result(written, () =>
        renderFields([
          ['adapter', printable(written.path)],
          ['size', formatBytes(written.sizeBytes)],
          [
            'held-out loss',
            `${written.lossBefore.toFixed(4)} without, ${written.lossAfter.toFixed(4)} with it`,
          ],
        ]),
      );
    });
}

function wholeOf(flag: string, given: string, most: number): number {
  const value = Number(given);
  if (/^\d{1,9}$/.test(given) && value >= 1 && value <= most) return value;
  throw usage(`--${flag} ${given} is not a whole number from 1 to ${most}.`);
}

function rateOf(given: string): number {
  const value = Number(given);
  if (value > 0 && value <= 1) return value;
  throw usage(`--learning-rate ${given} is not a number above 0 and up to 1.`);
}
