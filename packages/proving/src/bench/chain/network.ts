import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createNativeCrypto, createNativeEd25519Signer, nodeIdOf } from '@cairn/chain';
import { accountIdOf } from '@cairn/core';
import { type Genesis, genesisShape } from '@cairn/ledger';
import { ProvingError } from '../../errors.ts';
import { type CometClient, createCometClient } from './comet-client.ts';
import { type CpuMs, cpuOfFolder } from './cpu-time.ts';
import { type ChainKind, type ChainNodeSpec, keysOf, rpcSocketOf } from './kinds.ts';

/** Validators that agree, each a process with its CometBFT. */
export interface BenchNetwork extends AsyncDisposable {
  readonly clients: readonly CometClient[];
  /** Processor time that all validators used so far; null where the system does not say. */
  cpuMs(): CpuMs | null;
}

export interface BenchNetworkOptions {
  readonly kind: ChainKind;
  readonly validators: number;
  readonly program: string;
  readonly blockIntervalMs: number;
  readonly genesis: Genesis;
}

const crypto = createNativeCrypto();
const START_MS = 60_000;

/** The validators of the bench in a genesis. */
export function benchValidators(count: number): Genesis['validators'] {
  return Array.from({ length: count }, (_, index) => {
    const { scheme, publicKey } = createNativeEd25519Signer(keysOf(crypto, index).consensusSeed);
    return { publicKey, account: accountIdOf(crypto, scheme, publicKey), power: 1_000_000n };
  });
}

/** Starts all and waits for their first blocks and connections. */
export async function startBenchNetwork(options: BenchNetworkOptions): Promise<BenchNetwork> {
  const { kind, validators, program, blockIntervalMs, genesis } = options;
  const root = await mkdtemp(join(tmpdir(), 'cairn-bench-'));
  const ports = await freePorts(validators);
  const specs = ports.map(
    (port, index): ChainNodeSpec => ({
      ...{ kind, program, index, blockIntervalMs },
      genesis: genesisShape.toJson(genesis),
      folder: join(root, String(index)),
      listen: `tcp://127.0.0.1:${port}`,
      peers: ports.flatMap((other, at) =>
        at === index ? [] : [`${nodeIdOf(crypto, keysOf(crypto, at).nodeSeed)}@127.0.0.1:${other}`],
      ),
    }),
  );
  const children = specs.map(startNode);
  const clients = specs.map((spec) => createCometClient(rpcSocketOf(spec)));
  const close = async (): Promise<void> => {
    for (const client of clients) client.close();
    await Promise.all(children.map(end));
    // CometBFT ends by itself a moment after its node, and may still be writing.
    await rm(root, { recursive: true, force: true, maxRetries: 10, retryDelay: 500 });
  };
  try {
    await Promise.all(clients.map((client, index) => untilReady(client, children[index]!, validators)));
  } catch (error) {
    await close();
    throw error;
  }
  const pids = children.map(({ pid }) => pid ?? 0);
  return { clients, cpuMs: () => cpuOfFolder(root, pids), [Symbol.asyncDispose]: close };
}

function startNode(spec: ChainNodeSpec): ChildProcess {
  const file = import.meta.url.endsWith('.ts') ? './node-child.ts' : './node-child.js';
  const entry = fileURLToPath(new URL(file, import.meta.url));
  const child = spawn(process.execPath, ['--conditions=source', entry], {
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  child.stdin!.write(`${JSON.stringify(spec)}\n`);
  return child;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

/** Until it has blocks and is connected to all others: CometBFT dials one that was not there yet only seconds later. */
async function untilReady(client: CometClient, child: ChildProcess, validators: number): Promise<void> {
  const deadlineMs = performance.now() + START_MS;
  const isReady = async (): Promise<boolean> => {
    const { n_peers: peers } = await client.call<{ n_peers: string }>('net_info');
    return Number(peers) === validators - 1 && (await committedHeight(client)) >= 2;
  };
  // Refused while it starts.
  while (!(await isReady().catch(() => false))) {
    if (child.exitCode !== null || performance.now() > deadlineMs) {
      const reason = 'a validator did not start; it says why above';
      throw new ProvingError({ code: 'BENCH_FAILED', reason }, `The chain bench stopped: ${reason}.`);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Of the application, which is behind the blocks that CometBFT stored. */
export async function committedHeight(client: CometClient): Promise<number> {
  const { response } = await client.call<{ response: { last_block_height?: string } }>('abci_info');
  return Number(response.last_block_height ?? 0);
}

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  // All open at once, so that none is given twice.
  const ports = await Promise.all(
    servers.map(async (server) => {
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      return (server.address() as { port: number }).port;
    }),
  );
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
