import type { Command } from 'commander';
import { askNode } from '../answer/ask-node.ts';
import { asHex, asObject } from '../answer/checks.ts';
import type { Cli } from '../cli.ts';
import { type CommonFlags, defineCommand, outputOf } from '../command.ts';
import { printable } from '../terminal/printable.ts';
import { findDataset } from './find.ts';

/** `cairn dataset retire` */
export function createDatasetRetireCommand(cli: Cli): Command {
  return defineCommand({
    name: 'retire',
    help: 'Takes a data set of this node off the list, sells no more of it, and returns its deposit.',
    examples: ['dataset retire lab/weather', 'dataset retire lab/weather --dry-run'],
    node: true,
    spends: true,
  })
    .argument('<dataset>', 'name or id of a data set')
    .action(async (nameOrId: string, flags: CommonFlags) => {
      const { connectNode } = await import('../connect.ts');
      const { confirm } = await import('../confirm.ts');
      const connection = await connectNode(cli, flags);
      const { id, card } = await findDataset(connection, nameOrId);
      const lines = [
        `Take ${printable(card.name)} (${id}) off the list? Who has bought a part of it gets no more of it.`,
      ];
      const output = outputOf(cli, flags);
      if (flags.dryRun === true) {
        output.result({ dataset: id, retired: false }, () => [
          ...lines,
          'Nothing was done: this was a dry run.',
        ]);
        return;
      }
      await confirm(cli, flags, lines);
      await askNode(connection, 'node_retireDataset', { dataset: id }, asObject({ dataset: asHex }));
      output.result({ dataset: id, retired: true }, () => [`${printable(card.name)} is off the list.`]);
    });
}
