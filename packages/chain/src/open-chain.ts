import type { Clock, Logger, Signer } from '@cairn/core';
import { problem } from '@cairn/ledger';
import type { Application, LedgerReader, LedgerWriter } from '@cairn/protocol';
import type { LoggedBlock } from './blocks/block-log.ts';
import { createSoloLightBlocks } from './blocks/light-blocks.ts';
import { createMempool, type Mempool, type MempoolOptions } from './mempool/mempool.ts';
import { type BaseOptions, type BaseParts, openBase } from './open-base.ts';
import { createLocalLedger } from './reader/local-ledger.ts';
import { createSoloEngine, type SoloEngine } from './solo/solo-engine.ts';

export interface ChainParts extends Omit<BaseParts, 'known'> {
  readonly clock: Clock;
  readonly logger: Logger;
  /** The operator's key. */
  readonly signer: Signer;
}

export interface ChainOptions extends BaseOptions {
  /** @default 1_000 */
  readonly blockIntervalMs?: number;
  readonly mempool?: MempoolOptions;
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
  const { folder, genesis, blockIntervalMs } = options;
  const base = await openBase(parts, options);
  const { application, blockLog, commits, inclusions, stateKeys } = base;
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
  const ledger = createLocalLedger({
    engine: engine.name,
    application,
    blockLog,
    lightBlocks: createSoloLightBlocks({ application, blockLog, crypto, folder }),
    waitingRoom: {
      submit: (tx) => mempool.submit(tx),
      waiting: async () => ({ count: mempool.count, sizeBytes: mempool.sizeBytes }),
    },
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
    await base.close();
  };
  return { ledger, engine, application, mempool, close, [Symbol.asyncDispose]: close };
}
