import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createServer as createNetServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type CometChain,
  type CometChainOptions,
  createNativeCrypto,
  createNativeEd25519Signer,
  openCometChain,
  type ReadRpc,
} from '@cairn/chain';
import { accountIdOf, bytesToHex, type Logger, utf8ToBytes } from '@cairn/core';
import type { Genesis } from '@cairn/ledger';
import { ProvingError } from '../errors.ts';
import { type BenchFigure, figureOf } from './figure.ts';
import { createSender, createTransferSigner } from './transfers.ts';

export interface JoinBenchOptions {
  /** The CometBFT program. */
  readonly program: string;
  /** Accounts in the state. @default 100_000 */
  readonly accounts?: number;
  /** @default 3 */
  readonly runs?: number;
  /** Told what is being done. */
  readonly onStep?: (what: string) => void;
}

const GENESIS_FUNDS = 65_536;
const SENDERS = 64;
const BLOCK_MS = 500;
const JOIN_CEILING_S = 30;
const VALIDATORS = ['one', 'two'];

const crypto = createNativeCrypto();
const seedOf = (name: string): Uint8Array => crypto.sha256(utf8ToBytes(`cairn/bench/join/${name}`));

const silent: Logger = {
  error: () => undefined,
  warn: () => undefined,
  info: () => undefined,
  debug: () => undefined,
  child: () => silent,
};

/**
 * Two validators whose state has many accounts, and a node that joins them by state sync: from its start until it
 * has the state, and until it has caught up with the last block. All share this machine.
 *
 * @throws ProvingError `BENCH_FAILED`
 */
export async function benchJoin(options: JoinBenchOptions): Promise<BenchFigure[]> {
  const { program, accounts = 100_000, runs = 3, onStep = () => undefined } = options;
  const folder = mkdtempSync(join(tmpdir(), 'cairn-join-'));
  const senders = Array.from({ length: SENDERS }, (_, i) => createSender(crypto, `join ${i}`));
  const genesis = genesisOf(
    senders.map(({ account }) => account),
    Math.min(accounts, GENESIS_FUNDS) - SENDERS,
  );
  await using stack = new AsyncDisposableStack();
  stack.defer(() => rmSync(folder, { recursive: true, force: true }));
  const ports = await freePorts(VALIDATORS.length);
  const open = (name: string, more: Partial<CometChainOptions>) =>
    openNode(name, { folder: join(folder, name), genesis, program, ...more });
  const nodes: CometChain[] = [];
  for (const [at, name] of VALIDATORS.entries()) {
    const peers = nodes.map(({ nodeId }, other) => `${nodeId}@127.0.0.1:${ports[other]}`);
    nodes.push(stack.use(await open(name, { listen: `tcp://127.0.0.1:${ports[at]}`, peers })));
  }
  onStep('starting two validators');
  await Promise.all(nodes.map(({ engine }) => engine.start()));
  const [node] = nodes as [CometChain];

  const missing = accounts - Math.min(accounts, GENESIS_FUNDS);
  onStep(`opening ${missing} accounts beyond those of the genesis`);
  const sign = createTransferSigner(crypto, genesis);
  await Promise.all(
    senders.map(async (sender, lane) => {
      for (let i = lane; i < missing; i += SENDERS) {
        const to = crypto.sha256(utf8ToBytes(`cairn/bench/join/opened/${i}`));
        const tx = sign(sender, { to, amount: 1_000_000n });
        // Several of one sender wait at a time; the last of each lane is waited for.
        const sent =
          i + SENDERS < missing && i % (SENDERS * 16) >= SENDERS
            ? await node.ledger.submit(tx)
            : await node.ledger.submitAndWait(tx);
        if (!sent.ok) throw failed(`a transfer was refused: ${sent.problem?.message}`);
      }
    }),
  );

  onStep('taking a snapshot');
  const takenMs = performance.now();
  const { height: taken, pieces } = await node.takeSnapshot();
  const snapshotMs = performance.now() - takenMs;
  await reached(node, taken + 2);
  const server = stack.use(await serve(node.readRpc));
  const stateSeconds: number[] = [];
  const caughtUpSeconds: number[] = [];
  for (let run = 0; run < runs; run++) {
    onStep(`joining, ${run + 1} of ${runs}`);
    const { height, blockHash } = node.application.info();
    const startMs = performance.now();
    await using joiner = await open(`joiner-${run}`, {
      peers: nodes.map(({ nodeId }, at) => `${nodeId}@127.0.0.1:${ports[at]}`),
      stateSync: { servers: [server.url], trustHeight: height, trustHash: bytesToHex(blockHash) },
    });
    await joiner.engine.start();
    stateSeconds.push((performance.now() - startMs) / 1_000);
    await reached(joiner, height);
    caughtUpSeconds.push((performance.now() - startMs) / 1_000);
    await sameRoot(node, joiner, height);
  }
  const keys = (await node.ledger.status()).stateKeys;
  const of = `${keys} values in ${pieces} pieces`;
  return [
    figureOf(`taking a snapshot of ${of}`, 'ms', [snapshotMs]),
    figureOf(`start to the state of ${of}`, 's', stateSeconds),
    figureOf('start to the last block', 's', caughtUpSeconds, JOIN_CEILING_S),
  ];
}

