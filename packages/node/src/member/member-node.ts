import { join } from 'node:path';
import { createNativeSealCrypto } from '@cairn/chain';
import { hexToBytes, parseAmount } from '@cairn/core';
import { createLlamaEngine } from '@cairn/engines';
import type { Price } from '@cairn/ledger';
import type { RpcLedger } from '@cairn/sdk';
import { readQuote } from '../attestation/read-quote.ts';
import type { Settings } from '../config/table.ts';
import { checkMethods } from '../control/check-methods.ts';
import { computeMethods } from '../control/compute-methods.ts';
import { datasetMethods } from '../control/dataset-methods.ts';
import { ownerMethods } from '../control/methods.ts';
import { startControlSocket } from '../control/socket.ts';
import { createFileBlobStore } from '../data/blob-store.ts';
import { openDataFolder } from '../data/data-folder.ts';
import { openRecordStore } from '../data/record-store.ts';
import { openRoleKey, openRoleSeed } from '../data/role-keys.ts';
import { NodeError } from '../errors.ts';
import { openPort } from '../http/open-port.ts';
import { openProvedReader } from '../light/proved-reader.ts';
import { resolveModel } from '../models/resolve-model.ts';
import { serveModel } from '../models/serve-model.ts';
import { type DoorParts, NODE_ROLE, openDoor } from '../peers/door.ts';
import { type DoorSettings, doorSettingsOf, unreached } from '../peers/door-settings.ts';
import { createLedgerDirectory } from '../peers/ledger-directory.ts';
import { createNodePeers } from '../peers/node-peers.ts';
import { systemClock } from '../real/clock.ts';
import { realParts } from '../real/real-parts.ts';
import { openRelay, RELAY } from '../relay/open-relay.ts';
import { startHubRole } from '../roles/hub-role.ts';
import type { NodeParts, RunningRole } from '../roles/parts.ts';
import { openSealingKeys } from '../sealing/sealing-keys.ts';
import { openTracer } from '../telemetry/open-tracer.ts';
import { mountEndpoints } from '../up/endpoints.ts';
import { addressesOf, nodeOf } from './addresses.ts';
import { connectLedger } from './connect-ledger.ts';
import { findCard } from './find-card.ts';
import { fundedClient, type MemberOptions, type MemberPlace, type StartedRole } from './member-place.ts';
import { keepToNetwork, knownNetwork } from './network-record.ts';
import { startMemberCompute } from './start-compute.ts';
import { startMemberGateway } from './start-gateway.ts';
import { startMemberTrainer } from './start-trainer.ts';
import { startMemberValidator } from './start-validator.ts';

/** Name of the role that serves a model. */
const MINER = 'miner';
/** Name of the role that pays providers for others. */
const HUB = 'hub';

/** One role in a process of its own, on a ledger that other nodes keep. */
export interface MemberNode extends AsyncDisposable {
  readonly url: string;
  readonly role: RunningRole;
  /** Where peers reach it. */
  readonly addresses: readonly string[];
}

/**
 * Joins a network by the address of one of its nodes, gets money if the network gives any, and takes up one role.
 *
 * @throws NodeError `CONFIG_INVALID`, `NETWORK_MISSING`, `WRONG_CHAIN`, `NO_FUNDS`, `NODE_UNREACHABLE`, and what opening the folder, the
 * port and the model throw
 */
