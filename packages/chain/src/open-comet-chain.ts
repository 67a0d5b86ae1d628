import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Clock, hexToBytes, type Logger } from '@cairn/core';
import { problem, readParameters } from '@cairn/ledger';
import type { Application, LedgerReader, LedgerWriter } from '@cairn/protocol';
import { openBlockRecorder, recordingOfPart } from './abci/record.ts';
import { startAbci } from './abci/start.ts';
import { createKnownTransactions } from './application/known-transactions.ts';
import { type CometEngine, createCometEngine } from './comet/comet-engine.ts';
import type { CometConfig, StateSyncConfig } from './comet/config.ts';
import { trustPeriodMsOf } from './comet/genesis.ts';
import { type CometKeys, clearCometData, hasCometBlocks, writeCometHome } from './comet/home.ts';
import { nodeIdOf } from './comet/keys.ts';
import { createCometLightBlocks } from './comet/light-blocks.ts';
import { createReadRpc, type ReadRpc } from './comet/read-rpc.ts';
import { type CometRpc, createCometRpc } from './comet/rpc.ts';
import { makeSocketFolder } from './comet/socket-folder.ts';
import { type StateSyncWatch, watchStateSync } from './comet/state-sync.ts';
import { createCometWaitingRoom } from './comet/waiting-room.ts';
import { ChainError } from './errors.ts';
import { type BaseOptions, type BaseParts, openBase } from './open-base.ts';
import { createLocalLedger } from './reader/local-ledger.ts';
import {
  DEFAULT_INTERVAL,
  DEFAULT_KEEP,
  openSnapshots,
  type SnapshotsOptions,
  type TakenSnapshot,
} from './snapshots/open-snapshots.ts';

export interface CometChainParts extends Omit<BaseParts, 'known'> {
  readonly clock: Clock;
  readonly logger: Logger;
  /** The key that votes, and the one that peers know this node by. */
  readonly keys: CometKeys;
}

/** How a node without blocks begins from a snapshot that its peers serve. */
export interface StateSyncOptions extends Omit<StateSyncConfig, 'trustPeriodMs'> {
  /** Without an offer or a piece for this long, all blocks are executed instead. @default 60_000 */
  readonly patienceMs?: number;
}

export interface CometChainOptions extends BaseOptions {
  /** The CometBFT program. */
  readonly program: string;
  /** Folder of CometBFT; made if it is not there. */
  readonly home: string;
  readonly moniker?: string;
  /** Where peers connect. @default `tcp://127.0.0.1:0` */
  readonly listen?: string;
  /** How peers reach it from elsewhere. */
  readonly external?: string;
  /** `id@host:port` of peers that are kept connected. */
  readonly peers?: readonly string[];
  /** `id@host:port` of peers that are asked for others. */
  readonly seeds?: readonly string[];
  /** Whether peers are found by asking others. @default false */
  readonly findsPeers?: boolean;
  /** Pause after each block. @default 1_000 */
  readonly blockIntervalMs?: number;
  /** Which snapshots are made and kept, for nodes that join. */
  readonly snapshots?: Omit<SnapshotsOptions, 'folder'>;
  /** Where a node without blocks gets its state. @default it executes all blocks */
  readonly stateSync?: StateSyncOptions;
  /** Most transactions that wait: CometBFT checks them all after each block. @default 10_000 */
  readonly maxWaiting?: number;
  /** Most bytes that wait. @default 67_108_864 */
  readonly maxWaitingBytes?: number;
  /** File that every block is added to as CometBFT decided it, for `replayRecorded`. @default none */
  readonly recordBlocksTo?: string;
}

/** A chain whose blocks CometBFT makes with other validators: its ledger to read and write, and its engine. */
export interface CometChain extends AsyncDisposable {
  readonly ledger: LedgerReader & LedgerWriter;
  readonly engine: CometEngine;
  readonly application: Application;
  /** Questions to CometBFT itself: its blocks, votes and validators. */
  readonly rpc: CometRpc;
  /** What of it anybody may ask: headers, votes and who votes. */
  readonly readRpc: ReadRpc;
  /** Takes a snapshot of the last block now. @throws ChainError `CHAIN_NOT_STARTED`, `SNAPSHOT_BUSY` */
  takeSnapshot(): Promise<TakenSnapshot>;
  /** What peers write before the `@` of this node's address. */
  readonly nodeId: string;
  /** Stops CometBFT and closes the store. */
  close(): Promise<void>;
}

