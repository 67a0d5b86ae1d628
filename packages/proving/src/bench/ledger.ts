import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Chain,
  createNativeCrypto,
  createNativeEd25519Signer,
  createThreadedVerifier,
  openChain,
} from '@cairn/chain';
import { type Crypto, createSparseMerkleTree, type Logger, utf8ToBytes } from '@cairn/core';
import type { Genesis } from '@cairn/ledger';
import { ProvingError } from '../errors.ts';
import { type BenchFigure, figureOf } from './figure.ts';
import { type BenchSender, createSender, createTransferSigner } from './transfers.ts';

export interface LedgerBenchOptions {
  /** Accounts in the state. @default 100_000 */
  readonly accounts?: number;
  /** Accounts that send, each with its own key. @default 10_000 */
  readonly senders?: number;
  /** Transfers of one run. @default 20_000 */
  readonly transfers?: number;
  /** @default 3 */
  readonly runs?: number;
  /** Threads that check signatures besides the main one. @default 2 */
  readonly threads?: number;
  /** Keys of the memory measurement. @default 1_000_000 */
  readonly memoryKeys?: number;
}

const GENESIS_FUNDS = 65_536;
const TARGET_PER_SECOND = 5_000;

/** Transactions that a block waits for: about one second's worth, as with the block time of a local network. */
const BLOCK_TRANSACTIONS = 5_000;

/** Submitted and not yet answered at any time. */
const IN_FLIGHT = 2_048;

const silent: Logger = {
  error: () => undefined,
  warn: () => undefined,
  info: () => undefined,
  debug: () => undefined,
  child: () => silent,
};

function accountNamed(crypto: Crypto, index: number): Uint8Array {
  return crypto.sha256(utf8ToBytes(`cairn/bench/account/${index}`));
}

function benchGenesis(crypto: Crypto, senders: readonly BenchSender[], rest: number): Genesis {
  const others = Array.from({ length: rest }, (_, i) => accountNamed(crypto, i));
  return {
    name: 'cairn-bench',
    kind: 'local',
    timeMs: BigInt(Date.now()),
    salt: new Uint8Array(32),
    parameters: [],
    funds: [
      ...senders.map(({ account }) => ({ account, amount: 100_000_000_000n })),
      ...others.map((account) => ({ account, amount: 1_000_000n })),
    ],
  };
}

/** Submits all and makes blocks until the last is on disk. Throws when one did not get in. */
async function drive(chain: Chain, txs: readonly Uint8Array[]): Promise<void> {
  let next = 0;
  let refused: string | null = null;
  let submitting = 0;
  let included = 0;
  let progress = Promise.withResolvers<void>();
  const submitNext = async (): Promise<void> => {
    while (next < txs.length && refused === null) {
      const result = await chain.mempool.submit(txs[next++]!);
      if (!result.ok) refused = result.problem.message;
      if (chain.mempool.count >= BLOCK_TRANSACTIONS) progress.resolve();
    }
  };
  const lanes = Array.from({ length: Math.min(IN_FLIGHT, txs.length) }, async () => {
    submitting += 1;
    await submitNext();
    submitting -= 1;
    if (submitting === 0) progress.resolve();
  });
  while (included < txs.length && refused === null) {
    const isWaiting = chain.mempool.count < BLOCK_TRANSACTIONS && submitting > 0;
    if (isWaiting) {
      await progress.promise;
      progress = Promise.withResolvers();
    } else {
      const { results } = await chain.engine.produceBlock();
      included += results.filter(({ ok }) => ok).length;
      const failed = results.find(({ ok }) => !ok);
      if (failed !== undefined) refused = failed.problem?.message ?? 'a transfer failed';
    }
  }
  await Promise.all(lanes);
  if (refused !== null) {
    throw new ProvingError({ code: 'BENCH_FAILED', reason: refused }, `The ledger bench stopped: ${refused}`);
  }
}

