import type { Command } from 'commander';
import { askNode } from '../answer/ask-node.ts';
import { asCount, asObject } from '../answer/checks.ts';
import type { Cli } from '../cli.ts';
import { type CommonFlags, defineCommand, outputOf } from '../command.ts';
import { formatCount } from '../terminal/format.ts';

const asTakenSnapshot = asObject({ height: asCount, stateKeys: asCount, pieces: asCount });

/** `cairn node snapshot` */
export function createNodeSnapshotCommand(cli: Cli): Command {
  return defineCommand({
    name: 'snapshot',
    help: 'Takes a snapshot of the state now, for nodes that join. A node takes one every snapshotBlocks blocks by itself.',
    examples: ['node snapshot', 'node snapshot --data ./second --json'],
    node: true,
  }).action(async (flags: CommonFlags) => {
    const { connectNode } = await import('../connect.ts');
    const connection = await connectNode(cli, flags);
    const taken = await askNode(connection, 'node_snapshot', {}, asTakenSnapshot);
    outputOf(cli, flags).result(taken, () => [
      `The state after block ${formatCount(taken.height)}: ${formatCount(taken.stateKeys)} values in ${formatCount(taken.pieces)} pieces. Others can begin from it in two blocks.`,
    ]);
  });
}
