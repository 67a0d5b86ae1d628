import { join } from 'node:path';
import { type Genesis, genesisShape } from '@cairn/ledger';
import type { Application } from '@cairn/protocol';
import { consensusAddress } from '@cairn/protocol';
import type {
  RequestFinalizeBlock,
  RequestInitChain,
  RequestPrepareProposal,
} from 'cosmjs-types/tendermint/abci/types';
import { startAbci } from '../../src/abci/start.ts';
import { createKnownTransactions } from '../../src/application/known-transactions.ts';
import { cometChainId } from '../../src/comet/genesis.ts';
import {
  createManualTime,
  createMemoryStore,
  type LoggedBlock,
  type ReplaceableStore,
} from '../../src/index.ts';
import { openBase } from '../../src/open-base.ts';
import { openSnapshots } from '../../src/snapshots/open-snapshots.ts';
import { aFolder, aGenesis, aLogger, crypto, GENESIS_MS, idOf, operator } from '../parts.ts';
import { type AbciClient, connectAbci } from './abci-client.ts';

export const votingGenesis: Genesis = {
  ...aGenesis(),
  validators: [{ publicKey: operator.publicKey, account: idOf(operator), power: 10n }],
};

export interface AbciTown extends AsyncDisposable {
  readonly path: string;
  readonly application: Application;
  readonly committed: LoggedBlock[];
  readonly faults: Error[];
  readonly dropped: string[];
  connect(): Promise<AbciClient>;
}

/** The application on a real socket, with no consensus engine. */
export async function anAbci(
  options: {
    store?: ReplaceableStore;
    wrapApplication?: (application: Application) => Application;
    maxFrameBytes?: number;
    /** Blocks between snapshots. @default 0, which is none */
    snapshotBlocks?: number;
  } = {},
): Promise<AbciTown> {
  const { store = createMemoryStore(), wrapApplication, snapshotBlocks = 0, ...server } = options;
  const known = createKnownTransactions(crypto);
  const { timer } = createManualTime(GENESIS_MS);
  const folder = aFolder();
  const base = await openBase(
    { crypto, timer, store, known, ...(wrapApplication === undefined ? {} : { wrapApplication }) },
    { folder, genesis: votingGenesis },
  );
  const committed: LoggedBlock[] = [];
  const faults: Error[] = [];
  const dropped: string[] = [];
  const snapshots = openSnapshots(
    {
      ...{ crypto, store, timer, state: base.state },
      logger: aLogger(),
      isWanted: () => base.application.info().height === 0,
      onRestored: () => undefined,
    },
    { folder: join(folder, 'snapshots'), interval: snapshotBlocks },
  );
  const running = await startAbci(
    {
      ...{ base, crypto, known },
      genesis: votingGenesis,
      logger: aLogger(),
      snapshots,
      onCommitted(block) {
        committed.push(block);
        snapshots.committed(Number(block.header.height));
      },
      onDropped: (id) => dropped.push(id),
      onFault: (error) => faults.push(error),
    },
    { path: join(folder, 'abci.sock'), ...server },
  );
  return {
    path: running.path,
    application: base.application,
    committed,
    faults,
    dropped,
    connect: () => connectAbci(running.path),
    async [Symbol.asyncDispose]() {
      await running[Symbol.asyncDispose]();
      await snapshots.close();
      await base.close();
    },
  };
}

const address = consensusAddress(crypto, operator.publicKey);
const timeAt = (height: number) => ({
  seconds: BigInt(GENESIS_MS / 1_000 + height),
  nanos: 1_999_999,
});

export function initRequest(): Partial<RequestInitChain> {
  return {
    time: { seconds: BigInt(GENESIS_MS / 1_000), nanos: 1_000_000 },
    chainId: cometChainId(crypto, votingGenesis),
    validators: [{ pubKey: { ed25519: operator.publicKey }, power: 10n }],
    appStateBytes: Buffer.from(JSON.stringify(genesisShape.toJson(votingGenesis))),
    initialHeight: 1n,
  };
}

/** A block that the operator proposes, as one request for finalize and process. */
export function blockRequest(height: number, txs: Uint8Array[] = []): Partial<RequestFinalizeBlock> {
  const votes = [{ validator: { address, power: 10n }, blockIdFlag: 2 }];
  return {
    height: BigInt(height),
    time: timeAt(height),
    hash: crypto.sha256(Uint8Array.of(height)),
    proposerAddress: address,
    txs,
    decidedLastCommit: { round: 0, votes: height === 1 ? [] : votes },
    misbehavior: [],
  };
}

export function proposeRequest(height: number, txs: Uint8Array[]): Partial<RequestPrepareProposal> {
  return {
    height: BigInt(height),
    time: timeAt(height),
    proposerAddress: address,
    txs,
    maxTxBytes: 1_000_000n,
  };
}
