import { join } from 'node:path';
import { nodeIdOf, openChain, openCometChain, type ReadRpc, type TakenSnapshot } from '@cairn/chain';
import { accountIdToAddress, type Crypto } from '@cairn/core';
import type { Genesis } from '@cairn/ledger';
import type { ConsensusEngine, LedgerReader, LedgerWriter } from '@cairn/protocol';
import { parsePeers } from '../chain/peers.ts';
import { provideCometbft } from '../chain/provide-cometbft.ts';
import { type StateSyncSettings, stateSyncOf } from '../chain/state-sync.ts';
import type { Settings } from '../config/table.ts';
import type { DataFolder } from '../data/data-folder.ts';
import { openRoleKey, openRoleSeed } from '../data/role-keys.ts';
import { NodeError } from '../errors.ts';
import type { NodeParts, RunningRole } from './parts.ts';

export interface ChainRoleOptions {
  readonly settings: Pick<
    Settings,
    | 'engine'
    | 'blockMs'
    | 'cometbft'
    | 'consensusListen'
    | 'consensusExternal'
    | 'peers'
    | 'seeds'
    | 'retainBlocks'
    | 'snapshotBlocks'
    | 'snapshotsKept'
    | 'snapshotMinutes'
    | keyof StateSyncSettings
  >;
  readonly folder: DataFolder;
  readonly genesis: Genesis;
  /** Role whose consensus key makes blocks or votes on them. */
  readonly keyRole: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Told before CometBFT is built, which takes minutes. */
  readonly onBuild?: (folder: string) => void;
  /** File that every block is added to as CometBFT decided it, for `replayRecording`. @default none */
  readonly recordBlocksTo?: string;
}

/** The ledger of this node, and who orders its blocks. */
export interface ChainRole extends RunningRole {
  readonly kind: 'chain';
  readonly ledger: LedgerReader & LedgerWriter;
  readonly engine: ConsensusEngine;
  /** What nodes that join and light clients may ask of consensus. Null when this node decides alone. */
  readonly readRpc: ReadRpc | null;
  /** Takes a snapshot of the last block now. @throws NodeError `NO_SNAPSHOTS`. ChainError `SNAPSHOT_BUSY` */
  readonly takeSnapshot: () => Promise<TakenSnapshot>;
}

/** Opens the chain of the folder and begins to make blocks, alone or with others. @throws NodeError `NO_RECORDING` */
export async function startChainRole(
  parts: Omit<NodeParts, 'ledger' | 'chainId'>,
  options: ChainRoleOptions,
): Promise<ChainRole> {
  const { settings, folder, genesis, keyRole, recordBlocksTo } = options;
  if (settings.engine === 'solo' && recordBlocksTo !== undefined) {
    throw new NodeError(
      { code: 'NO_RECORDING', engine: settings.engine },
      'This node makes its blocks alone: nobody decides any for it, so there is nothing to record. Its own log has all of them.',
    );
  }
  const { signer, address } = await openRoleKey(folder, parts.crypto, keyRole, 'consensus');
  const base = { ...parts, logger: parts.log.child('chain') };
  const place = { folder: folder.chainPath, genesis, blockIntervalMs: settings.blockMs };
  const opened =
    settings.engine === 'solo'
      ? await openChain({ ...base, signer }, place)
      : await openCometChain(
          { ...base, keys: await openCometKeys(folder, keyRole) },
          {
            ...{ ...place, ...(await cometOptions(options)) },
            ...(recordBlocksTo === undefined ? {} : { recordBlocksTo }),
          },
        );
  try {
    await opened.engine.start();
  } catch (error) {
    await opened.close();
    throw error;
  }
  return {
    kind: 'chain',
    name: 'chain',
    note: settings.engine === 'solo' ? 'makes all blocks' : 'votes on blocks if it is a validator',
    address,
    ledger: opened.ledger,
    engine: opened.engine,
    readRpc: 'readRpc' in opened ? opened.readRpc : null,
    takeSnapshot: async () => {
      if ('takeSnapshot' in opened) return opened.takeSnapshot();
      throw new NodeError(
        { code: 'NO_SNAPSHOTS', engine: settings.engine },
        'This node makes its blocks alone, so no node joins it and there are no snapshots. Copy its folder instead while it is stopped.',
      );
    },
    [Symbol.asyncDispose]: () => opened.close(),
  };
}

async function openCometKeys(folder: DataFolder, keyRole: string) {
  return {
    consensusSeed: await openRoleSeed(folder, keyRole, 'consensus'),
    nodeSeed: await openRoleSeed(folder, keyRole, 'peer'),
  };
}

async function cometOptions({ settings, folder, environment, onBuild }: ChainRoleOptions) {
  const seeds = parsePeers(settings.seeds);
  const peers = parsePeers(settings.peers);
  const stateSync = stateSyncOf(settings);
  const program = await provideCometbft({
    path: settings.cometbft,
    environment,
    ...(onBuild === undefined ? {} : { onBuild }),
  });
  return {
    ...{ program, peers, seeds },
    home: join(folder.chainPath, 'cometbft'),
    listen: `tcp://${settings.consensusListen}`,
    external: settings.consensusExternal,
    // A network on one machine is told all its peers.
    findsPeers: !/^(127\.|localhost|\[::1\])/.test(settings.consensusListen),
    retainBlocks: settings.retainBlocks,
    snapshots: {
      ...{ interval: settings.snapshotBlocks, keep: settings.snapshotsKept },
      lifeMs: settings.snapshotMinutes * 60_000,
    },
    ...(stateSync === null ? {} : { stateSync }),
  };
}

/** What others need to know of a node before it runs: the key that votes and where it is found. */
export interface ChainIdentity {
  /** Hex. */
  readonly consensusKey: string;
  /** Address of the account of that key. */
  readonly validator: string;
  /** What stands before the `@` of its address under CometBFT. */
  readonly nodeId: string;
}

export async function chainIdentity(
  folder: DataFolder,
  crypto: Crypto,
  keyRole: string,
): Promise<ChainIdentity> {
  const { signer, account } = await openRoleKey(folder, crypto, keyRole, 'consensus');
  return {
    consensusKey: Buffer.from(signer.publicKey).toString('hex'),
    validator: accountIdToAddress(account),
    nodeId: nodeIdOf(crypto, await openRoleSeed(folder, keyRole, 'peer')),
  };
}
