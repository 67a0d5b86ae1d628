import { resolve } from 'node:path';
import { bytesToHex } from '@cairn/core';
import { type Command, Option } from 'commander';
import { asCount, asList, asObject, asText } from '../answer/checks.ts';
import type { Cli } from '../cli.ts';
import { type CommonFlags, defineCommand, outputOf } from '../command.ts';
import { usage } from '../errors.ts';
import { formatBytes } from '../terminal/format.ts';
import { printable } from '../terminal/printable.ts';

interface Flags extends CommonFlags {
  readonly format: string;
  readonly out?: string;
}

const asExported = asObject({
  folder: asText,
  round: asCount,
  files: asList(asObject({ path: asText, sizeBytes: asCount, sha256: asText })),
});

/** `cairn train export` */
export function createTrainExportCommand(cli: Cli): Command {
  return defineCommand({
    name: 'export',
    help: 'Writes the weights of a training run as they are after its latest round: GGUF for llama.cpp, safetensors for others, with card and tokenizer.',
    examples: ['train export 3f2a', 'train export 3f2a --format f32 --out ./model'],
    node: true,
  })
    .argument('[run]', 'its id from train list, or its first digits (default: the only open run)')
    .addOption(
      new Option('--format <format>', 'GGUF type; safetensors are always written beside it')
        .choices(['f32', 'f16', 'q8_0', 'all'])
        .default('all'),
    )
    .option('--out <folder>', 'where the files go (default: ./ and the first digits of the run)')
    .action(async (named: string | undefined, flags: Flags) => {
      const { askNode } = await import('../answer/ask-node.ts');
      const { connectNode } = await import('../connect.ts');
      const { findRun } = await import('./runs.ts');
      const connection = await connectNode(cli, flags);
      if (!connection.isOwn)
        throw usage(
          'Weights are written by the node of this machine: leave out --rpc, and name its folder with --data.',
        );
      const { id } = await findRun(connection, named);
      const run = bytesToHex(id);
      const folder = resolve(cli.folder, flags.out ?? run.slice(0, 12));
      const output = outputOf(cli, flags);
      output.note('collecting the weights …');
      const types = flags.format === 'all' ? ['f32', 'f16', 'q8_0'] : [flags.format];
      const exported = await askNode(connection, 'node_exportRun', { run, folder, types }, asExported);
      output.result({ run, ...exported }, () => [
        `The weights after round ${exported.round}, in ${printable(exported.folder)}:`,
        ...exported.files.map(({ path, sizeBytes }) => `  ${printable(path)}  ${formatBytes(sizeBytes)}`),
      ]);
    });
}
