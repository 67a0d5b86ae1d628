import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { eventually, runCairn } from '../support/running-network.ts';
import type { Links } from './links.ts';
import { askNode } from './rpc.ts';
import type { SetUpNetwork, SetUpNode } from './set-up.ts';

const CLI = fileURLToPath(new URL('../../packages/cli/src/main.ts', import.meta.url));

/** Processes of a network: `./cairn localnet` with its validators, and the nodes that started later. */
export interface Network extends AsyncDisposable {
  readonly nodes: readonly SetUpNode[];
  readonly links: Links;
  node(name: string): SetUpNode;
  /** Those that `localnet` starts again when they end. */
  kept(): readonly SetUpNode[];
  /** Those that were started and not ended. */
  running(): readonly SetUpNode[];
  start(name: string): Promise<void>;
  end(name: string): Promise<void>;
  /** Sends a signal to the node's CometBFT and everything that watches over it too. */
  signal(name: string, signal: NodeJS.Signals): number;
  /** The node alone, as a supervisor does it. */
  terminate(name: string): void;
  /** Runs a command on the node and parses what `--json` prints. */
  json<T>(name: string, ...args: readonly string[]): Promise<T>;
  text(name: string, ...args: readonly string[]): Promise<string>;
  /** Null while it does not answer. */
  height(name: string): Promise<number | null>;
  /** Of the node that is furthest. */
  top(): Promise<number>;
  /** Ends `localnet` as Ctrl-C does; resolves with its exit status. */
  interrupt(): Promise<number | null>;
}

/** Processes that have this folder in their command. */
function processesIn(data: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => commandOf(pid).some((word) => word === data || word.startsWith(`${data}/`)));
}

function commandOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    // Gone since it was listed.
    return [];
  }
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    // Gone since it was listed, as when its parent was ended first.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

export async function startNetwork(root: string, { nodes, links }: SetUpNetwork): Promise<Network> {
  const kept = nodes.filter(({ data }) => data.includes('/localnet/'));
  const running = new Set(kept.map(({ name }) => name));
  const later = new Map<string, ChildProcess>();
  const localnet = spawnCairn(['localnet', '--data', root, '--json']);
  const ended = once(localnet, 'exit') as Promise<[number | null]>;
  await said(localnet, 'localnet');
  const node = (name: string): SetUpNode => nodes.find((other) => other.name === name)!;
  const alive = () => nodes.filter(({ name }) => running.has(name));

  const height = async (name: string): Promise<number | null> =>
    (await askNode<{ height: number }>(node(name).url, 'chain_status'))?.height ?? null;

  const runOn = async (name: string, args: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await runCairn([...args, '--data', node(name).data]);
    if (code !== 0) throw new Error(`cairn ${args.join(' ')} ended with ${code}: ${stdout}${stderr}`);
    return stdout;
  };

  return {
    nodes,
    links,
    node,
    height,
    kept: () => kept,
    running: alive,
    async start(name) {
      const child = spawnCairn(['node', 'start', '--data', node(name).data, '--json']);
      later.set(name, child);
      await said(child, name);
      running.add(name);
    },
    async end(name) {
      running.delete(name);
      const child = later.get(name)!;
      const done = once(child, 'exit');
      child.kill('SIGTERM');
      await done;
    },
    signal(name, signal) {
      const pids = processesIn(node(name).data);
      for (const pid of pids) send(pid, signal);
      return pids.length;
    },
    terminate(name) {
      for (const pid of processesIn(node(name).data)) {
        const command = commandOf(pid);
        if (command[0] !== '/bin/sh' && command.includes('start') && command.includes('--data')) {
          send(pid, 'SIGTERM');
        }
      }
    },
    json: async <T>(name: string, ...args: readonly string[]) =>
      JSON.parse(await runOn(name, [...args, '--json'])) as T,
    text: (name, ...args) => runOn(name, args),
    async top() {
      return Math.max(0, ...(await Promise.all(alive().map(({ name }) => height(name)))).map(Number));
    },
    async interrupt() {
      localnet.kill('SIGINT');
      return (await ended)[0];
    },
    async [Symbol.asyncDispose]() {
      for (const { data } of nodes) for (const pid of processesIn(data)) send(pid, 'SIGCONT');
      for (const child of [localnet, ...later.values()]) child.kill('SIGKILL');
      await links[Symbol.asyncDispose]();
      await eventually(async () => (nodes.every(({ data }) => processesIn(data).length === 0) ? true : null));
    },
  };
}

function spawnCairn(args: readonly string[]): ChildProcess {
  const { CAIRN_DATA: _, CAIRN_PORT: __, ...environment } = process.env;
  return spawn(process.execPath, ['--conditions=source', CLI, ...args], {
    env: environment,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

/** Waits for its first line, after which it answers. */
async function said(child: ChildProcess, what: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    createInterface({ input: child.stdout! }).on('line', () => resolve());
    child.once('exit', (code) => reject(new Error(`${what} ended with ${code}`)));
  });
}
