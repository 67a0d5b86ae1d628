import { addressToAccountId, bytesToHex, hexToBytes, parseAmount } from '@cairn/core';
import type { BlobStore } from '@cairn/protocol';
import { createHttpBeacon } from '../beacon/http-beacon.ts';
import { createAgentDeploy } from '../compute/agent-deploy.ts';
import type { Settings } from '../config/table.ts';
import { controlMethods } from '../control/methods.ts';
import { startControlSocket } from '../control/socket.ts';
import { createFileBlobStore } from '../data/blob-store.ts';
import { type DataFolder, openDataFolder, resetDataFolder } from '../data/data-folder.ts';
import { openRecordStore } from '../data/record-store.ts';
import { openRoleSeed } from '../data/role-keys.ts';
import { type DataMarket, openDataMarket } from '../datasets/data-market.ts';
import { createRefutedFinder, type FindRefuted } from '../evidence/find-refuted.ts';
import { openPort } from '../http/open-port.ts';
import type { PageSource } from '../http/site-endpoint.ts';
import { type BundledModels, readBundledModels } from '../models/bundled.ts';
import { type NodeReach, openNodeDoor } from '../peers/door.ts';
import { doorSettingsOf } from '../peers/door-settings.ts';
import { createNodePeers } from '../peers/node-peers.ts';
import { serveRpc } from '../peers/rpc-protocol.ts';
import { systemClock } from '../real/clock.ts';
import { realParts } from '../real/real-parts.ts';
import { openRelay } from '../relay/open-relay.ts';
import { startChainRole } from '../roles/chain-role.ts';
import type { CheckingRole } from '../roles/checking-role.ts';
import { type GatewayRole, startGatewayRole } from '../roles/gateway-role.ts';
import { type IndexRole, indexDatabaseOf, startIndexRole } from '../roles/index-role.ts';
import type { NodeParts, RunningRole } from '../roles/parts.ts';
import { startValidatorRole } from '../roles/validator-role.ts';
import { createSealParts, sealModeOf } from '../sealing/seal-parts.ts';
import { openTracer } from '../telemetry/open-tracer.ts';
import {
  bootstrapSubnet,
  createLocalAccounts,
  ensureModel,
  fundRole,
  type LocalAccounts,
} from './bootstrap.ts';
import { mountEndpoints } from './endpoints.ts';
import { faucetMethods } from './faucet.ts';
import { startLocalChecker } from './local-checker.ts';
import { createLocalCompute, imageSettingsOf, type LocalCompute } from './local-compute.ts';
import { openLocalGenesis } from './local-genesis.ts';
import { type LocalKeys, openLocalKeys } from './local-keys.ts';
import { startLocalMiners } from './local-miners.ts';
import { loadLocalModels } from './local-models.ts';
import { type LocalTraining, startLocalTraining } from './local-training.ts';
import { createPanel, type PanelData } from './panel.ts';
import { GATEWAY, LOCAL_PRICE, LOCAL_VALIDATORS, MODEL_MINER, OWNER } from './plan.ts';
import type { UpStep } from './progress.ts';
import { createServedModels, type Served, type ServeRequest } from './served-models.ts';

export interface LocalNetworkOptions {
  readonly settings: Settings;
  /** Deletes the chain of the folder first; keys and configuration stay. */
  readonly reset?: boolean;
  readonly log: NodeParts['log'];
  /** Where CometBFT is looked for, when the engine is that. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Pages for browsers. @default none */
  readonly site?: PageSource;
  readonly onStep?: (step: UpStep) => void;
}

/** A whole network in this process. */
export interface LocalNetwork extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  /** Where nodes that join reach this one; none when nobody does. */
  readonly addresses: readonly string[];
  /** Whether they can; null when nobody is to. */
  readonly reach: () => NodeReach | null;
  readonly folder: DataFolder;
  readonly parts: NodeParts;
  readonly keys: LocalKeys;
  readonly netuid: number;
  readonly blobs: BlobStore;
  /** Asks miners that evidence says were silent, for audits. */
  readonly findRefuted: FindRefuted;
  readonly gateway: GatewayRole;
  /** Null when it is off. */
  readonly checker: CheckingRole | null;
  /** Functions. */
  readonly compute: LocalCompute;
  /** Training runs. */
  readonly training: LocalTraining;
  /** Data sets. */
  readonly market: DataMarket;
  /** Null when it is off. */
  readonly index: IndexRole | null;
  roles(): readonly RunningRole[];
  panel(): Promise<PanelData>;
  /** Loads a model and offers it. */
  serve(request: ServeRequest): Promise<Served>;
  /** Ends serving through an upstream. False: nothing with this id is served so. */
  withdraw(offer: string): Promise<boolean>;
}

