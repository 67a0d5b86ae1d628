import { hexToBytes } from '@cairn/core';
import type { LedgerStatus } from '@cairn/protocol';
import type { Settings } from '../config/table.ts';
import { ownerMethods, snapshotMethod } from '../control/methods.ts';
import { startControlSocket } from '../control/socket.ts';
import { type DataFolder, openDataFolder } from '../data/data-folder.ts';
import { openRoleKey } from '../data/role-keys.ts';
import { NodeError } from '../errors.ts';
import { openPort } from '../http/open-port.ts';
import { openNodeDoor } from '../peers/door.ts';
import { doorSettingsOf } from '../peers/door-settings.ts';
import { createNodePeers } from '../peers/node-peers.ts';
import { serveRpc } from '../peers/rpc-protocol.ts';
import { realParts } from '../real/real-parts.ts';
import { openRelay, RELAY } from '../relay/open-relay.ts';
import { startChainRole } from '../roles/chain-role.ts';
import { indexDatabaseOf, startIndexRole } from '../roles/index-role.ts';
import type { NodeParts } from '../roles/parts.ts';
import { mountEndpoints } from '../up/endpoints.ts';
import { readGenesis } from '../up/local-genesis.ts';
import { OWNER } from '../up/plan.ts';

export interface ChainNodeOptions {
  readonly settings: Settings;
  readonly log: NodeParts['log'];
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Told before CometBFT is built, which takes minutes. */
  readonly onBuild?: (folder: string) => void;
  /** File that every block is added to as CometBFT decided it. @default none */
  readonly recordBlocksTo?: string;
}

/** A node of a network: its ledger, its vote if it has one, and its port. */
export interface ChainNode extends AsyncDisposable {
  readonly url: string;
  /** Where nodes that join reach this one; none when nobody does. */
  readonly addresses: readonly string[];
  readonly folder: DataFolder;
  status(): Promise<LedgerStatus>;
  /** Heights as they are committed. Ends when `signal` is aborted; throws when consensus stops by itself. */
  heights(signal: AbortSignal): AsyncIterable<number>;
}

/**
 * Runs the chain of a folder that has a genesis: alone, or with the other validators.
 *
 * @throws NodeError `GENESIS_MISSING` and what opening the folder, port and chain throw
 */
export async function startChainNode(options: ChainNodeOptions): Promise<ChainNode> {
  const { settings, log, environment, onBuild, recordBlocksTo } = options;
  const reached = doorSettingsOf(settings);
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await openDataFolder(settings.data));
  const genesis = await readGenesis(folder.genesisPath);
  if (genesis === null) {
    throw new NodeError(
      { code: 'GENESIS_MISSING', path: folder.genesisPath },
      `There is no genesis in ${folder.path}. Begin a network with ./cairn node init, or enter one with ./cairn node join.`,
    );
  }
  const { server, ...handlers } = await openPort(settings, log);
  stack.use(server);
  const base = realParts(log);
  const chain = stack.use(
    await startChainRole(base, {
      ...{ settings, folder, genesis, environment },
      keyRole: OWNER,
      ...(onBuild === undefined ? {} : { onBuild }),
      ...(recordBlocksTo === undefined ? {} : { recordBlocksTo }),
    }),
  );
  const { ledger } = chain;
  const parts: NodeParts = { ...base, ledger, chainId: hexToBytes(ledger.chainId) };
  const database = indexDatabaseOf(settings, folder);
  const index = database === null ? null : stack.use(startIndexRole(parts, { database }));
  const endpoints = stack.use(
    mountEndpoints({ parts, gateway: null, index, readRpc: chain.readRpc }, base.metrics, settings, handlers),
  );
  const door = settings.p2pListen === '' ? null : stack.use(await openNodeDoor(parts, folder, reached));
  const peers = createNodePeers(door);
  stack.use(openRelay(parts, settings, () => stack.use(peers.join(RELAY))));
  if (door !== null) stack.defer(serveRpc({ ...base, transport: door.transport, rpc: endpoints.rpc }));
  const owner = await openRoleKey(folder, base.crypto, OWNER, 'coldkey');
  const owned = {
    ...{ parts, folder, url: server.url, index, gateway: null },
    get addresses() {
      return door?.addresses ?? [];
    },
    reach: () => door?.reach() ?? null,
    roles: () => [chain],
    keys: () => new Map([[OWNER, owner]]),
  };
  stack.use(
    await startControlSocket(
      endpoints.controlRpc([...ownerMethods(owned), snapshotMethod(chain)]),
      folder.socketPath,
    ),
  );
  const running = stack.move();
  return {
    url: server.url,
    addresses: owned.addresses,
    folder,
    status: () => ledger.status(),
    async *heights(signal) {
      for await (const { height } of ledger.events({ names: ['chain.committed'], signal })) yield height;
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}
