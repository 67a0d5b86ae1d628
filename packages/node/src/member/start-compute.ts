import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { createNativeSealCrypto } from '@cairn/chain';
import { parseAmount } from '@cairn/core';
import { createContainerHost, createThreadSandbox } from '@cairn/engines';
import { startComputeProvider } from '../compute/provider-role.ts';
import { createFileBlobStore } from '../data/blob-store.ts';
import { openRecordStore } from '../data/record-store.ts';
import { openRoleKey } from '../data/role-keys.ts';
import { openSealingKeys } from '../sealing/sealing-keys.ts';
import { imageSettingsOf } from '../up/local-compute.ts';
import { LOCAL_COMPUTE } from '../up/plan.ts';
import { fundedClient, type MemberOptions, type MemberPlace, type StartedRole } from './member-place.ts';

/** Name of the role that runs functions. */
const COMPUTE = 'compute';

/** Bids on orders of the network, and runs and answers what it has leases for. @throws NodeError `NO_FUNDS` */
export async function startMemberCompute(
  place: MemberPlace,
  stack: AsyncDisposableStack,
  { environment = {} }: MemberOptions,
): Promise<StartedRole> {
  const { parts, folder, peers, settings } = place;
  const key = await openRoleKey(folder, parts.crypto, COMPUTE, 'coldkey');
  const client = await fundedClient(place, key);
  const images = imageSettingsOf(settings, environment);
  const { price, maxReclaimSlots } = LOCAL_COMPUTE;
  const role = stack.use(
    await startComputeProvider(parts, {
      name: COMPUTE,
      client,
      transport: peers.join(client.address),
      records: openRecordStore(folder.rolePath(COMPUTE)),
      perSlot: parseAmount(settings.computeSlotPrice),
      price: { ...price, outputPerMillion: parseAmount(settings.computeWorkPrice) },
      maxBond: parseAmount(settings.computeBond),
      maxReclaimSlots,
      memoryMib: settings.computeMemory,
      cores: availableParallelism(),
      sandbox: createThreadSandbox({ timer: parts.timer }),
      ...(settings.computeImages === 'on' && {
        containers: createContainerHost(
          { ...parts, environment: images.environment },
          { folder: join(folder.path, 'containers'), allowsNetwork: images.allowsNetwork },
        ),
      }),
      registries: images.registries,
      blobs: createFileBlobStore(folder.blobsPath),
      sealing: await openSealingKeys(folder.keysPath(COMPUTE), createNativeSealCrypto()),
      device: peers.device,
    }),
  );
  return { role, gateway: null, key };
}
