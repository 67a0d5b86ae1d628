import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { type CommonFlags, defineCommand, outputOf } from '../command.ts';
import { exactCairn } from '../terminal/format.ts';
import { renderFields } from '../terminal/output.ts';
import { printable } from '../terminal/printable.ts';
import { findDataset } from './find.ts';
import { plainDataset, priceOfChunks } from './row.ts';

/** `cairn dataset show` */
export function createDatasetShowCommand(cli: Cli): Command {
  return defineCommand({
    name: 'show',
    help: 'Shows a data set: its licence, size, price, sample, seller and the root that chunks are checked by.',
    examples: ['dataset show lab/weather', 'dataset show lab/weather --json'],
    node: true,
  })
    .argument('<dataset>', 'name or id of a data set')
    .action(async (nameOrId: string, flags: CommonFlags) => {
      const { connectNode } = await import('../connect.ts');
      const dataset = await findDataset(await connectNode(cli, flags), nameOrId);
      const { id, owner, card } = dataset;
      const whole = priceOfChunks(dataset, { from: 0, to: card.chunks });
      outputOf(cli, flags).result(plainDataset(dataset), () =>
        renderFields([
          ['name', printable(card.name)],
          ['id', id],
          ['description', printable(card.description)],
          ['tags', card.tags.map(printable).join(', ')],
          ['licence', printable(card.licence)],
          ['size', `${card.sizeBytes} bytes in ${card.chunks} chunks`],
          ['free sample', `${card.sampleChunks} chunks`],
          ['a chunk', exactCairn(card.pricePerChunk)],
          ['all of it', exactCairn(whole)],
          ['root', card.root],
          ['seller', printable(owner)],
          ['peer', printable(card.peer)],
        ]),
      );
    });
}
