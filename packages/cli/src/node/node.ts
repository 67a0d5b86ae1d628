import type { NodeSetUp, SetUpParts } from '@cairn/node';
import { type Command, Option } from 'commander';
import { renderFields } from '../terminal/output.ts';
import { printable } from '../terminal/printable.ts';

/** Settings of a node of several, with the flags that give them. */
export const NODE_FLAGS = [
  ['port', 'number', 'port of RPC and status; 0 takes a free one (default: 8470)'],
  ['host', 'address', 'address that RPC listens on (default: 127.0.0.1)'],
  ['consensusListen', 'host:port', 'where other nodes connect (default: 0.0.0.0:26656)'],
  ['consensusExternal', 'host:port', 'how others reach it, when that is another address'],
  ['peers', 'list', 'nodes to stay connected to: id@host:port, with commas between'],
  ['seeds', 'list', 'nodes to ask for others'],
  ['blockMs', 'ms', 'pause after each block (default: 1000)'],
] as const;

/** How a node is reached by others, with the flags that say it. */
export const REACH_FLAGS = [
  ['p2pListen', 'host:port', 'where other nodes reach this one (default: 127.0.0.1:8471)'],
  [
    'networkScope',
    'kind',
    'private (default), or public: private addresses that others name are not dialled',
  ],
  ['networkAnnounce', 'addresses', 'told to others instead of where it listens, for a forwarded port'],
  [
    'networkRelay',
    'on|off',
    'whether nodes that nobody can dial are reached through this one (default: off)',
  ],
] as const;

export type NodeFlags = { readonly [K in (typeof NODE_FLAGS)[number][0]]?: string };

export function addNodeFlags(command: Command): Command {
  for (const [name, value, help] of NODE_FLAGS) {
    const flag = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    command.addOption(new Option(`--${flag} <${value}>`, help));
  }
  return command;
}

/** Those that were given. */
export function givenFlags<F extends NodeFlags>(flags: F): Partial<Record<keyof NodeFlags, string>> {
  return Object.fromEntries(
    NODE_FLAGS.map(([name]) => [name, flags[name]] as const).filter(([, value]) => value !== undefined),
  );
}

/** The same, checked, in the types they are kept in. */
export async function keptSettings(flags: NodeFlags): Promise<Record<string, unknown>> {
  const { createConfig } = await import('@cairn/node');
  const given = givenFlags(flags);
  const { settings } = createConfig({ flags: given });
  return Object.fromEntries(Object.keys(given).map((name) => [name, settings[name as keyof NodeFlags]]));
}

export async function setUpParts(): Promise<SetUpParts> {
  const { createNativeCrypto, systemClock, systemRandom } = await import('@cairn/node');
  return { crypto: createNativeCrypto(), random: systemRandom, nowMs: systemClock.nowMs() };
}

export function renderSetUp({ data, genesisPath, consensusKey, validator, nodeId }: NodeSetUp): string[] {
  return renderFields([
    ['folder', printable(data)],
    ['genesis', printable(genesisPath)],
    ['consensus key', consensusKey],
    ['validator', validator],
    ['node id', nodeId],
  ]);
}
