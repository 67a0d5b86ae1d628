import type { Clock, Crypto, Logger, Signer } from '@cairn/core';
import { type Genesis, problem } from '@cairn/ledger';
import type { Application, LedgerReader, LedgerWriter, Timer } from '@cairn/protocol';
import { createApplication } from './application/application.ts';
import { createBlockLog, type LoggedBlock } from './blocks/block-log.ts';
import { createMempool, type Mempool, type MempoolOptions } from './mempool/mempool.ts';
import { createCommitSignal } from './reader/event-stream.ts';
import { createInclusions } from './reader/inclusions.ts';
import { createLocalLedger } from './reader/local-ledger.ts';
import { createSoloEngine, type SoloEngine } from './solo/solo-engine.ts';
import { openChainState } from './store/chain-state.ts';
import { openLmdbStore } from './store/lmdb-store.ts';
import type { Store } from './store/store.ts';
import { createInlineVerifier, type Verifier } from './verify/verifier.ts';

export interface ChainParts {
  readonly crypto: Crypto;
  readonly clock: Clock;
  readonly timer: Timer;
  readonly logger: Logger;
  /** The operator's key. */
  readonly signer: Signer;
  /** Checks signatures; closed with the chain. @default on this thread */
  readonly verifier?: Verifier;
  /** Keeps the state; closed with the chain. @default LMDB in the folder */
  readonly store?: Store;
  /** Stands between engine and application, for tests of faults. */
  readonly wrapApplication?: (application: Application) => Application;
}

export interface ChainOptions {
  /** Folder of the store; made if it is not there. */
  readonly folder: string;
  readonly genesis: Genesis;
  /** @default 1_000 */
  readonly blockIntervalMs?: number;
  readonly mempool?: MempoolOptions;
  /** Blocks whose old values are kept for proofs. @default 100 */
  readonly undoBlocks?: number;
}

/** A solo chain: its ledger to read and write, and its engine. */
export interface Chain extends AsyncDisposable {
  readonly ledger: LedgerReader & LedgerWriter;
  readonly engine: SoloEngine;
  readonly application: Application;
  readonly mempool: Mempool;
  /** Finishes the block in hand and closes the store. */
  close(): Promise<void>;
}

/**
 * Opens or starts a solo chain. Blocks are made once `engine.start()` is called.
 *
 * @example
 * await using chain = await openChain({ crypto, clock, timer, logger, signer }, { folder, genesis });
 * await chain.engine.start();
 * const result = await chain.ledger.submitAndWait(transactionBytes);
 * @throws ChainError `STORE_IN_USE`, `NO_PERMISSION`, `DISK_FULL`, `STORE_CORRUPT`, `STORE_FORMAT_UNKNOWN`, `WRONG_CHAIN`
 */
export async function openChain(parts: ChainParts, options: ChainOptions): Promise<Chain> {
  const { crypto, clock, timer, logger, signer } = parts;
  const { folder, genesis, blockIntervalMs, undoBlocks } = options;
  const store = parts.store ?? openLmdbStore(folder);
  const verifier = parts.verifier ?? createInlineVerifier(crypto);
  const closeParts = async (): Promise<void> => {
    await verifier.close();
    await store.close();
  };
  try {
    const state = openChainState(
      { crypto, store },
      { folder, ...(undoBlocks === undefined ? {} : { undoBlocks }) },
    );
    const inner = createApplication({ crypto, state, verifier }, { folder });
    const application = parts.wrapApplication?.(inner) ?? inner;
    await application.initChain(genesis);
    const blockLog = createBlockLog({ crypto, store, state, folder });
    const commits = createCommitSignal(application.info().height);
    const inclusions = createInclusions(timer);
    const mempool = createMempool({ application, onDropped: inclusions.dropped }, options.mempool);
    const stopped = (why: string) => inclusions.close(problem('CHAIN_STOPPED', why));
    const engine = createSoloEngine(
      {
        application,
        mempool,
        blockLog,
        crypto,
        clock,
        timer,
        logger,
        signer,
        onCommitted(block: LoggedBlock) {
          inclusions.committed(block);
          commits.committed(Number(block.header.height));
        },
        onFailed(error) {
          stopped(`Block production stopped: ${error.message}`);
          commits.close(error);
        },
      },
      { folder, ...(blockIntervalMs === undefined ? {} : { blockIntervalMs }) },
    );
    const stateKeys = () => Number(state.meta?.stateKeys ?? 0n);
    const ledger = createLocalLedger({
      application,
      blockLog,
      mempool,
      commits,
      inclusions,
      crypto,
      genesis,
      stateKeys,
      folder,
    });
    const close = async (): Promise<void> => {
      await engine.stop();
      stopped('The chain was closed before this entered a block. Send it again.');
      commits.close();
      await closeParts();
    };
    return { ledger, engine, application, mempool, close, [Symbol.asyncDispose]: close };
  } catch (error) {
    await closeParts();
    throw error;
  }
}
