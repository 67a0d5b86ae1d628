import { createNativeCrypto, openChain } from '@cairn/chain';
import { hexToBytes } from '@cairn/core';
import { createMemoryNetwork, type MemoryNetwork } from '@cairn/network';
import type { BlobStore } from '@cairn/protocol';
import type { Settings } from '../config/table.ts';
import { createFileBlobStore } from '../data/blob-store.ts';
import { type DataFolder, openDataFolder, resetDataFolder } from '../data/data-folder.ts';
import { openRecordStore } from '../data/record-store.ts';
import { type HttpHandler, sendJson, startHttpServer } from '../http/server.ts';
import { type BundledModels, readBundledModels } from '../models/bundled.ts';
import { systemClock, systemRandom } from '../real/clock.ts';
import { createMetrics } from '../real/metrics.ts';
import { systemTimer } from '../real/timer.ts';
import { type MinerRole, startMinerRole } from '../roles/miner-role.ts';
import type { NodeParts, RunningRole } from '../roles/parts.ts';
import { startValidatorRole } from '../roles/validator-role.ts';
import { bootstrapSubnet, createLocalAccounts, ensureModel, type LocalAccounts } from './bootstrap.ts';
import { openLocalGenesis } from './local-genesis.ts';
import { type LocalKeys, openLocalKeys } from './local-keys.ts';
import { type LocalModels, loadLocalModels } from './local-models.ts';
import { LOCAL_MINERS, LOCAL_PRICE, LOCAL_VALIDATORS } from './plan.ts';
import type { UpStep } from './progress.ts';

export interface LocalNetworkOptions {
  readonly settings: Settings;
  /** Deletes the chain of the folder first; keys and configuration stay. */
  readonly reset?: boolean;
  readonly log: NodeParts['log'];
  readonly onStep?: (step: UpStep) => void;
}

/** A whole network in this process. */
export interface LocalNetwork extends AsyncDisposable {
  readonly url: string;
  readonly folder: DataFolder;
  readonly parts: NodeParts;
  readonly keys: LocalKeys;
  readonly accounts: LocalAccounts;
  readonly netuid: number;
  readonly roles: readonly RunningRole[];
  readonly blobs: BlobStore;
}

/**
 * Starts chain, miners, validators and gateway, each with its own keys, on the folder's chain or a new one.
 *
 * @throws NodeError, ChainError, EngineError that say what to do
 */
export async function startLocalNetwork(options: LocalNetworkOptions): Promise<LocalNetwork> {
  const { settings, log, onStep = () => {} } = options;
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await openDataFolder(settings.data));
  if (options.reset === true) await resetDataFolder(folder);
  onStep({ step: 'folder', path: folder.path });

  const handlers: HttpHandler[] = [];
  const server = stack.use(await startHttpServer({ http: handlers }, settings));
  const base = {
    crypto: createNativeCrypto(),
    clock: systemClock,
    random: systemRandom,
    timer: systemTimer,
    log,
    metrics: createMetrics(),
  };
  const keys = await openLocalKeys(folder, base.crypto);
  const bundled = await readBundledModels(base.crypto, keys.owner.account);
  const loading = loadLocalModels(base, bundled, settings.threads);
  loading.catch(() => undefined);

  const genesis = await openLocalGenesis({ ...base, folder }, settings, keys, systemClock.nowMs());
  const chain = stack.use(
    await openChain(
      { ...base, logger: log.child('chain'), signer: keys.owner.signer },
      { folder: folder.chainPath, genesis, blockIntervalMs: settings.blockMs },
    ),
  );
  await chain.engine.start();
  const parts: NodeParts = { ...base, ledger: chain.ledger, chainId: hexToBytes(chain.ledger.chainId) };
  onStep({ step: 'chain', height: (await chain.ledger.status()).height, chainId: chain.ledger.chainId });

  const accounts = createLocalAccounts(parts, keys);
  const models = stack.use(await loading);
  onStep({ step: 'models', count: models.serves.size });
  const [netuid] = await Promise.all([
    bootstrapSubnet(parts, keys, accounts),
    publishModels(parts, accounts, bundled),
  ]);
  onStep({ step: 'subnet', netuid });

  const network = createMemoryNetwork();
  const blobs = createFileBlobStore(folder.blobsPath);
  const miners = await Promise.all(
    LOCAL_MINERS.map((plan) =>
      startLocalMiner({ parts, folder, accounts, network, models, bundled, netuid }, plan),
    ),
  );
  for (const miner of miners) {
    stack.use(miner);
    onStep({ step: 'miner', name: miner.name, note: miner.note });
  }
  const validators = LOCAL_VALIDATORS.map(({ name }) => {
    const { coldkey, hotkey } = accounts.workers.get(name)!;
    const records = openRecordStore(folder.rolePath(name));
    const transport = network.join(hotkey.address);
    onStep({ step: 'validator', name });
    return stack.use(
      startValidatorRole(parts, {
        name,
        netuid,
        client: hotkey,
        coldkey: coldkey.address,
        transport,
        records,
        blobs,
        tasks: settings.tasks,
      }),
    );
  });
  onStep({ step: 'ready', url: server.url });
  const owned = stack.move();
  return {
    url: server.url,
    folder,
    parts,
    keys,
    accounts,
    netuid,
    roles: [...miners, ...validators],
    blobs,
    [Symbol.asyncDispose]: () => owned[Symbol.asyncDispose](),
  };
}

async function publishModels(
  parts: NodeParts,
  accounts: LocalAccounts,
  bundled: BundledModels,
): Promise<void> {
  for (const { card } of bundled.cards) await ensureModel(parts, accounts.owner, card);
}

interface MinerPlace {
  readonly parts: NodeParts;
  readonly folder: DataFolder;
  readonly accounts: LocalAccounts;
  readonly network: MemoryNetwork;
  readonly models: LocalModels;
  readonly bundled: BundledModels;
  readonly netuid: number;
}

/** Slots that a local offer stands: in effect until it is replaced. */
const OFFER_SLOTS = 10_000_000n;

async function startLocalMiner(
  place: MinerPlace,
  { name, serves, note }: (typeof LOCAL_MINERS)[number],
): Promise<MinerRole> {
  const { parts, folder, accounts, network, models, bundled, netuid } = place;
  const { coldkey, hotkey } = accounts.workers.get(name)!;
  const { artifact, model } = models.serves.get(serves)!;
  const { id, card } = bundled.cards.find(({ variant }) => variant === artifact.variant)!;
  const { capabilities } = model;
  return startMinerRole(parts, {
    name,
    note,
    client: hotkey,
    coldkey: coldkey.address,
    transport: network.join(hotkey.address),
    records: openRecordStore(folder.rolePath(name)),
    model,
    terms: {
      netuid,
      model: id,
      artifact: artifact.sha256,
      price: LOCAL_PRICE,
      maxConcurrency: 4,
      contextTokens: Math.min(capabilities.contextTokens, card.contextTokens),
      capabilities: (['tokenIds', 'logprobs', 'seed', 'prefill'] as const).filter(
        (capability) => capabilities[capability] === true,
      ),
      tier: capabilities.tokenIds === true ? 1 : 0,
      retainsData: false,
      trainsOnData: false,
      expirySlot: OFFER_SLOTS,
      peer: hotkey.address,
    },
  });
}
