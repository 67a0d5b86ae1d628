import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { type CommonFlags, defineCommand, outputOf } from '../command.ts';
import { exactCairn, shorten } from '../terminal/format.ts';
import { printable } from '../terminal/printable.ts';
import { renderTable } from '../terminal/table.ts';
import { fetchDatasets } from './find.ts';
import { type Dataset, plainDataset, priceOfChunks } from './row.ts';

interface Flags extends CommonFlags {
  readonly licence?: string;
}

/** `cairn dataset search` */
export function createDatasetSearchCommand(cli: Cli): Command {
  return defineCommand({
    name: 'search',
    help: 'Finds data sets by words of their names, descriptions and tags, the cheapest first.',
    examples: ['dataset search weather', 'dataset search weather --licence CC-BY-4.0 --json'],
    node: true,
  })
    .argument('[words...]', 'words that all have to occur')
    .option('--licence <spdx>', 'only of this licence')
    .action(async (words: readonly string[], flags: Flags) => {
      const { connectNode } = await import('../connect.ts');
      const all = await fetchDatasets(await connectNode(cli, flags));
      const found = all
        .filter((dataset) => isMatch(dataset, words, flags.licence))
        .sort((one, other) => (priceOf(one) < priceOf(other) ? -1 : 1));
      const output = outputOf(cli, flags);
      output.result({ datasets: found.map(plainDataset) }, () =>
        found.length === 0
          ? ['No data set matches.']
          : renderTable(
              [
                { header: 'NAME' },
                { header: 'LICENCE' },
                { header: 'BYTES', align: 'right' },
                { header: 'SAMPLE BYTES', align: 'right' },
                { header: 'PRICE' },
                { header: 'ID' },
                { header: 'DESCRIPTION', cut: true },
              ],
              found.map((dataset) => [
                printable(dataset.card.name),
                printable(dataset.card.licence),
                dataset.card.sizeBytes.toString(),
                String(dataset.card.sampleChunks * 262_144),
                exactCairn(priceOf(dataset)),
                shorten(dataset.id),
                printable(dataset.card.description),
              ]),
              output.columns,
            ),
      );
    });
}

/** Pebbles for the whole of it, the sample not counted. */
const priceOf = (dataset: Dataset): bigint => priceOfChunks(dataset, { from: 0, to: dataset.card.chunks });

function isMatch({ card }: Dataset, words: readonly string[], licence: string | undefined): boolean {
  const text = [card.name, card.description, ...card.tags].join(' ').toLowerCase();
  return (
    words.every((word) => text.includes(word.toLowerCase())) &&
    (licence === undefined || card.licence === licence)
  );
}
