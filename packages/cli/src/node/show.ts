import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { type CommonFlags, defineCommand, outputOf } from '../command.ts';
import { renderSetUp, setUpParts } from './node.ts';

/** `cairn node show` */
export function createNodeShowCommand(cli: Cli): Command {
  return defineCommand({
    name: 'show',
    help: 'Shows who this node is to others: its consensus key and its node id. Keys are made on first use.',
    examples: ['node show', 'node show --data ./second --json'],
    data: true,
  }).action(async (flags: CommonFlags) => {
    const { showNode } = await import('@cairn/node');
    const { dataFolderOf } = await import('../settings.ts');
    const shown = await showNode(await setUpParts(), await dataFolderOf(cli, flags));
    outputOf(cli, flags).result(shown, () => renderSetUp(shown));
  });
}
