import type { Command } from 'commander';
import { askNode } from '../answer/ask-node.ts';
import { asObject, asText } from '../answer/checks.ts';
import type { Cli } from '../cli.ts';
import { type CommonFlags, defineCommand, outputOf } from '../command.ts';
import { renderFields } from '../terminal/output.ts';
import { printable } from '../terminal/printable.ts';

const asRotated = asObject({ miner: asText, provider: asText, key: asText });

/** `cairn provider rotate` */
export function createProviderRotateCommand(cli: Cli): Command {
  return defineCommand({
    name: 'rotate',
    help: 'Gives a provider of the running node a new sealing key and puts it on the ledger. The old one opens requests until the offers that stood with it have expired.',
    examples: ['provider rotate miner-1', 'provider rotate miner-1 --dry-run'],
    node: true,
    spends: true,
  })
    .argument(
      '<miner>',
      'name of a miner of the node, or of its role that runs functions or sells data, as ./cairn status lists it',
    )
    .action(async (miner: string, flags: CommonFlags) => {
      const { connectNode } = await import('../connect.ts');
      const { confirm } = await import('../confirm.ts');
      const connection = await connectNode(cli, flags);
      const lines = [
        `Give ${printable(miner)} of the node at ${connection.address} a new sealing key:`,
        ...renderFields([
          ['costs', 'the fee of registry.setProvider, from the account of the miner'],
          [
            'the old key',
            'opens requests until its offers have expired (without offers 600 slots), then it is deleted',
          ],
        ]),
      ];
      const output = outputOf(cli, flags);
      if (flags.dryRun === true) {
        output.result({ miner, rotated: false }, () => [...lines, 'Nothing was done: this was a dry run.']);
        return;
      }
      await confirm(cli, flags, lines);
      const rotated = await askNode(connection, 'node_rotateSealing', { miner }, asRotated);
      output.result({ rotated: true, ...rotated }, () =>
        renderFields([
          ['miner', printable(rotated.miner)],
          ['provider', printable(rotated.provider)],
          ['new key', printable(rotated.key)],
        ]),
      );
    });
}