/**
 * Opens a chain under CometBFT. Blocks are made once `engine.start()` is called and enough validators are there.
 *
 * @throws ChainError as `openChain`, `NO_VALIDATORS`, `CONSENSUS_BEHIND`, `RECORDING_…`
 */
export async function openCometChain(
  parts: CometChainParts,
  options: CometChainOptions,
): Promise<CometChain> {
  const { crypto, clock, timer, logger, keys } = parts;
  const { folder, home, genesis, program } = options;
  const known = createKnownTransactions(crypto);
  const sockets = await makeSocketFolder(home);
  const base = await closingOnError([sockets[Symbol.asyncDispose]], () =>
    openBase({ ...parts, known }, { ...options, retainBlocks: retained(options) }),
  );
  const { application, store, state, blockLog, commits, inclusions, stateKeys } = base;
  const rpc = createCometRpc({ socketPath: join(sockets.path, 'rpc.sock') });
  const stopped = (why: string) => inclusions.close(problem('CHAIN_STOPPED', why));

  const hasBlocks = () => blockLog.oldest() <= application.info().height;
  // A state that no block followed yet is taken anew: CometBFT may have ended before it knew of it.
  let isSyncing = options.stateSync !== undefined && !hasBlocks();
  let hasGivenUp = false;
  let watch: StateSyncWatch | null = null;
  const endSync = (): void => {
    isSyncing = false;
    watch?.stop();
  };

  const snapshots = await closingOnError([base.close, sockets[Symbol.asyncDispose]], () =>
    openSnapshots(
      {
        ...{ crypto, store, state, timer },
        logger: logger.child('snapshots'),
        // Also once more after it came, when CometBFT ended before it knew.
        isWanted: () => options.stateSync !== undefined && !hasGivenUp && !hasBlocks(),
        onRestored(height) {
          commits.committed(height);
          endSync();
        },
      },
      { folder: join(folder, 'snapshots'), ...options.snapshots },
    ),
  );

  const writeHome = () =>
    writeCometHome(crypto, home, genesis, keys, configOf(options, sockets.path, isSyncing));

  /** A network without snapshots is young, or keeps none: its blocks tell all the same. */
  async function executeAll(): Promise<void> {
    if (!isSyncing) return;
    hasGivenUp = true;
    endSync();
    await writeHome();
    await engine.again();
  }

  async function blockHashOf(height: number): Promise<Uint8Array | null> {
    try {
      const next = String(height + 1);
      const answer = await rpc.call<CometHeader>('header', { height: next });
      const hash = answer.ok ? answer.result.header?.last_block_id?.hash : undefined;
      return hash === undefined || hash.length !== 64 ? null : hexToBytes(hash.toLowerCase());
    } catch (error) {
      if (error instanceof ChainError && error.problem.code === 'COMETBFT_UNREACHABLE') return null;
      throw error;
    }
  }

  async function prepare(): Promise<AsyncDisposable> {
    const { height } = application.info();
    if (height > 0 && !isSyncing && !hasCometBlocks(home)) {
      throw new ChainError(
        { code: 'CONSENSUS_BEHIND', home, height },
        `The store is at block ${height}, but ${home} has no blocks: they were made by another engine or are gone. Restore that folder, or start with an empty store.`,
      );
    }
    if (isSyncing && options.recordBlocksTo !== undefined) throw recordingOfPart(options.recordBlocksTo);
    if (isSyncing) {
      await clearCometData(home);
      const { patienceMs = 60_000 } = options.stateSync!;
      const onNone = () => executeAll().catch(engine.fail);
      const watched = { clock, timer, logger, received: () => snapshots.received, onNone };
      // A state that was taken before is ahead of block 1: it waits for a snapshot, however long.
      if (height === 0) watch = watchStateSync(watched, patienceMs);
      else logger.warn('the state is of a snapshot that no block followed, and is fetched again', { height });
    }
    await writeHome();
    await using stack = new AsyncDisposableStack();
    const recorder =
      options.recordBlocksTo === undefined
        ? null
        : stack.use(await openBlockRecorder(options.recordBlocksTo, height));
    const server = await startAbci(
      {
        ...{ base, crypto, genesis, snapshots, known, blockHashOf },
        logger: logger.child('abci'),
        onCommitted(block) {
          inclusions.committed(block);
          commits.committed(Number(block.header.height));
          snapshots.committed(Number(block.header.height));
        },
        onDropped: inclusions.dropped,
        onFault: engine.fail,
        ...(recorder === null ? {} : { recorder }),
      },
      { path: join(sockets.path, 'abci.sock') },
    );
    stack.use(server);
    return stack.move();
  }

  const engine = createCometEngine(
    {
      clock,
      timer,
      logger,
      rpc,
      prepare,
      hasState: () => !isSyncing,
      clean: () => rm(join(sockets.path, 'rpc.sock'), { force: true }),
      onFailed(error) {
        stopped(`Consensus stopped: ${error.message}`);
        commits.close(error);
      },
    },
    { program, home },
  );
  const ledger = createLocalLedger({
    engine: engine.name,
    application,
    blockLog,
    lightBlocks: createCometLightBlocks(rpc),
    waitingRoom: createCometWaitingRoom({ rpc, application, crypto }, () =>
      Number(readParameters(state.view).maxTransactionBytes),
    ),
    commits,
    inclusions,
    crypto,
    genesis,
    stateKeys,
    folder,
  });
  const close = async (): Promise<void> => {
    watch?.stop();
    await engine.stop();
    await snapshots.close();
    stopped('The chain was closed before this entered a block here. Ask for it later, or send it again.');
    commits.close();
    await base.close();
    await sockets[Symbol.asyncDispose]();
  };
  const nodeId = nodeIdOf(crypto, keys.nodeSeed);
  return {
    ...{ ledger, engine, application, rpc, nodeId, close },
    readRpc: createReadRpc(rpc),
    takeSnapshot: snapshots.take,
    [Symbol.asyncDispose]: close,
  };
}