/** Name of the model that is listed first when no other was asked for. */
const BUNDLED_MODEL = 'cairn/crontab';

/**
 * Starts chain, miners, validators and gateway, each with its own keys, on the folder's chain or a new one.
 *
 * @throws NodeError, ChainError, EngineError that say what to do
 */
export async function startLocalNetwork(options: LocalNetworkOptions): Promise<LocalNetwork> {
  const { settings, log, environment = {}, onStep = () => {} } = options;
  const mostPerAnswer = parseAmount(settings.mostPerAnswer);
  const reached = doorSettingsOf(settings);
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await openDataFolder(settings.data));
  if (options.reset === true) await resetDataFolder(folder);
  onStep({ step: 'folder', path: folder.path });

  // The port first: when it is taken nothing else has happened yet. Requests wait for the handlers.
  const { server, ...handlers } = await openPort(settings, log);
  stack.use(server);
  const base = realParts(log);
  const keys = await openLocalKeys(folder, base.crypto);
  const bundled = await readBundledModels(base.crypto, keys.owner.account);
  const loading = loadLocalModels(base, bundled, settings.threads);
  // Looked at below, where it is awaited; until then a failure must not end the process.
  loading.catch(() => undefined);

  const genesis = await openLocalGenesis({ ...base, folder }, settings, keys, systemClock.nowMs());
  const chain = stack.use(
    await startChainRole(base, { ...{ settings, folder, genesis, environment }, keyRole: OWNER }),
  );
  const parts: NodeParts = {
    ...base,
    ledger: chain.ledger,
    chainId: hexToBytes(chain.ledger.chainId),
    tracer: stack.use(openTracer(base, settings)),
  };
  onStep({ step: 'chain', height: (await chain.ledger.status()).height, chainId: chain.ledger.chainId });

  const accounts = createLocalAccounts(parts, keys);
  const models = stack.use(await loading);
  onStep({ step: 'models', count: models.serves.size });
  const [netuid] = await Promise.all([
    bootstrapSubnet(parts, keys, accounts),
    publishModels(parts, accounts, bundled),
  ]);
  onStep({ step: 'subnet', netuid });

  const door = settings.p2pListen === '' ? null : stack.use(await openNodeDoor(parts, folder, reached));
  const peers = createNodePeers(door);
  const blobs = createFileBlobStore(folder.blobsPath);
  const miners = await startLocalMiners({ parts, folder, accounts, peers, models, bundled, netuid, blobs });
  for (const miner of miners) {
    stack.use(miner);
    onStep({ step: 'miner', name: miner.name, note: miner.note });
  }
  const beaconUrls = settings.beaconUrls.split(',').flatMap((url) => url.trim() || []);
  const validators = LOCAL_VALIDATORS.map(({ name }) => {
    const { coldkey, hotkey } = accounts.workers.get(name)!;
    onStep({ step: 'validator', name });
    return stack.use(
      startValidatorRole(parts, {
        name,
        netuid,
        client: hotkey,
        coldkey: coldkey.address,
        transport: peers.join(hotkey.address),
        records: openRecordStore(folder.rolePath(name)),
        blobs,
        peerOf: (hotkey) => hotkey,
        tasks: settings.tasks,
        ...(beaconUrls.length > 0 && { beacon: createHttpBeacon({ log }, { urls: beaconUrls }) }),
      }),
    );
  });
  const checker =
    settings.checks === 'on'
      ? stack.use(await startLocalChecker({ parts, folder, accounts, peers, models, bundled, blobs }))
      : null;
  const served = stack.use(createServedModels({ parts, folder, accounts, peers, models }, settings));
  await served.resume();
  const training = stack.use(startLocalTraining({ parts, folder, accounts, peers, settings, served }));
  const first =
    settings.model === ''
      ? null
      : await served.serve({ source: settings.model, role: MODEL_MINER, price: LOCAL_PRICE });
  const known = new Map(bundled.cards.map(({ id }) => [bytesToHex(id), bundled.selfTest]));
  const transport = peers.join(keys.gateway.address);
  stack.use(openRelay(parts, settings, () => transport));
  const gateway = stack.use(
    await startGatewayRole(parts, {
      client: accounts.gateway,
      transport,
      ...(settings.relayThrough === '' ? {} : { relay: settings.relayThrough }),
      records: openRecordStore(folder.rolePath(GATEWAY)),
      keptKey: await openRoleSeed(folder, GATEWAY, 'kept'),
      storage: openRecordStore(folder.rolePath(`${GATEWAY}-files`)),
      keys: settings.apiKey === '' ? [] : [settings.apiKey],
      mostPerAnswer,
      seal: sealModeOf(settings),
      ...(settings.spendFor === '' ? {} : { spendFor: addressToAccountId(settings.spendFor) }),
      ...(settings.sell === 'on' && { sellOn: netuid }),
      agentPayments: settings.agentPayments === 'on',
      deploy: createAgentDeploy(() => compute, parts),
      firstModel: first?.model ?? BUNDLED_MODEL,
      tellsProviders: settings.traceProviders === 'on',
      knownQuestion: (model) => known.get(model) ?? null,
    }),
  );
  const { payer } = gateway;
  const seal = createSealParts(parts, sealModeOf(settings));
  const compute: LocalCompute = stack.use(
    createLocalCompute({
      ...{ parts, folder, accounts, peers, blobs, payer, seal },
      reserve: gateway.gateway.reserve,
      mostPerCall: mostPerAnswer,
      images: imageSettingsOf(settings, environment),
    }),
  );
  await compute.resume();
  const market = stack.use(
    await openDataMarket({
      ...{ parts, folder, peers, payer, seal },
      buyer: accounts.gateway,
      fund: (seller) => fundRole(accounts.owner, seller),
    }),
  );
  const database = indexDatabaseOf(settings, folder);
  // Last, so that catching up takes no time from the start.
  const index = database === null ? null : stack.use(startIndexRole(parts, { database }));
  const roles = () => [
    ...miners,
    ...served.roles,
    ...compute.roles,
    ...market.roles,
    ...validators,
    ...(checker === null ? [] : [checker]),
    gateway,
  ];
  const panel = stack.use(createPanel({ parts, url: server.url, netuid, gateway, roles }));
  const running: LocalNetwork = {
    url: server.url,
    port: server.port,
    get addresses() {
      return door?.addresses ?? [];
    },
    reach: () => door?.reach() ?? null,
    folder,
    parts,
    keys,
    netuid,
    blobs,
    findRefuted: createRefutedFinder({ ...parts, transport }),
    gateway,
    checker,
    compute,
    training,
    market,
    index,
    roles,
    panel: () => panel.read(),
    serve: (request) => served.serve(request),
    withdraw: (offer) => served.withdraw(offer),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
  const endpoints = stack.use(
    mountEndpoints(
      {
        ...running,
        library: training.place.library,
        deposits: training.place,
        readRpc: chain.readRpc,
        publicMethods: [...faucetMethods(genesis, accounts.owner), ...training.publicMethods],
        ...(options.site !== undefined && { site: options.site }),
      },
      base.metrics,
      settings,
      handlers,
    ),
  );
  if (door !== null) stack.defer(serveRpc({ ...base, transport: door.transport, rpc: endpoints.rpc }));
  stack.use(await startControlSocket(endpoints.controlRpc(controlMethods(running)), folder.socketPath));
  onStep({ step: 'ready', url: server.url, addresses: running.addresses });
  const owned = stack.move();
  return running;
}

async function publishModels(
  parts: NodeParts,
  accounts: LocalAccounts,
  bundled: BundledModels,
): Promise<void> {
  for (const { card } of bundled.cards) await ensureModel(parts, accounts.owner, card);
}
