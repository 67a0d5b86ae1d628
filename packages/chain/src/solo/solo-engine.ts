import { accountIdOf, areBytesEqual, type Clock, type Crypto, type Logger, type Signer } from '@cairn/core';
import type { BlockInput } from '@cairn/ledger';
import {
  type Application,
  type ConsensusEngine,
  commitHash,
  consensusChainId,
  headerHash,
  resultsHash,
  type Timer,
} from '@cairn/protocol';
import type { BlockLog, LoggedBlock } from '../blocks/block-log.ts';
import { headerAfter, soloCommitHash, soloHeader, soloSignBytes, type Unsigned } from '../blocks/header.ts';
import { ChainError, storeCorrupt } from '../errors.ts';
import type { Mempool } from '../mempool/mempool.ts';
import { driveBlock } from './drive-block.ts';

export interface SoloEngineParts {
  readonly application: Application;
  readonly mempool: Mempool;
  readonly blockLog: BlockLog;
  readonly crypto: Crypto;
  readonly clock: Clock;
  readonly timer: Timer;
  readonly logger: Logger;
  /** The operator's ed25519 key: proposes and votes for every block. */
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

/** One operator that orders and signs all blocks, as the one validator of a set, in the call order of ABCI 2.0. */
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

  /** The last block, from which the next is made; read once and then kept. */
  let lastBlock: LoggedBlock | null = null;

  function readLast(): LoggedBlock | null {
    const { height } = application.info();
    if (lastBlock === null && height > 0) lastBlock = blockLog.read(height);
    return lastBlock;
  }

  /** What the header says of the block before. */
  function unsignedAfter(last: LoggedBlock | null): Unsigned {
    const { publicKey } = signer;
    const seal = last?.seal ?? null;
    return {
      lastCommitHash:
        last === null || seal === null
          ? commitHash(crypto, [])
          : soloCommitHash(crypto, last.header, last.hash, seal),
      lastResultsHash: resultsHash(crypto, last?.results ?? []),
      publicKey,
    };
  }

  function propose(): Omit<BlockInput, 'hash'> {
    const last = application.info();
    const height = last.height + 1;
    const timeMs = Math.max(clock.nowMs(), last.timeMs + 1);
    const offered = mempool.select(maxBlockBytes);
    const request = { height, timeMs, proposer, txs: offered, maxBytes: maxBlockBytes };
    const txs = application.prepareProposal(request);
    return { height, timeMs, proposer, votes: [{ validator: proposer, signed: true }], misbehavior: [], txs };
  }

  async function makeBlock(): Promise<LoggedBlock> {
    if (failure !== null) {
      throw new ChainError(
        { code: 'ENGINE_STOPPED', reason: failure.message },
        `No more blocks are made: ${failure.message}`,
        { cause: failure },
      );
    }
    const proposed = propose();
    const info = application.info();
    const chainId = consensusChainId(info.chainId!);
    const header = headerAfter(crypto, info, proposed);
    const unsigned = unsignedAfter(readLast());
    const hash = headerHash(crypto, soloHeader(crypto, chainId, header, unsigned));
    const seal = { ...unsigned, signature: await signer.sign(soloSignBytes(chainId, hash, header)) };
    lastBlock = await driveBlock({ application, blockLog }, { ...proposed, hash }, { header, seal });
    await mempool.committed(
      proposed.height,
      lastBlock.results.map(({ id }) => id),
    );
    logger.debug('block committed', { height: proposed.height, txs: proposed.txs.length });
    onCommitted(lastBlock);
    return lastBlock;
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
