import {
  accountIdOf,
  areBytesEqual,
  authorize,
  type Clock,
  type Crypto,
  type Logger,
  type Signer,
} from '@cairn/core';
import type { BlockInput } from '@cairn/ledger';
import type { Application, ConsensusEngine, Timer } from '@cairn/protocol';
import { type BlockLog, type LoggedBlock, loggedResult } from '../blocks/block-log.ts';
import { blockHash, blockSignBytes, type Header } from '../blocks/header.ts';
import { transactionsRoot } from '../blocks/transactions-root.ts';
import { ChainError, storeCorrupt } from '../errors.ts';
import type { Mempool } from '../mempool/mempool.ts';

export interface SoloEngineParts {
  readonly application: Application;
  readonly mempool: Mempool;
  readonly blockLog: BlockLog;
  readonly crypto: Crypto;
  readonly clock: Clock;
  readonly timer: Timer;
  readonly logger: Logger;
  /** The operator's key: proposes and signs every block. */
  readonly signer: Signer;
  /** Called after each durable commit, before the next block begins. */
  readonly onCommitted: (block: LoggedBlock) => void;
  /** Called once if the engine stops by itself. */
  readonly onFailed?: (error: Error) => void;
}

export interface SoloEngineOptions {
  /** Time between blocks; they are made whether or not anything waits, since time must advance. @default 1_000 */
  readonly blockIntervalMs?: number;
  /** Most transaction bytes of one block, if the ledger allows as many. @default 2_097_152 */
  readonly maxBlockBytes?: number;
  /** Where the store lies, for messages. */
  readonly folder: string;
}

/** One operator that orders and signs all blocks, in the call order of ABCI 2.0. */
export interface SoloEngine extends ConsensusEngine {
  readonly name: 'solo';
  /** Makes a block now, after the one in hand. Returns it when it is on disk. */
  produceBlock(): Promise<LoggedBlock>;
}

export function createSoloEngine(parts: SoloEngineParts, options: SoloEngineOptions): SoloEngine {
  const { application, mempool, blockLog, crypto, clock, timer, logger, signer, onCommitted, onFailed } =
    parts;
  const { blockIntervalMs = 1_000, maxBlockBytes = 2_097_152, folder } = options;
  const proposer = accountIdOf(crypto, signer.scheme, signer.publicKey);
  let failure: Error | null = null;
  let isRunning = false;
  let cancel: (() => void) | null = null;
  let inHand: Promise<unknown> = Promise.resolve();

  async function propose(): Promise<{ header: Header; block: BlockInput }> {
    const last = application.info();
    const height = last.height + 1;
    const timeMs = Math.max(clock.nowMs(), last.timeMs + 1);
    const offered = mempool.select(maxBlockBytes);
    const txs = application.prepareProposal({
      height,
      timeMs,
      proposer,
      txs: offered,
      maxBytes: maxBlockBytes,
    });
    const header: Header = {
      chainId: last.chainId!,
      height: BigInt(height),
      timeMs: BigInt(timeMs),
      previousHash: last.blockHash,
      transactionsRoot: transactionsRoot(crypto, txs),
      previousAppHash: last.appHash,
      proposer,
    };
    const hash = blockHash(crypto, header);
    const votes = [{ validator: proposer, signed: true }];
    return { header, block: { height, timeMs, hash, proposer, votes, misbehavior: [], txs } };
  }

  async function makeBlock(): Promise<LoggedBlock> {
    if (failure !== null) {
      throw new ChainError(
        { code: 'ENGINE_STOPPED', reason: failure.message },
        `No more blocks are made: ${failure.message}`,
        { cause: failure },
      );
    }
    const { header, block } = await propose();
    const authorization = await authorize(signer, blockSignBytes(block.hash));
    if (!application.processProposal(block)) {
      throw new ChainError(
        { code: 'BLOCK_REFUSED', height: block.height },
        `The application refused block ${block.height} that was made from its own proposal.`,
      );
    }
    const { results, events, appHash } = await application.finalizeBlock(block);
    const logged: LoggedBlock = {
      header,
      hash: block.hash,
      authorization,
      appHash,
      txs: [...block.txs],
      results: results.map(loggedResult),
      events,
    };
    blockLog.stage(logged);
    await application.commit();
    await mempool.committed(
      block.height,
      results.map(({ id }) => id),
    );
    logger.debug('block committed', { height: block.height, txs: block.txs.length });
    onCommitted(logged);
    return logged;
  }

  function fail(error: unknown): void {
    if (failure !== null) return;
    failure = error instanceof Error ? error : new Error(String(error));
    isRunning = false;
    logger.error('block production stopped', { reason: failure.message });
    onFailed?.(failure);
  }

  /** Waits for the block in hand, so that two are never made at once. */
  function produceBlock(): Promise<LoggedBlock> {
    const made = inHand.then(makeBlock);
    inHand = made.catch(fail);
    return made;
  }

  function schedule(delayMs: number): void {
    if (!isRunning) return;
    cancel = timer.schedule(delayMs, async () => {
      const startedMs = clock.nowMs();
      // `fail` has taken the error already, and stopped the schedule.
      await produceBlock().catch(() => undefined);
      schedule(Math.max(0, startedMs + blockIntervalMs - clock.nowMs()));
    });
  }

  function compareWithLog(): void {
    const { height, appHash, blockHash: hash } = application.info();
    if (height === 0) return;
    const last = blockLog.read(height);
    if (last === null) throw storeCorrupt(folder, `block ${height} of its log is missing`);
    if (!areBytesEqual(last.appHash, appHash) || !areBytesEqual(last.hash, hash)) {
      throw storeCorrupt(folder, `block ${height} of its log is not the one its state was made with`);
    }
  }

  return {
    name: 'solo',
    get failure() {
      return failure;
    },
    async start() {
      if (isRunning) return;
      compareWithLog();
      isRunning = true;
      schedule(blockIntervalMs);
    },
    async stop() {
      isRunning = false;
      cancel?.();
      await inHand;
    },
    produceBlock,
  };
}
