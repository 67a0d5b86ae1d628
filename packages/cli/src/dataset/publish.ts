import { stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { parseAmount } from '@cairn/core';
import type { Command } from 'commander';
import { askNode } from '../answer/ask-node.ts';
import { asAmount, asCount, asHex, asObject, asText } from '../answer/checks.ts';
import type { Cli } from '../cli.ts';
import { type CommonFlags, defineCommand, outputOf } from '../command.ts';
import { wholeNumber } from '../deploy/whole.ts';
import { exactCairn } from '../terminal/format.ts';
import { renderFields } from '../terminal/output.ts';
import { printable } from '../terminal/printable.ts';

interface Flags extends CommonFlags {
  readonly name: string;
  readonly licence: string;
  readonly price: string;
  readonly description: string;
  readonly tag: readonly string[];
  readonly sample: string;
  readonly netuid: string;
}

const asPublished = asObject({ dataset: asHex, seller: asText, chunks: asCount, sizeBytes: asAmount });

/** `cairn dataset publish` */
export function createDatasetPublishCommand(cli: Cli): Command {
  return defineCommand({
    name: 'publish',
    help: 'Lists a file as a data set, and sells its chunks of 256 KiB from this node.',
    examples: [
      'dataset publish weather.parquet --name lab/weather --licence CC-BY-4.0 --price 0.001 --sample 1',
      'dataset publish weather.parquet --name lab/weather --licence CC-BY-4.0 --price 0.001 --dry-run',
    ],
    node: true,
    spends: true,
  })
    .argument('<file>', 'file to sell; it stays where it is and must not change')
    .requiredOption('--name <owner/name>', 'what it is called')
    .requiredOption('--licence <spdx>', 'SPDX expression')
    .requiredOption('--price <cairn>', 'CAIRN for each chunk')
    .option('--description <text>', 'what is in it', '')
    .option('--tag <word>', 'a word to find it by; may be given 8 times', addTo, [])
    .option('--sample <chunks>', 'first chunks that anybody gets for nothing', '0')
    .option('--netuid <subnet>', 'subnet whose channels pay', '0')
    .action((file: string, flags: Flags) => publish(cli, file, flags));
}

const addTo = (word: string, words: readonly string[]): string[] => [...words, word];

async function publish(cli: Cli, file: string, flags: Flags): Promise<void> {
  const { connectNode } = await import('../connect.ts');
  const { confirm } = await import('../confirm.ts');
  const path = resolve(cli.folder, file);
  const { size } = await stat(path);
  const price = parseAmount(flags.price);
  const sampleChunks = wholeNumber('--sample', flags.sample);
  const wanted = {
    path,
    name: flags.name,
    description: flags.description,
    licence: flags.licence,
    tags: flags.tag,
    sampleChunks,
    pricePerChunk: price.toString(),
    netuid: wholeNumber('--netuid', flags.netuid),
  };
  const connection = await connectNode(cli, flags);
  const lines = [
    `List ${printable(basename(path))} from the node at ${connection.address}:`,
    ...renderFields([
      ['  name', printable(flags.name)],
      ['  licence', printable(flags.licence)],
      ['  size', `${size} bytes`],
      ['  a chunk of 256 KiB', exactCairn(price)],
      ['  free sample', `${sampleChunks} chunks`],
      ['  paid by', "the seller's account of the node, with a deposit for the record and a fee"],
    ]),
  ];
  const output = outputOf(cli, flags);
  if (flags.dryRun === true) {
    output.result({ ...wanted, published: false }, () => [...lines, 'Nothing was done: this was a dry run.']);
    return;
  }
  await confirm(cli, flags, lines);
  const done = await askNode(connection, 'node_publishDataset', wanted, asPublished);
  output.result({ ...done, sizeBytes: done.sizeBytes.toString(), published: true, name: flags.name }, () =>
    renderFields([
      ['data set', done.dataset],
      ['seller', printable(done.seller)],
      ['chunks', String(done.chunks)],
      ['buy it', `./cairn dataset buy ${printable(flags.name)} --out FILE`],
    ]),
  );
}
