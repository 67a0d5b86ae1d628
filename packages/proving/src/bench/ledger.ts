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
import { bytesToHex, type Crypto, createSparseMerkleTree, type Logger, utf8ToBytes } from '@cairn/core';
import type { Genesis } from '@cairn/ledger';
import type { LedgerReader, LedgerWriter } from '@cairn/protocol';
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
  /** Answers JSON-RPC bodies for a ledger; with it, transfers are measured from such bytes too. */
  readonly rpcOf?: (ledger: LedgerReader & LedgerWriter) => (body: string) => Promise<unknown>;
}

/** Hands one transaction to the chain; says why it was refused. */
type Submit<T> = (transaction: T) => Promise<string | null>;

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
    validators: [],
    beacon: null,
    funds: [
      ...senders.map(({ account }) => ({ account, amount: 100_000_000_000n })),
      ...others.map((account) => ({ account, amount: 1_000_000n })),
    ],
  };
}

/** Submits all and makes blocks until the last is on disk. Throws when one did not get in. */
async function drive<T>(chain: Chain, txs: readonly T[], submit: Submit<T>): Promise<void> {
  let next = 0;
  let refused: string | null = null as string | null;
  let submitting = 0;
  let included = 0;
  let progress = Promise.withResolvers<void>();
  const submitNext = async (): Promise<void> => {
    while (next < txs.length && refused === null) {
      refused ??= await submit(txs[next++]!);
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

interface Run {
  readonly transfers: number;
  drive(): Promise<void>;
}

/** Times runs one after another; what a run needs is made before its clock starts. */
async function measureRuns(runs: number, prepare: (run: number) => Run) {
  const perSecond: number[] = [];
  const perCpuSecond: number[] = [];
  for (let run = 0; run < runs; run++) {
    const { transfers, drive: work } = prepare(run);
    const cpuBefore = process.cpuUsage();
    const startedMs = performance.now();
    await work();
    const seconds = (performance.now() - startedMs) / 1_000;
    const { user, system } = process.cpuUsage(cpuBefore);
    perSecond.push(transfers / seconds);
    perCpuSecond.push(transfers / ((user + system) / 1e6));
  }
  return { perSecond, perCpuSecond };
}

function rpcBody(transaction: Uint8Array, id: number): string {
  const params = { transaction: bytesToHex(transaction) };
  return JSON.stringify({ jsonrpc: '2.0', id, method: 'chain_submit', params });
}

function submitOver(answer: (body: string) => Promise<unknown>): Submit<string> {
  return async (body) => {
    const { result, error } = (await answer(body)) as {
      result?: { ok: boolean; problem?: { message: string } };
      error?: { message: string };
    };
    return result?.ok === true ? null : (error?.message ?? result?.problem?.message ?? 'no answer');
  };
}

type MeasureOptions = Required<Omit<LedgerBenchOptions, 'rpcOf' | 'memoryKeys'>> &
  Pick<LedgerBenchOptions, 'rpcOf'>;

async function measureThroughput(options: MeasureOptions): Promise<BenchFigure[]> {
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
    const toMempool: Submit<Uint8Array> = async (tx) => {
      const result = await chain.mempool.submit(tx);
      return result.ok ? null : result.problem.message;
    };
    await drive(chain, openings, toMempool);
    const signRun = (run: number) =>
      Array.from({ length: transfers }, (_, i) => {
        const to = accountNamed(crypto, (i * 7_919 + run) % (accounts - senderCount));
        return signTransfer(senders[i % senderCount]!, { to, amount: 1_000n });
      });
    const direct = await measureRuns(runs, (run) => {
      const txs = signRun(run);
      return { transfers, drive: () => drive(chain, txs, toMempool) };
    });
    const answer = options.rpcOf?.(chain.ledger);
    const overRpc =
      answer === undefined
        ? null
        : await measureRuns(runs, (run) => {
            const bodies = signRun(runs + run).map(rpcBody);
            return { transfers, drive: () => drive(chain, bodies, submitOver(answer)) };
          });
    const { stateKeys } = await chain.ledger.status();
    return [
      figureOf(
        'ledger transfers, submit to durable commit',
        'transfers/s',
        direct.perSecond,
        TARGET_PER_SECOND,
      ),
      figureOf('ledger transfers per CPU second, all threads', 'transfers/CPU s', direct.perCpuSecond),
      ...(overRpc === null
        ? []
        : [figureOf('ledger transfers, JSON-RPC bytes to durable commit', 'transfers/s', overRpc.perSecond)]),
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
  const { rpcOf } = options;
  const throughput = await measureThroughput({
    accounts,
    senders,
    transfers,
    runs,
    threads,
    ...(rpcOf === undefined ? {} : { rpcOf }),
  });
  return [...throughput, ...measureMemory(memoryKeys)];
}
