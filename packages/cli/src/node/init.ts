import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { type CommonFlags, defineCommand, outputOf } from '../command.ts';
import { usage } from '../errors.ts';
import { addNodeFlags, keptSettings, type NodeFlags, renderSetUp, setUpParts } from './node.ts';

interface Flags extends CommonFlags, NodeFlags {
  readonly name: string;
  readonly local?: true;
  readonly validator?: readonly string[];
  readonly beacon?: string;
}

/** `cairn node init` */
export function createNodeInitCommand(cli: Cli): Command {
  const command = defineCommand({
    name: 'init',
    help: 'Begins a network: keys and a genesis of which this node is a validator. Others join with its genesis.json.',
    examples: [
      'node init --name hill --consensus-external hill.example.org:26656',
      'node init --name hill --validator 5c2f…e1 --validator 90ab…04',
    ],
    data: true,
  })
    .requiredOption('--name <name>', 'name of the network')
    .option('--local', 'fund the owner in genesis; a real network funds nobody')
    .option(
      '--validator <key...>',
      'consensus keys that vote from the start beside its own, as ./cairn node show prints them',
    )
    .option('--beacon <name>', 'randomness beacon to whose rounds weights can be locked: quicknet, or none');
  return addNodeFlags(command).action(async (flags: Flags) => {
    const { initNode } = await import('@cairn/node');
    const { dataFolderOf } = await import('../settings.ts');
    const validators = flags.validator ?? [];
    const wrong = validators.find((key) => !/^[0-9a-f]{64}$/.test(key));
    if (wrong !== undefined) throw usage(`--validator ${wrong} is no consensus key: 64 hexadecimal digits.`);
    const { name, beacon = 'none' } = flags;
    if (!['none', 'quicknet'].includes(beacon))
      throw usage(`--beacon ${beacon} is no beacon that is known: quicknet, or none.`);
    const network = { name, beacon, kind: flags.local ? 'local' : 'real', validators } as const;
    const kept = await keptSettings(flags);
    const made = await initNode(await setUpParts(), await dataFolderOf(cli, flags), network, kept);
    outputOf(cli, flags).result(made, () => [...renderSetUp(made), '', 'Start it with ./cairn node start.']);
  });
}
