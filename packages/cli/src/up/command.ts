import type { LoggerOptions, SettingName, UpStep } from '@cairn/node';
import { type Command, Option } from 'commander';
import type { Cli } from '../cli.ts';
import { type CommonFlags, defineCommand, outputOf } from '../command.ts';
import { REACH_FLAGS } from '../node/node.ts';
import { formatCount, formatDuration } from '../terminal/format.ts';
import { printable } from '../terminal/printable.ts';
import type { StartNetwork } from './start-network.ts';

/** Settings that have a flag here; `--data` comes with the command. All others are set in the environment or the file. */
const FLAGS: readonly (readonly [name: SettingName, value: string, help: string])[] = [
  ['port', 'number', 'port of the gateway and RPC; 0 takes a free one (default: 8470)'],
  ['host', 'address', 'address to listen on (default: 127.0.0.1)'],
  ...REACH_FLAGS,
  ['model', 'source', 'model the gateway offers first: a path, an https URL, hf:… or ollama:name'],
  ['blockMs', 'ms', 'time between blocks (default: 1000)'],
  ['slotMs', 'ms', 'block time of one slot, on a new network (default: 1000)'],
  ['tempo', 'slots', 'slots between pay days, on a new network (default: 20)'],
  ['threads', 'count', 'threads each model uses (default: 1)'],
  ['tasks', 'count', 'tasks a validator gives each miner in an epoch'],
  ['logLevel', 'level', 'least level that is logged: error, warn, info or debug'],
];

type Flags = CommonFlags & { readonly reset?: true } & { readonly [K in SettingName]?: string };

/** `cairn up` */
export function createUpCommand(cli: Cli, start: StartNetwork): Command {
  const command = defineCommand({
    name: 'up',
    help: 'Starts a whole network on this machine: chain, miners, validators and gateway.',
    examples: ['up', 'up --data ./network --port 9000', 'up --reset'],
    data: true,
  }).option('--reset', 'delete the chain of the folder first; keys and configuration stay');
  for (const [name, value, help] of FLAGS) {
    const flag = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    command.addOption(new Option(`--${flag} <${value}>`, help));
  }
  return command.action(async (flags: Flags) => {
    const { loadConfig } = await import('../settings.ts');
    const { createLogger, parseModelSource } = await import('@cairn/node');
    const { watchNetwork } = await import('./watch.ts');
    const given = Object.fromEntries(
      (['data', ...FLAGS.map(([name]) => name)] as const)
        .filter((name) => flags[name] !== undefined)
        .map((name) => [name, flags[name]]),
    );
    const { settings: read } = await loadConfig(cli, given);
    const source = read.model === '' ? null : parseModelSource(read.model, cli.folder);
    const settings = source?.kind === 'file' ? { ...read, model: source.path } : read;
    const output = outputOf(cli, flags);
    const startMs = cli.nowMs();
    const log = createLogger({
      // A panel that is drawn over leaves no room for more than what someone must act on.
      level:
        cli.terminal.out.isLive && flags.logLevel === undefined
          ? 'error'
          : (settings.logLevel as NonNullable<LoggerOptions['level']>),
      write: (line) => cli.terminal.err.write(`${line}\n`),
    });
    const onStep = (step: UpStep) =>
      output.note(`${formatDuration(cli.nowMs() - startMs).padStart(6)}  ${describeStep(step)}`);
    await using network = await start({ settings, reset: flags.reset === true, log, onStep });
    await watchNetwork(cli, output, network);
    output.note('ending …');
  });
}

function describeStep(step: UpStep): string {
  switch (step.step) {
    case 'folder':
      return `data in ${printable(step.path)}`;
    case 'chain':
      return `chain ${step.chainId.slice(0, 12)}… at block ${formatCount(step.height)}`;
    case 'models':
      return `${step.count} models loaded and tested`;
    case 'subnet':
      return `subnet ${step.netuid} with its neurons and their stake`;
    case 'miner':
      return `${printable(step.name)} serves ${printable(step.note)}`;
    case 'validator':
      return `${printable(step.name)} scores`;
    case 'ready':
      return `ready at ${printable(step.url)}`;
  }
}
