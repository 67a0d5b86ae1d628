import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const CLI = join(ROOT, 'packages/cli/src/main.ts');

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** `./cairn …`, without the launcher: the same program, the same arguments. */
function startCairn(
  args: readonly string[],
  environment: Record<string, string> = {},
  preload?: URL,
): ChildProcess {
  const { CAIRN_DATA: _, CAIRN_PORT: __, ...inherited } = process.env;
  // A thread takes the arguments of its process over, not its environment.
  const imported = preload === undefined ? [] : ['--import', preload.href];
  return spawn(process.execPath, ['--conditions=source', ...imported, CLI, ...args], {
    cwd: ROOT,
    env: { ...inherited, ...environment, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** Runs a command to its end. */
export async function runCairn(
  args: readonly string[],
  environment: Record<string, string> = {},
): Promise<Finished> {
  const child = startCairn(args, environment);
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', (part) => (stdout += part));
  child.stderr?.on('data', (part) => (stderr += part));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout, stderr };
}

export interface RunningNetwork extends AsyncDisposable {
  readonly url: string;
  /** Where other nodes reach it. */
  readonly addresses: readonly string[];
  readonly data: string;
  /** Runs a command on this network and parses what `--json` prints. */
  json<T>(...args: readonly string[]): Promise<T>;
  /** Calls a method on the control socket, which only the owner of the folder reaches. */
  control<T>(method: string, params: unknown): Promise<T>;
  /** Ends the process without a chance to clean up. */
  kill(): Promise<void>;
  /** Stops it where it is, as a machine that sleeps, until `wake`. */
  sleep(): void;
  wake(): void;
  /** Ends it as Ctrl-C does; resolves with its exit status, or the signal that ended it. */
  interrupt(): Promise<number | string>;
}

export async function aFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'cairn-test-'));
}

/** Starts `./cairn up` on free ports and waits until it answers. */
export async function startNetwork(data: string, flags: readonly string[] = []): Promise<RunningNetwork> {
  return startReady(data, ['up', '--json', ...FREE_PORTS, '--data', data, ...flags]);
}

/** Starts `./cairn node start` with a role on the network behind an address and waits until it is ready. */
export async function startMember(
  data: string,
  role: 'miner' | 'gateway' | 'hub' | 'validator' | 'trainer' | 'compute',
  peer: string,
  flags: readonly string[] = [],
): Promise<RunningNetwork> {
  const args = ['node', 'start', '--role', role, '--peer', peer, '--json', ...FREE_PORTS, '--data', data];
  return startReady(data, [...args, ...flags]);
}

/**
 * Starts `./cairn train join` beside a network on this machine and waits until it has a seat.
 *
 * @param preload a module that the process and its threads load before the program
 */
export async function startJoiner(
  data: string,
  network: RunningNetwork,
  run: string,
  preload?: URL,
): Promise<RunningNetwork> {
  const args = [
    'train',
    'join',
    run,
    '--from',
    network.data,
    '--data',
    data,
    '--port',
    '0',
    '--yes',
    '--json',
  ];
  return startReady(data, args, preload);
}

/** Starts `./cairn proxy` on the network behind an address and waits until it is ready. */
export async function startProxy(
  data: string,
  peer: string,
  flags: readonly string[] = [],
): Promise<RunningNetwork> {
  return startReady(data, ['proxy', '--peer', peer, '--json', '--port', '0', '--data', data, ...flags]);
}

const FREE_PORTS = ['--port', '0', '--p2p-listen', '127.0.0.1:0'];

interface Ready {
  readonly ready?: boolean;
  readonly url?: string;
  readonly addresses?: readonly string[];
}

async function startReady(data: string, args: readonly string[], preload?: URL): Promise<RunningNetwork> {
  const child = startCairn(args, {}, preload);
  let stderr = '';
  child.stderr?.on('data', (part) => (stderr += part));
  const closed = once(child, 'close') as Promise<[number | null, string | null]>;
  const { url, addresses } = await new Promise<Required<Ready>>((resolve, reject) => {
    createInterface({ input: child.stdout! }).on('line', (line) => {
      const first = JSON.parse(line) as Ready;
      if (first.ready === true) resolve({ addresses: [], ...first } as Required<Ready>);
    });
    closed.then(
      ([code]) => reject(new Error(`${args[0]} ended with ${code}: ${stderr.slice(-2000)}`)),
      reject,
    );
  });
  const end = async (signal: NodeJS.Signals): Promise<number | string> => {
    child.kill(signal);
    const [code, by] = await closed;
    return code ?? `${by}: ${stderr.slice(-500)}`;
  };
  return {
    url,
    addresses,
    data,
    async json<T>(...words: readonly string[]) {
      const { code, stdout, stderr: problem } = await runCairn([...words, '--data', data, '--json']);
      if (code !== 0) throw new Error(`cairn ${words.join(' ')} ended with ${code}: ${stdout}${problem}`);
      return JSON.parse(stdout) as T;
    },
    control: (method, params) => callSocket(join(data, 'cairn.sock'), method, params),
    async kill() {
      await end('SIGKILL');
    },
    sleep: () => void child.kill('SIGSTOP'),
    wake: () => void child.kill('SIGCONT'),
    interrupt: () => end('SIGINT'),
    async [Symbol.asyncDispose]() {
      await end('SIGKILL');
      await rm(data, { recursive: true, force: true });
    },
  };
}

async function callSocket<T>(socketPath: string, method: string, params: unknown): Promise<T> {
  const sent = request({
    socketPath,
    path: '/rpc',
    method: 'POST',
    headers: { 'content-type': 'application/json' },
  });
  sent.end(JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }));
  const [response] = (await once(sent, 'response')) as [AsyncIterable<Buffer>];
  let body = '';
  for await (const part of response) body += part;
  const { result, error } = JSON.parse(body) as { result: T; error?: { message: string } };
  if (error !== undefined) throw new Error(`${method}: ${error.message}`);
  return result;
}

/** Asks again and again until there is an answer other than null. The test's own time limit ends it. */
export async function eventually<T>(look: () => Promise<T | null>): Promise<T> {
  for (;;) {
    const found = await look();
    if (found !== null) return found;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
