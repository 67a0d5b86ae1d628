import { resolve } from 'node:path';
import type { LoggerOptions } from '@cairn/node';
import { type Command, Option } from 'commander';
import type { Cli } from '../cli.ts';
import { type CommonFlags, defineCommand, outputOf } from '../command.ts';
import { addNodeFlags, givenFlags, type NodeFlags, REACH_FLAGS } from './node.ts';

/** Settings that have a flag here beside those of every node. */
const FLAGS = [
  ['cometbft', 'path', 'the CometBFT program; looked for, and built with Go, when left out'],
  ['logLevel', 'level', 'least level that is logged: error, warn, info or debug'],
  ['peer', 'addresses', 'nodes of the network that a role joins, with commas between'],
  ...REACH_FLAGS,
  ['networkVia', 'addresses', 'nodes that relay to this one when nobody can dial it'],
  [
    'model',
    'source',
    'model a miner serves: a path, an https URL, hf:owner/repo/file.gguf or ollama:name; files a validator checks with, with commas between',
  ],
  ['modelName', 'owner/model', 'name a miner registers its model under'],
  ['inputPrice', 'cairn', 'price of a million input tokens (default: 20)'],
  ['outputPrice', 'cairn', 'price of a million output tokens (default: 60)'],
  ['threads', 'count', 'threads the model uses (default: 1)'],
  [
    'trainingEngine',
    'name',
    'what a trainer or judge of a tolerant run computes with: native, exact, torch, …',
  ],
  [
    'trainingThreads',
    'count',
    'threads that a trainer or judge of a tolerant run computes with (default: 0, all of them)',
  ],
  [
    'trainingMemory',
    'check|ignore',
    'whether a run is refused that needs more memory than is free (default: check)',
  ],
  [
    'hub',
    'account',
    'hub that pays providers for a gateway, by its address or a model of its account (owner/model, owner/model:tag)',
  ],
  ['hubFeeBps', 'bps', "what a hub takes above a provider's price, in ten thousandths (default: 600)"],
  ['hubChannels', 'count', 'most channels to providers a hub keeps (default: 256)'],
  ['computeSlotPrice', 'cairn', 'price of a slot of being ready, of a compute provider (default: 0.0001)'],
  ['computeWorkPrice', 'cairn', 'price of a thousand seconds of CPU time (default: 0.1)'],
  ['computeMemory', 'MiB', 'memory of all functions that a compute provider hosts (default: 2048)'],
  ['computeBond', 'cairn', 'most a compute provider puts at stake for one lease (default: 2)'],
  ['computeImages', 'on|off', 'whether a compute provider runs images of strangers too (default: off)'],
] as const;

type Flags = CommonFlags &
  NodeFlags & { readonly [K in (typeof FLAGS)[number][0]]?: string } & {
    readonly role?: string;
    readonly record?: string;
    readonly run?: string;
  };

const ROLES = ['chain', 'miner', 'gateway', 'hub', 'validator', 'trainer', 'compute'] as const;

/** `cairn node start` */
export function createNodeStartCommand(cli: Cli): Command {
  const command = defineCommand({
    name: 'start',
    help: 'Runs one role of a network: its chain, or a miner, gateway, hub, validator, trainer or compute provider that joins by the address of a node.',
    examples: [
      'node start',
      'node start --data ./second --cometbft /usr/local/bin/cometbft',
      'node start --record ./blocks',
      'node start --role miner --peer /ip4/127.0.0.1/tcp/8471/p2p/12D3… --model ./model.gguf',
      'node start --role gateway --peer /ip4/127.0.0.1/tcp/8471/p2p/12D3…',
      'node start --role validator --peer /ip4/127.0.0.1/tcp/8471/p2p/12D3… --model ./model.gguf',
      'node start --role hub --peer /ip4/127.0.0.1/tcp/8471/p2p/12D3… --hub-fee-bps 600',
      'node start --role compute --peer /ip4/127.0.0.1/tcp/8471/p2p/12D3… --compute-memory 4096',
      'node start --role trainer --run 3f2a --peer /ip4/127.0.0.1/tcp/8471/p2p/12D3…',
    ],
    data: true,
  })
    .addOption(new Option('--role <role>', 'what it does').choices(ROLES).default('chain'))
    .option('--run <id>', 'the run a trainer joins, which puts up its bond (default: the only open one)')
    .option('--record <file>', 'add every block to this file as it was decided, for node replay');
  for (const [name, value, help] of FLAGS) {
    const flag = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    command.addOption(new Option(`--${flag} <${value}>`, help));
  }
  return addNodeFlags(command).action(async (flags: Flags) => {
    const { createLogger } = await import('@cairn/node');
    const { loadConfig } = await import('../settings.ts');
    const own = FLAGS.map(([name]) => [name, flags[name]] as const).filter(
      ([, value]) => value !== undefined,
    );
    const { settings } = await loadConfig(cli, {
      ...givenFlags(flags),
      ...(flags.data === undefined ? {} : { data: flags.data }),
      ...Object.fromEntries(own),
    });
    const log = createLogger({
      level: settings.logLevel as NonNullable<LoggerOptions['level']>,
      write: (line) => cli.terminal.err.write(`${line}\n`),
    });
    const output = outputOf(cli, flags);
    const role = ROLES.find((known) => known === flags.role);
    if (role !== undefined && role !== 'chain') {
      const { runMember } = await import('./run-member.ts');
      const run = flags.run === undefined ? {} : { run: flags.run };
      await runMember(cli, output, { settings, log, role, environment: cli.environment, ...run });
      return;
    }
    const { runChainNode } = await import('./run-chain-node.ts');
    await runChainNode(cli, output, {
      ...{ settings, log },
      ...(flags.record === undefined ? {} : { recordBlocksTo: resolve(cli.folder, flags.record) }),
    });
  });
}
