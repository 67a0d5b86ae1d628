import type { Crypto, Logger } from '@cairn/core';
import type { Genesis, TransactionProblem } from '@cairn/ledger';
import type { KnownTransactions } from '../application/known-transactions.ts';
import type { LoggedBlock } from '../blocks/block-log.ts';
import type { Base } from '../open-base.ts';
import { type AbciConsensus, createAbciConsensus } from './consensus.ts';
import { createConsensusKeys } from './consensus-keys.ts';
import { createAbciHandlers } from './handlers.ts';
import { createKnownBytes } from './known-bytes.ts';
import { orderOffered } from './order-offered.ts';
import { createPending } from './pending.ts';
import type { BlockRecorder } from './record.ts';
import { type AbciServer, type AbciServerOptions, startAbciServer } from './server.ts';
import type { Snapshots } from './snapshots.ts';

export interface AbciParts {
  readonly base: Pick<Base, 'application' | 'blockLog' | 'state'>;
  readonly crypto: Crypto;
  readonly genesis: Genesis;
  readonly logger: Logger;
  /** What the application of `base` knows about transactions. */
  readonly known: KnownTransactions;
  readonly snapshots: Snapshots;
  /** Hash of a block that this node did not see, if consensus can tell. */
  readonly blockHashOf?: (height: number) => Promise<Uint8Array | null>;
  /** Called when a block is on disk, before consensus is told. */
  readonly onCommitted: (block: LoggedBlock) => void;
  /** Told of each transaction that waited and no longer passes. */
  readonly onDropped: (id: string, why: TransactionProblem) => void;
  /** Told once when the application failed: it must not go on. */
  readonly onFault: (error: Error) => void;
  /** Keeps each block that is finalized. */
  readonly recorder?: BlockRecorder;
}

/** Puts the application on a socket for CometBFT. */
export async function startAbci(parts: AbciParts, options: AbciServerOptions): Promise<AbciServer> {
  const { base, crypto, genesis, logger, snapshots, onCommitted, onDropped, onFault } = parts;
  const { application, blockLog, state } = base;
  const known = createKnownBytes(crypto);
  const pending = createPending();
  const keys = createConsensusKeys(crypto, state);
  const order = (txs: readonly Uint8Array[]) => orderOffered(parts.known.parse, txs);
  const consensus = createAbciConsensus({
    ...{ application, blockLog, crypto, genesis, state, keys, known, order },
    blockHashOf: parts.blockHashOf ?? (async () => null),
    onCommitted(block) {
      const ids = block.results.map(({ id }) => id);
      pending.committed(Number(block.header.height), ids);
      onCommitted(block);
    },
  });
  const handlers = createAbciHandlers({
    ...{ application, snapshots, pending, known, onDropped },
    consensus: parts.recorder === undefined ? consensus : recorded(consensus, parts.recorder),
  });
  return startAbciServer({ handlers, logger, onClosed: consensus.closed, onFault }, options);
}

/** Kept before CometBFT is answered, so that no block it goes on from is missing. */
function recorded(consensus: AbciConsensus, recorder: BlockRecorder): AbciConsensus {
  return {
    ...consensus,
    async finalizeBlock(request, connection) {
      const response = await consensus.finalizeBlock(request, connection);
      await recorder.record(request, response);
      return response;
    },
  };
}
