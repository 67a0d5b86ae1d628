import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock, Logger } from '@cairn/core';
import { problem, readParameters } from '@cairn/ledger';
import type { Application, LedgerReader, LedgerWriter } from '@cairn/protocol';
import { openBlockRecorder } from './abci/record.ts';
import { noSnapshots, type Snapshots } from './abci/snapshots.ts';
import { startAbci } from './abci/start.ts';
import { createKnownTransactions } from './application/known-transactions.ts';
import { type CometEngine, createCometEngine } from './comet/comet-engine.ts';
import type { CometConfig } from './comet/config.ts';
import { type CometKeys, hasCometBlocks, writeCometHome } from './comet/home.ts';
import { nodeIdOf } from './comet/keys.ts';
import { createCometLightBlocks } from './comet/light-blocks.ts';
import { type CometRpc, createCometRpc } from './comet/rpc.ts';
import { createCometWaitingRoom } from './comet/waiting-room.ts';
import { ChainError } from './errors.ts';
import { type BaseOptions, type BaseParts, openBase } from './open-base.ts';
import { createLocalLedger } from './reader/local-ledger.ts';

export interface CometChainParts extends Omit<BaseParts, 'known'> {
  readonly clock: Clock;
  readonly logger: Logger;
  /** The key that votes, and the one that peers know this node by. */
  readonly keys: CometKeys;
  /** @default none are served, and none is started from */
  readonly snapshots?: Snapshots;
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
  /** What peers write before the `@` of this node's address. */
  readonly nodeId: string;
  /** Stops CometBFT and closes the store. */
  close(): Promise<void>;
}

/**
 * Opens a chain under CometBFT. Blocks are made once `engine.start()` is called and enough validators are there.
 *
 * @throws ChainError as `openChain`, `NO_VALIDATORS`, `CONSENSUS_BEHIND`
 */
export async function openCometChain(
  parts: CometChainParts,
  options: CometChainOptions,
): Promise<CometChain> {
  const { crypto, clock, timer, logger, keys, snapshots = noSnapshots } = parts;
  const { folder, home, genesis, program } = options;
  const known = createKnownTransactions(crypto);
  const sockets = await makeSocketFolder(home);
  const base = await openBase({ ...parts, known }, options).catch(async (error: unknown) => {
    await sockets[Symbol.asyncDispose]();
    throw error;
  });
  const { application, state, blockLog, commits, inclusions, stateKeys } = base;
  const rpc = createCometRpc({ socketPath: join(sockets.path, 'rpc.sock') });
  const stopped = (why: string) => inclusions.close(problem('CHAIN_STOPPED', why));

  async function prepare(): Promise<AsyncDisposable> {
    const { height } = application.info();
    if (height > 0 && !hasCometBlocks(home)) {
      throw new ChainError(
        { code: 'CONSENSUS_BEHIND', home, height },
        `The store is at block ${height}, but ${home} has no blocks: they were made by another engine or are gone. Restore that folder, or start with an empty store.`,
      );
    }
    await writeCometHome(crypto, home, genesis, keys, configOf(options, sockets.path));
    await using stack = new AsyncDisposableStack();
    const recorder =
      options.recordBlocksTo === undefined
        ? null
        : stack.use(await openBlockRecorder(options.recordBlocksTo));
    const server = await startAbci(
      {
        ...{ base, crypto, genesis, snapshots, known },
        logger: logger.child('abci'),
        onCommitted(block) {
          inclusions.committed(block);
          commits.committed(Number(block.header.height));
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
    waitingRoom: createCometWaitingRoom(
      { rpc, application, crypto },
      { maxTransactionBytes: Number(readParameters(state.view).maxTransactionBytes) },
    ),
    commits,
    inclusions,
    crypto,
    genesis,
    stateKeys,
    folder,
  });
  const close = async (): Promise<void> => {
    await engine.stop();
    stopped('The chain was closed before this entered a block here. Ask for it later, or send it again.');
    commits.close();
    await base.close();
    await sockets[Symbol.asyncDispose]();
  };
  const nodeId = nodeIdOf(crypto, keys.nodeSeed);
  return { ledger, engine, application, rpc, nodeId, close, [Symbol.asyncDispose]: close };
}

function configOf(options: CometChainOptions, sockets: string): CometConfig {
  const { moniker = 'cairn', listen = 'tcp://127.0.0.1:0', external = '', peers = [], seeds = [] } = options;
  const { findsPeers = false, blockIntervalMs = 1_000 } = options;
  const { maxWaiting = 10_000, maxWaitingBytes = 67_108_864 } = options;
  return {
    ...{ moniker, listen, external, peers, seeds, findsPeers, blockIntervalMs },
    application: `unix://${join(sockets, 'abci.sock')}`,
    rpc: `unix://${join(sockets, 'rpc.sock')}`,
    mempool: { maxCount: maxWaiting, maxBytes: maxWaitingBytes, maxTransactionBytes: MAX_TRANSACTION_BYTES },
  };
}

/** No parameter allows more; the ledger's own limit holds besides. */
const MAX_TRANSACTION_BYTES = 1_048_576;
/** Addresses of sockets are at most 108 bytes with their end. */
const MAX_SOCKET_PATH_BYTES = 96;

/** A folder that only its owner can enter; a temporary one when the path of the home is too long for a socket. */
async function makeSocketFolder(home: string): Promise<AsyncDisposable & { readonly path: string }> {
  const wanted = join(home, 'sockets');
  const isShort = Buffer.byteLength(wanted) <= MAX_SOCKET_PATH_BYTES - '/abci.sock'.length;
  if (isShort) await mkdir(wanted, { recursive: true, mode: 0o700 });
  const path = isShort ? wanted : await mkdtemp(join(tmpdir(), 'cairn-comet-'));
  await chmod(path, 0o700);
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}
