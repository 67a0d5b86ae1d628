import type { Crypto } from '@cairn/core';
import type { Genesis } from '@cairn/ledger';
import type { Application, Timer } from '@cairn/protocol';
import { createApplication } from './application/application.ts';
import type { KnownTransactions } from './application/known-transactions.ts';
import { type BlockLog, createBlockLog } from './blocks/block-log.ts';
import { type CommitSignal, createCommitSignal } from './reader/event-stream.ts';
import { createInclusions, type Inclusions } from './reader/inclusions.ts';
import { type ChainState, openChainState } from './store/chain-state.ts';
import { openLmdbStore } from './store/lmdb-store.ts';
import type { ReplaceableStore } from './store/store.ts';
import { createInlineVerifier, type Verifier } from './verify/verifier.ts';

export interface BaseParts {
  readonly crypto: Crypto;
  readonly timer: Timer;
  /** Checks signatures; closed with the chain. @default on this thread */
  readonly verifier?: Verifier;
  /** Keeps the state; closed with the chain. @default LMDB in the folder */
  readonly store?: ReplaceableStore;
  /** Stands between engine and application, for tests of faults. */
  readonly wrapApplication?: (application: Application) => Application;
  readonly known?: KnownTransactions;
}

export interface BaseOptions {
  /** Folder of the store; made if it is not there. */
  readonly folder: string;
  readonly genesis: Genesis;
  /** Blocks whose old values are kept for proofs. @default 100 */
  readonly undoBlocks?: number;
  /** Latest blocks the engine must keep, at least those of which evidence still counts. @default 0, which is all */
  readonly retainBlocks?: number;
}

/** What every engine drives and every reader reads. */
export interface Base {
  readonly store: ReplaceableStore;
  readonly state: ChainState;
  readonly application: Application;
  readonly blockLog: BlockLog;
  readonly commits: CommitSignal;
  readonly inclusions: Inclusions;
  readonly stateKeys: () => number;
  readonly close: () => Promise<void>;
}

/**
 * Opens the store and the application over it, at the height it was left at or at genesis.
 *
 * @throws ChainError `STORE_IN_USE`, `NO_PERMISSION`, `DISK_FULL`, `STORE_CORRUPT`, `STORE_FORMAT_UNKNOWN`, `WRONG_CHAIN`
 */
export async function openBase(parts: BaseParts, options: BaseOptions): Promise<Base> {
  const { crypto, timer, known } = parts;
  const { folder, genesis, undoBlocks, retainBlocks } = options;
  const store = parts.store ?? openLmdbStore(folder);
  const verifier = parts.verifier ?? createInlineVerifier(crypto);
  const close = async (): Promise<void> => {
    await verifier.close();
    await store.close();
  };
  try {
    const state = openChainState(
      { crypto, store },
      { folder, ...(undoBlocks === undefined ? {} : { undoBlocks }) },
    );
    const inner = createApplication(
      { crypto, state, verifier, ...(known === undefined ? {} : { known }) },
      { folder, ...(retainBlocks === undefined ? {} : { retainBlocks }) },
    );
    const application = parts.wrapApplication?.(inner) ?? inner;
    await application.initChain(genesis);
    const blockLog = createBlockLog({ crypto, store, state, folder });
    const commits = createCommitSignal(application.info().height);
    const inclusions = createInclusions(timer);
    const stateKeys = () => Number(state.meta?.stateKeys ?? 0n);
    return { store, state, application, blockLog, commits, inclusions, stateKeys, close };
  } catch (error) {
    await close();
    throw error;
  }
}