function genesisOf(senders: readonly Uint8Array[], rest: number): Genesis {
  const others = Array.from({ length: rest }, (_, i) =>
    crypto.sha256(utf8ToBytes(`cairn/bench/join/account/${i}`)),
  );
  return {
    name: 'cairn-bench',
    kind: 'local',
    timeMs: BigInt(Date.now()),
    salt: new Uint8Array(32),
    parameters: [],
    beacon: null,
    validators: VALIDATORS.map((name) => {
      const { publicKey } = createNativeEd25519Signer(seedOf(name));
      return { publicKey, account: accountIdOf(crypto, 'ed25519', publicKey), power: 10n };
    }),
    funds: [
      ...senders.map((account) => ({ account, amount: 10_000_000_000_000n })),
      ...others.map((account) => ({ account, amount: 1_000_000n })),
    ],
  };
}

function openNode(
  name: string,
  {
    folder,
    ...options
  }: Pick<CometChainOptions, 'folder' | 'genesis' | 'program'> & Partial<CometChainOptions>,
): Promise<CometChain> {
  return openCometChain(
    {
      crypto,
      clock: { nowMs: () => Date.now() },
      timer: {
        schedule(delayMs, action) {
          const timer = setTimeout(() => void action(), delayMs);
          return () => clearTimeout(timer);
        },
      },
      logger: silent,
      keys: { consensusSeed: seedOf(name), nodeSeed: seedOf(`${name}/node`) },
    },
    {
      blockIntervalMs: BLOCK_MS,
      snapshots: { interval: 0 },
      ...options,
      folder: join(folder, 'chain'),
      home: join(folder, 'comet'),
    },
  );
}

async function reached({ ledger, application }: CometChain, height: number): Promise<void> {
  if (application.info().height >= height) return;
  for await (const event of ledger.events({ names: ['chain.committed'] })) if (event.height >= height) return;
}

/** At the first height that both have. */
async function sameRoot(node: CometChain, joiner: CometChain, height: number): Promise<void> {
  await reached(node, height + 1);
  await reached(joiner, height + 1);
  const [here, there] = await Promise.all([node, joiner].map(({ ledger }) => ledger.block(height + 1)));
  if (here!.appHash !== there!.appHash)
    throw failed(
      `the root of block ${height + 1} is ${here!.appHash}, and ${there!.appHash} where it joined`,
    );
}

function failed(reason: string): ProvingError {
  return new ProvingError({ code: 'BENCH_FAILED', reason }, `The join bench stopped: ${reason}`);
}

async function serve(rpc: ReadRpc): Promise<AsyncDisposable & { readonly url: string }> {
  const server: Server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(await rpc.answer(Buffer.concat(parts).toString('utf8'))));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Ports that were free a moment ago. */
async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createNetServer());
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve) => {
          server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
        }),
    ),
  );
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