export async function startMemberNode(options: MemberOptions): Promise<MemberNode> {
  const { settings, log, onStep = () => undefined } = options;
  const reached = doorSettingsOf(settings);
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await openDataFolder(settings.data));
  const { server, ...handlers } = await openPort(settings, log);
  stack.use(server);
  const base = realParts(log);
  const identity = await openRoleSeed(folder, NODE_ROLE, 'peer');
  const peersToJoin = addressesOf(settings.peer);
  const chainId = hexToBytes(
    (await knownNetwork(folder)) ?? (await askNetwork(base, identity, peersToJoin, reached.scope)),
  );
  let known: RpcLedger | null = null;
  const door = stack.use(
    await openDoor(base, {
      ...{ identity, chainId },
      settings: reached,
      peers: peersToJoin,
      directory: createLedgerDirectory(systemClock, () => known),
      folder: folder.path,
    }),
  );
  const ledger = await connectLedger(door, peersToJoin);
  known = ledger;
  await keepToNetwork(folder, ledger.chainId);
  const { name: network } = await ledger.status();
  onStep({ step: 'joined', network, chainId: ledger.chainId, peer: door.transport.peer });
  const tracer = stack.use(openTracer(base, settings));
  const nodes = peersToJoin.map(nodeOf);
  const proved = SEALING_ROLES.has(options.role)
    ? stack.use(
        await openProvedReader(
          { ...base, ledger },
          { folder: folder.path, chainId, source: nodes.join(', ') },
        ),
      )
    : null;
  const parts: NodeParts = { ...base, ledger, chainId, tracer, ...(proved === null ? {} : { proved }) };
  const peers = createNodePeers(door);
  const place: MemberPlace = { parts, ledger, folder, peers, nodes, settings, onStep };
  stack.use(openRelay(parts, settings, () => stack.use(peers.join(RELAY))));
  const { role, gateway, key, market, checks, library, compute } = await STARTS[options.role](
    place,
    stack,
    options,
  );
  const endpoints = stack.use(
    mountEndpoints(
      {
        ...{ parts, gateway, index: null, readRpc: null },
        ...(library === undefined ? {} : { library }),
        ...(compute === undefined ? {} : { compute }),
      },
      base.metrics,
      settings,
      handlers,
    ),
  );
  const owned = {
    ...{ parts, folder, url: server.url, index: null, gateway },
    get addresses() {
      return door.addresses;
    },
    reach: door.reach,
    roles: () => [...(market?.roles ?? []), role],
    keys: () => new Map([[options.role, key]]),
  };
  const methods = [
    ...ownerMethods(owned),
    ...(market === undefined ? [] : datasetMethods(market)),
    ...(compute === undefined ? [] : computeMethods(compute)),
    ...checkMethods(checks ?? null),
  ];
  stack.use(await startControlSocket(endpoints.controlRpc(methods), folder.socketPath));
  const running = stack.move();
  return {
    url: server.url,
    role,
    addresses: door.addresses,
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

/** Roles that ask providers, and so seal to their keys. */
const SEALING_ROLES: ReadonlySet<MemberOptions['role']> = new Set(['gateway', 'validator']);

const STARTS: Readonly<
  Record<
    MemberOptions['role'],
    (place: MemberPlace, stack: AsyncDisposableStack, options: MemberOptions) => Promise<StartedRole>
  >
> = {
  miner: startMiner,
  gateway: startMemberGateway,
  hub: startHub,
  validator: startMemberValidator,
  trainer: startMemberTrainer,
  compute: startMemberCompute,
};

/** Serves one model: under a card that is registered with its file, else under a new one. */
async function startMiner(place: MemberPlace, stack: AsyncDisposableStack): Promise<StartedRole> {
  const { parts, ledger, folder, peers, settings, onStep } = place;
  if (settings.model === '') {
    throw new NodeError(
      { code: 'START_FAILED', step: 'model' },
      'A miner needs a model. Name one with --model: a path to a .gguf file, an https URL, hf:owner/repo/file.gguf or ollama:name.',
    );
  }
  const quote = await readQuote(settings.quote);
  const key = await openRoleKey(folder, parts.crypto, MINER, 'coldkey');
  const hotkey = await openRoleKey(folder, parts.crypto, MINER, 'hotkey');
  const owner = await fundedClient(place, key);
  const places = { ...parts, folder: join(folder.path, 'models'), ollamaUrl: settings.ollamaUrl };
  const resolved = await resolveModel(places, settings.model);
  const name = settings.modelName === '' ? undefined : settings.modelName;
  const llama = stack.use(createLlamaEngine({ ...parts, log: parts.log.child('llama') }));
  const served = await serveModel(
    { ...parts, llama, owner },
    {
      ...{ role: MINER, key: hotkey, resolved },
      peers,
      records: openRecordStore(folder.rolePath(MINER)),
      sealing: await openSealingKeys(folder.keysPath(MINER), createNativeSealCrypto()),
      name: name ?? `${key.address.slice('cairn1'.length, 14)}/${resolved.shortName}`,
      findCard: () => findCard(ledger, resolved.artifact, { owner: owner.account, name }),
      price: priceOf(settings),
      threads: settings.threads,
      isPassing: true,
      maxContextTokens: settings.contextTokens,
      blobs: createFileBlobStore(folder.blobsPath),
      nodes: place.nodes,
      ...(quote !== null && { quote }),
    },
  );
  stack.use(served.loaded);
  const role = stack.use(served.role);
  onStep({ step: 'serves', model: served.card.name, note: role.note });
  return { role, gateway: null, key };
}

/** Pays providers for others, who have a channel to it. */
async function startHub(place: MemberPlace, stack: AsyncDisposableStack): Promise<StartedRole> {
  const { parts, folder, peers, settings } = place;
  const key = await openRoleKey(folder, parts.crypto, HUB, 'coldkey');
  const client = await fundedClient(place, key);
  const role = stack.use(
    await startHubRole(parts, {
      client,
      transport: peers.join(client.address),
      records: openRecordStore(folder.rolePath(HUB)),
      sealing: await openSealingKeys(folder.keysPath(HUB), createNativeSealCrypto()),
      device: peers.device,
      limits: { feeBps: settings.hubFeeBps, channels: settings.hubChannels },
    }),
  );
  return { role, gateway: null, key };
}

function priceOf({ inputPrice, outputPrice }: Settings): Price {
  const input = parseAmount(inputPrice);
  return {
    inputPerMillion: input,
    // What is in the cache costs a quarter, as on a local network.
    cachedInputPerMillion: input / 4n,
    outputPerMillion: parseAmount(outputPrice),
    perRequest: 0n,
    perImage: 0n,
    perAudioSecond: 0n,
  };
}

/** Which network the nodes at these addresses belong to. */
async function askNetwork(
  parts: DoorParts,
  identity: Uint8Array,
  peers: readonly string[],
  scope: DoorSettings['scope'],
): Promise<string> {
  // Peers find each other by what is asked here first, so nothing is found through this one.
  await using door = await openDoor(parts, {
    ...{ identity, chainId: new Uint8Array(32), peers },
    settings: unreached(scope),
  });
  return (await connectLedger(door, peers)).chainId;
}
