import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { type CommonFlags, defineCommand, outputOf } from '../command.ts';
import { addNodeFlags, keptSettings, type NodeFlags, renderSetUp, setUpParts } from './node.ts';

interface Flags extends CommonFlags, NodeFlags {
  readonly genesis: string;
}

/** `cairn node join` */
export function createNodeJoinCommand(cli: Cli): Command {
  const command = defineCommand({
    name: 'join',
    help: 'Enters a network: keys, and the genesis that somebody in it gave. It votes once its key joins the validators.',
    examples: ['node join --genesis ./genesis.json --peers 1f0c…9a@hill.example.org:26656'],
    data: true,
  }).requiredOption('--genesis <file>', 'the genesis.json of the network');
  return addNodeFlags(command).action(async (flags: Flags) => {
    const { joinNode } = await import('@cairn/node');
    const { dataFolderOf } = await import('../settings.ts');
    const data = await dataFolderOf(cli, flags);
    const kept = await keptSettings(flags);
    const made = await joinNode(await setUpParts(), data, resolve(cli.folder, flags.genesis), kept);
    outputOf(cli, flags).result(made, () => [...renderSetUp(made), '', 'Start it with ./cairn node start.']);
  });
}
