import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { createNativeSealCrypto } from '@cairn/chain';
import { createContainerHost, createThreadSandbox } from '@cairn/engines';
import type { Meter } from '@cairn/gateway';
import type { BlobStore } from '@cairn/protocol';
import { createAccountClient, type Payer, type SealParts } from '@cairn/sdk';
import type { ComputeDesk } from '../compute/compute-desk.ts';
import { type ComputeProvider, startComputeProvider } from '../compute/provider-role.ts';
import { createTenant, type Tenant } from '../compute/tenant.ts';
import type { Settings } from '../config/table.ts';
import { type DataFolder, readJsonFile, writeJsonFile } from '../data/data-folder.ts';
import { openRecordStore } from '../data/record-store.ts';
import { openRoleKey } from '../data/role-keys.ts';
import { createEvidenceServer } from '../evidence/evidence-server.ts';
import type { NodePeers } from '../peers/node-peers.ts';
import type { NodeParts, RunningRole } from '../roles/parts.ts';
import { openSealingKeys } from '../sealing/sealing-keys.ts';
import { fundRole, type LocalAccounts } from './bootstrap.ts';
import { LOCAL_COMPUTE } from './plan.ts';

export interface LocalComputeParts {
  readonly parts: NodeParts;
  readonly folder: DataFolder;
  readonly accounts: LocalAccounts;
  readonly peers: NodePeers;
  readonly blobs: BlobStore;
  readonly payer: Payer;
  readonly seal: SealParts;
  /** What calls are held and counted by. */
  readonly reserve: Meter['reserve'];
  /** Most pebbles that one call may cost. */
  readonly mostPerCall: bigint;
  readonly images: ImageSettings;
}

/** What images of strangers get of this machine. */
export interface ImageSettings {
  /** Hosts of registries that they may come from. */
  readonly registries: readonly string[];
  /** Whether those that ask for it reach its network. */
  readonly allowsNetwork: boolean;
  /** Where the programs that run them are looked for. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

export function imageSettingsOf(
  { imageRegistries, imageNetwork }: Pick<Settings, 'imageRegistries' | 'imageNetwork'>,
  environment: ImageSettings['environment'],
): ImageSettings {
  return {
    registries: imageRegistries
      .split(',')
      .map((host) => host.trim())
      .filter((host) => host !== ''),
    allowsNetwork: imageNetwork === 'on',
    environment,
  };
}

/** Functions on a local network: a provider that starts with the first deployment, and the owner as its tenant. */
export interface LocalCompute extends ComputeDesk, AsyncDisposable {
  readonly roles: readonly RunningRole[];
  /** Starts the provider if it does not run yet. */
  provider(): Promise<ComputeProvider>;
  /** Runs again what ran before. */
  resume(): Promise<void>;
}

export function createLocalCompute(place: LocalComputeParts): LocalCompute {
  const { parts, folder, accounts, peers, blobs, images } = place;
  const path = join(folder.path, 'compute.json');
  const roles: RunningRole[] = [];
  const disposals = new AsyncDisposableStack();
  let starting: Promise<{ tenant: Tenant; provider: ComputeProvider }> | null = null;

  async function start() {
    const { name } = LOCAL_COMPUTE;
    const key = await openRoleKey(folder, parts.crypto, name, 'hotkey');
    const client = createAccountClient({ crypto: parts.crypto, signer: key.signer, ledger: parts.ledger });
    await fundRole(accounts.owner, client);
    const { gateway } = accounts;
    const transport = peers.join(`${gateway.address}/code`);
    disposals.use(transport);
    const records = openRecordStore(folder.rolePath('tenant'));
    disposals.use(records);
    const served = createEvidenceServer({ ...parts, transport, blobs, records });
    disposals.use(served);
    const provider = await startComputeProvider(parts, {
      ...LOCAL_COMPUTE,
      client,
      transport: peers.join(key.address),
      records: openRecordStore(folder.rolePath(name)),
      sandbox: createThreadSandbox({ timer: parts.timer }),
      containers: createContainerHost(
        { ...parts, environment: images.environment },
        { folder: join(folder.path, 'containers'), allowsNetwork: images.allowsNetwork },
      ),
      registries: images.registries,
      cores: availableParallelism(),
      blobs,
      sealing: await openSealingKeys(folder.keysPath(name), createNativeSealCrypto()),
    });
    disposals.use(provider);
    roles.push(provider);
    const tenant = createTenant({
      parts,
      client: gateway,
      payer: place.payer,
      seal: place.seal,
      transport,
      reserve: place.reserve,
      mostPerCall: place.mostPerCall,
      publish: (code) => served.publish(code),
      refusal: (order) => provider.refusal(order),
    });
    await writeJsonFile(path, { started: true });
    return { tenant, provider };
  }

  function started() {
    starting ??= start();
    starting.catch(() => {
      starting = null;
    });
    return starting;
  }

  return {
    roles,
    tenant: async () => (await started()).tenant,
    provider: async () => (await started()).provider,
    async resume() {
      if ((await readJsonFile(path)) !== undefined) await started();
    },
    async [Symbol.asyncDispose]() {
      await starting?.catch(() => undefined);
      await disposals.disposeAsync();
    },
  };
}