async function measureThroughput(options: Required<LedgerBenchOptions>): Promise<BenchFigure[]> {
  const { accounts, senders: senderCount, transfers, runs, threads } = options;
  const crypto = createNativeCrypto();
  const senders = Array.from({ length: senderCount }, (_, i) => createSender(crypto, `sender ${i}`));
  const funded = Math.min(accounts, GENESIS_FUNDS) - senderCount;
  const genesis = benchGenesis(crypto, senders, funded);
  const signTransfer = createTransferSigner(crypto, genesis);
  const folder = mkdtempSync(join(tmpdir(), 'cairn-bench-'));
  try {
    await using chain = await openChain(
      {
        crypto,
        clock: { nowMs: () => Date.now() },
        timer: { schedule: () => () => undefined },
        logger: silent,
        signer: createNativeEd25519Signer(crypto.sha256(utf8ToBytes('cairn/bench/operator'))),
        verifier: createThreadedVerifier(crypto, { threads }),
      },
      { folder, genesis },
    );
    // Accounts beyond what a genesis holds are opened by transfers, which also warm up the compiler.
    const missing = accounts - senderCount - funded;
    const openings = Array.from({ length: missing }, (_, i) =>
      signTransfer(senders[i % senderCount]!, {
        to: accountNamed(crypto, funded + i),
        amount: 1_000_000n,
      }),
    );
    await drive(chain, openings);
    const perSecond: number[] = [];
    const perCpuSecond: number[] = [];
    for (let run = 0; run < runs; run++) {
      const txs = Array.from({ length: transfers }, (_, i) => {
        const to = accountNamed(crypto, (i * 7_919 + run) % (accounts - senderCount));
        return signTransfer(senders[i % senderCount]!, { to, amount: 1_000n });
      });
      const cpuBefore = process.cpuUsage();
      const startedMs = performance.now();
      await drive(chain, txs);
      const seconds = (performance.now() - startedMs) / 1_000;
      const { user, system } = process.cpuUsage(cpuBefore);
      perSecond.push(transfers / seconds);
      perCpuSecond.push(transfers / ((user + system) / 1e6));
    }
    const { stateKeys } = await chain.ledger.status();
    return [
      figureOf('ledger transfers, submit to durable commit', 'transfers/s', perSecond, TARGET_PER_SECOND),
      figureOf('ledger transfers per CPU second, all threads', 'transfers/CPU s', perCpuSecond),
      figureOf('ledger keys in state', 'keys', [stateKeys]),
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What the state tree of that many keys holds in memory, per million. */
function measureMemory(keys: number): BenchFigure[] {
  const crypto = createNativeCrypto();
  globalThis.gc?.();
  const before = process.memoryUsage().rss;
  const tree = createSparseMerkleTree(crypto, { capacity: keys });
  for (let i = 0; i < keys; i++) {
    const hash = crypto.sha256(utf8ToBytes(`cairn/bench/key/${i}`));
    tree.update(hash, hash);
  }
  tree.commit();
  const resident = process.memoryUsage().rss - before;
  const perMillion = (sizeBytes: number) => ((sizeBytes / keys) * 1e6) / 1_048_576;
  return [
    figureOf('ledger memory, state tree', 'MiB per million keys', [perMillion(tree.byteSize())]),
    figureOf('ledger memory, resident growth while it is built', 'MiB per million keys', [
      perMillion(resident),
    ]),
  ];
}

/**
 * Signed transfers per second from `mempool.submit` to durable commit: decoded, verified, executed, rooted
 * and on disk. Keys and signatures are made before the clock runs; blocks are made one after another.
 * Takes about half a minute.
 */
export async function benchLedger(options: LedgerBenchOptions = {}): Promise<BenchFigure[]> {
  const { accounts = 100_000, senders = 10_000, transfers = 20_000, runs = 3, threads = 2 } = options;
  const { memoryKeys = 1_000_000 } = options;
  const throughput = await measureThroughput({ accounts, senders, transfers, runs, threads, memoryKeys });
  return [...throughput, ...measureMemory(memoryKeys)];
}
