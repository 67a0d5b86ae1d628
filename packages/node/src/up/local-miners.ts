import { createNativeSealCrypto } from '@cairn/chain';
import type { BlobStore } from '@cairn/protocol';
import type { DataFolder } from '../data/data-folder.ts';
import { openRecordStore } from '../data/record-store.ts';
import type { BundledModels } from '../models/bundled.ts';
import { offeredCapabilities } from '../models/offered-capabilities.ts';
import type { NodePeers } from '../peers/node-peers.ts';
import { type MinerRole, startMinerRole } from '../roles/miner-role.ts';
import type { NodeParts } from '../roles/parts.ts';
import { openSealingKeys } from '../sealing/sealing-keys.ts';
import type { LocalAccounts } from './bootstrap.ts';
import type { LocalModels } from './local-models.ts';
import { LOCAL_MINERS, LOCAL_PRICE, type LocalMiner } from './plan.ts';

export interface LocalMinersPlace {
  readonly parts: NodeParts;
  readonly folder: DataFolder;
  readonly accounts: LocalAccounts;
  readonly peers: NodePeers;
  readonly models: LocalModels;
  readonly bundled: BundledModels;
  readonly netuid: number;
  readonly blobs: BlobStore;
}

/** Slot until which a local offer stands: longer than any local network runs. */
const OFFER_EXPIRY_SLOT = 10_000_000n;

/** Starts the planned miners, all at once. */
export function startLocalMiners(place: LocalMinersPlace): Promise<MinerRole[]> {
  return Promise.all(LOCAL_MINERS.map((plan) => startLocalMiner(place, plan)));
}

async function startLocalMiner(
  { parts, folder, accounts, peers, models, bundled, netuid, blobs }: LocalMinersPlace,
  { name, serves, note }: LocalMiner,
): Promise<MinerRole> {
  const { coldkey, hotkey } = accounts.workers.get(name)!;
  const { artifact, model } = models.serves.get(serves)!;
  const { id, card } = bundled.cards.find(({ variant }) => variant === artifact.variant)!;
  const { capabilities } = model;
  const transport = peers.join(hotkey.address);
  return startMinerRole(parts, {
    name,
    note,
    client: hotkey,
    coldkey: coldkey.address,
    transport,
    records: openRecordStore(folder.rolePath(name)),
    sealing: await openSealingKeys(folder.keysPath(name), createNativeSealCrypto()),
    device: peers.device,
    blobs,
    model,
    file: artifact.path,
    terms: {
      netuid,
      model: id,
      artifact: artifact.sha256,
      price: LOCAL_PRICE,
      maxConcurrency: 4,
      contextTokens: Math.min(capabilities.contextTokens, card.contextTokens),
      capabilities: offeredCapabilities(capabilities),
      tier: capabilities.tokenIds === true ? 1 : 0,
      retainsData: false,
      trainsOnData: false,
      expirySlot: OFFER_EXPIRY_SLOT,
      regions: [],
      peer: transport.peer,
    },
  });
}