/** A node that begins from the oldest snapshot still needs every block after it. */
function retained({ retainBlocks = 0, snapshots = {} }: CometChainOptions): number {
  const { interval = DEFAULT_INTERVAL, keep = DEFAULT_KEEP } = snapshots;
  return retainBlocks === 0 ? 0 : Math.max(retainBlocks, interval * (keep + 1));
}

/** When it fails, gives back what was taken before it. */
async function closingOnError<T>(
  closes: readonly (() => PromiseLike<void>)[],
  open: () => T | Promise<T>,
): Promise<T> {
  try {
    return await open();
  } catch (error) {
    for (const close of closes) await close();
    throw error;
  }
}

interface CometHeader {
  readonly header: { readonly last_block_id?: { readonly hash?: string } } | null;
}

function configOf(options: CometChainOptions, sockets: string, isSyncing: boolean): CometConfig {
  const { moniker = 'cairn', listen = 'tcp://127.0.0.1:0', external = '', peers = [], seeds = [] } = options;
  const { findsPeers = false, blockIntervalMs = 1_000 } = options;
  const { maxWaiting = 10_000, maxWaitingBytes = 67_108_864 } = options;
  return {
    ...{ moniker, listen, external, peers, seeds, findsPeers, blockIntervalMs },
    application: `unix://${join(sockets, 'abci.sock')}`,
    stateSync: isSyncing ? { ...options.stateSync!, trustPeriodMs: trustPeriodMsOf(options.genesis) } : null,
    rpc: `unix://${join(sockets, 'rpc.sock')}`,
    mempool: { maxCount: maxWaiting, maxBytes: maxWaitingBytes, maxTransactionBytes: MAX_TRANSACTION_BYTES },
  };
}

/** No parameter allows more; the ledger's own limit holds besides. */
const MAX_TRANSACTION_BYTES = 1_048_576;
