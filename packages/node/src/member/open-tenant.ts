import { parseAmount } from '@cairn/core';
import type { AccountClient } from '@cairn/sdk';
import type { ComputeDesk } from '../compute/compute-desk.ts';
import { createTenant } from '../compute/tenant.ts';
import { createFileBlobStore } from '../data/blob-store.ts';
import { openRecordStore } from '../data/record-store.ts';
import { createEvidenceServer } from '../evidence/evidence-server.ts';
import type { GatewayRole } from '../roles/gateway-role.ts';
import { createSealParts, sealModeOf } from '../sealing/seal-parts.ts';
import type { MemberPlace } from './member-place.ts';

/** Which of the node's records say what code is public. */
const TENANT = 'tenant';

/** Deploys and calls functions of the network with the wallet of a gateway, and hands their code to providers. */
export function openMemberTenant(
  { parts, folder, peers, settings }: MemberPlace,
  stack: AsyncDisposableStack,
  client: AccountClient,
  { payer, gateway }: GatewayRole,
): ComputeDesk {
  const transport = stack.use(peers.join(`${client.address}/code`));
  const records = stack.use(openRecordStore(folder.rolePath(TENANT)));
  const blobs = createFileBlobStore(folder.blobsPath);
  const served = stack.use(createEvidenceServer({ ...parts, transport, blobs, records }));
  const tenant = createTenant({
    ...{ parts, client, payer, transport },
    seal: createSealParts(parts, sealModeOf(settings)),
    reserve: gateway.reserve,
    mostPerCall: parseAmount(settings.mostPerAnswer),
    publish: (code) => served.publish(code),
  });
  return { tenant: async () => tenant, provider: async () => null };
}
