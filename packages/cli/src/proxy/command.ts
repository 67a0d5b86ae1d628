import type { LoggerOptions } from '@cairn/node';
import { type Command, Option } from 'commander';
import type { Cli } from '../cli.ts';
import { type CommonFlags, defineCommand, outputOf } from '../command.ts';

/** Settings that have a flag here. */
const FLAGS = [
  ['peer', 'addresses', 'nodes of the network, with commas between'],
  ['port', 'number', 'port that programs on this machine ask; 0 takes a free one (default: 8470)'],
  ['relayThrough', 'peer', 'peer that passes requests on, so that providers see its address and not yours'],
  [
    'hub',
    'account',
    'hub that pays providers for you, by its address or a model of its account (owner/model, owner/model:tag): you open one channel, to it',
  ],
  ['hubFeeBps', 'bps', "what you pay the hub above a provider's price, in ten thousandths (default: 600)"],
  ['spendFor', 'address', 'account whose money it spends as a sub-key, within its caps'],
  ['mostPerAnswer', 'cairn', 'most CAIRN that one answer may cost (default: 1)'],
  ['logLevel', 'level', 'least level that is logged: error, warn, info or debug'],
] as const;

type Flags = CommonFlags & { readonly [K in (typeof FLAGS)[number][0]]?: string } & { readonly seal: string };

/** `cairn proxy` */
export function createProxyCommand(cli: Cli): Command {
  const command = defineCommand({
    name: 'proxy',
    help: 'Gives programs on this machine a wallet and sealed requests: an OpenAI-compatible endpoint on loopback.',
    examples: [
      'proxy --peer /ip4/127.0.0.1/tcp/8471/p2p/12D3…',
      'proxy --peer /ip4/127.0.0.1/tcp/8471/p2p/12D3… --relay-through cairn1…@12D3…',
      'proxy --peer /ip4/127.0.0.1/tcp/8471/p2p/12D3… --hub cairn1…',
      'proxy --peer /ip4/127.0.0.1/tcp/8471/p2p/12D3… --hub acme/weather',
    ],
    data: true,
  });
  for (const [name, value, help] of FLAGS) {
    const flag = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    command.addOption(new Option(`--${flag} <${value}>`, help));
  }
  command.addOption(
    new Option('--seal <mode>', 'required: providers without a sealing key are not asked')
      .choices(['required', 'prefer', 'off'])
      .default('required'),
  );
  return command.action(async (flags: Flags) => {
    const { createLogger } = await import('@cairn/node');
    const { loadConfig } = await import('../settings.ts');
    const { runMember } = await import('../node/run-member.ts');
    const names = ['data', 'seal', ...FLAGS.map(([name]) => name)] as const;
    const given = names
      .map((name) => [name, flags[name]] as const)
      .filter(([, value]) => value !== undefined);
    // It asks others, and nobody asks it: it opens no port for them.
    const { settings } = await loadConfig(cli, {
      ...Object.fromEntries(given),
      ...{ p2pListen: '', networkAnnounce: '', networkRelay: 'off', networkVia: '' },
    });
    const log = createLogger({
      level: settings.logLevel as NonNullable<LoggerOptions['level']>,
      write: (line) => cli.terminal.err.write(`${line}\n`),
    });
    await runMember(cli, outputOf(cli, flags), { settings, log, role: 'gateway' });
  });
}
