import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { type CommonFlags, defineCommand, outputOf } from '../command.ts';
import { usage } from '../errors.ts';
import { parseCount } from '../history/page-options.ts';
import { addNodeFlags, keptSettings, type NodeFlags, renderSetUp, setUpParts } from './node.ts';

interface StateSyncFlags {
  readonly stateSync?: true;
  readonly rpc?: string;
  readonly trustHeight?: string;
  readonly trustHash?: string;
}

interface Flags extends CommonFlags, NodeFlags, StateSyncFlags {
  readonly genesis: string;
}

/** `cairn node join` */
export function createNodeJoinCommand(cli: Cli): Command {
  const command = defineCommand({
    name: 'join',
    help: 'Enters a network: keys, and the genesis that somebody in it gave. It votes once its key joins the validators.',
    examples: [
      'node join --genesis ./genesis.json --peers 1f0c…9a@hill.example.org:26656',
      'node join --genesis ./genesis.json --peers 1f0c…9a@hill.example.org:26656 --state-sync --rpc http://127.0.0.1:8470 --trust-height 51200 --trust-hash 8a41…0c',
    ],
    data: true,
  })
    .requiredOption('--genesis <file>', 'the genesis.json of the network')
    .option('--state-sync', 'begin from a snapshot of the state instead of executing all blocks')
    .option('--rpc <list>', 'nodes that prove the snapshot: http://host:port, with commas between')
    .option('--trust-height <height>', 'a block whose hash you have from somebody you trust')
    .option('--trust-hash <hash>', 'its hash, as blockHash in ./cairn status --json');
  return addNodeFlags(command).action(async (flags: Flags) => {
    const { joinNode } = await import('@cairn/node');
    const { dataFolderOf } = await import('../settings.ts');
    const sync = await stateSyncSettings(flags);
    const data = await dataFolderOf(cli, flags);
    const kept = { ...(await keptSettings(flags)), ...sync };
    const made = await joinNode(await setUpParts(), data, resolve(cli.folder, flags.genesis), kept);
    outputOf(cli, flags).result(made, () => [...renderSetUp(made), '', 'Start it with ./cairn node start.']);
  });
}

/** The settings of state sync, checked before anything is written. */
async function stateSyncSettings({ stateSync, rpc, trustHeight, trustHash }: StateSyncFlags) {
  const given = [rpc, trustHeight, trustHash];
  if (stateSync === undefined) {
    if (given.every((flag) => flag === undefined)) return {};
    throw usage('--rpc, --trust-height and --trust-hash say how to begin from a snapshot. Add --state-sync.');
  }
  if (rpc === undefined || trustHeight === undefined || trustHash === undefined)
    throw usage(
      '--state-sync needs --rpc, --trust-height and --trust-hash: whom to ask, and which block to trust.',
    );
  const { stateSyncOf } = await import('@cairn/node');
  const settings = {
    stateSyncServers: rpc,
    trustHeight: parseCount('--trust-height', trustHeight),
    trustHash,
  };
  stateSyncOf(settings);
  // History for people is told from the first block on, which this node will not have.
  return { ...settings, indexDatabase: 'off' };
}
