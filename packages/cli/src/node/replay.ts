import { join, resolve } from 'node:path';
import { bytesToHex } from '@cairn/core';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { type CommonFlags, defineCommand, outputOf } from '../command.ts';
import { formatCount } from '../terminal/format.ts';
import { renderFields } from '../terminal/output.ts';

interface Flags extends CommonFlags {
  readonly genesis?: string;
}

/** Blocks between two lines about the height. */
const TOLD_BLOCKS = 1_000;

/** `cairn node replay` */
export function createNodeReplayCommand(cli: Cli): Command {
  return defineCommand({
    name: 'replay',
    help: 'Executes the blocks that node start --record kept, alone and in memory, and compares the root of each. Changes nothing.',
    examples: ['node replay ./blocks', 'node replay ./blocks --genesis ./genesis.json --json'],
    data: true,
  })
    .argument('<file>', 'the recording')
    .option('--genesis <file>', 'the genesis.json of the network (default: the one of the data folder)')
    .action(async (file: string, flags: Flags) => {
      const { replayRecording } = await import('@cairn/node');
      const { dataFolderOf } = await import('../settings.ts');
      const output = outputOf(cli, flags);
      const genesisPath =
        flags.genesis === undefined
          ? join(await dataFolderOf(cli, flags), 'genesis.json')
          : resolve(cli.folder, flags.genesis);
      const { blocks, transactions, appHash, cutOffAt } = await replayRecording({
        ...{ genesisPath, path: resolve(cli.folder, file) },
        onBlock(height) {
          cli.signal.throwIfAborted();
          if (height % TOLD_BLOCKS === 0) output.note(`block ${formatCount(height)}`);
        },
      });
      if (cutOffAt !== null)
        output.note(`the last record was cut off at byte ${formatCount(cutOffAt)} and is left out`);
      const root = bytesToHex(appHash);
      output.result({ blocks, transactions, appHash: root, areRootsEqual: true, cutOffAt }, () =>
        renderFields([
          ['blocks', formatCount(blocks)],
          ['transactions', formatCount(transactions)],
          ['root', root],
          ['roots', 'equal at every height'],
        ]),
      );
    });
}
