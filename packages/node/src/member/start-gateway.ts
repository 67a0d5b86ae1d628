import { addressToAccountId, parseAmount } from '@cairn/core';
import { createAgentDeploy } from '../compute/agent-deploy.ts';
import { openRecordStore } from '../data/record-store.ts';
import { openRoleKey, openRoleSeed } from '../data/role-keys.ts';
import { openDataMarket } from '../datasets/data-market.ts';
import { startGatewayRole } from '../roles/gateway-role.ts';
import { createSealParts, sealModeOf } from '../sealing/seal-parts.ts';
import { GATEWAY } from '../up/plan.ts';
import { findHub } from './find-hub.ts';
import { ensureFunds } from './funds.ts';
import { fundedClient, type MemberPlace, type StartedRole } from './member-place.ts';
import { openMemberTenant } from './open-tenant.ts';

/** Channels of strangers to this gateway name no subnet: its own channels to providers do. */
const NO_SUBNET = 0;

/** The OpenAI-compatible endpoint of this machine, which pays the providers of the network. */
export async function startMemberGateway(
  place: MemberPlace,
  stack: AsyncDisposableStack,
): Promise<StartedRole> {
  const { parts, folder, peers, settings } = place;
  const key = await openRoleKey(folder, parts.crypto, GATEWAY, 'coldkey');
  const client = await fundedClient(place, key);
  const hub = settings.hub === '' ? null : await findHub(parts, settings.hub, settings.hubFeeBps);
  const role = stack.use(
    await startGatewayRole(parts, {
      client,
      transport: peers.join(client.address),
      ...(settings.relayThrough === '' ? {} : { relay: settings.relayThrough }),
      // One book of channels to providers, one of those to hubs: their vouchers count differently.
      records: openRecordStore(folder.rolePath(hub === null ? GATEWAY : `${GATEWAY}-hub`)),
      ...(hub === null ? {} : { hub }),
      keptKey: await openRoleSeed(folder, GATEWAY, 'kept'),
      storage: openRecordStore(folder.rolePath(`${GATEWAY}-files`)),
      keys: settings.apiKey === '' ? [] : [settings.apiKey],
      mostPerAnswer: parseAmount(settings.mostPerAnswer),
      ...(settings.spendFor === '' ? {} : { spendFor: addressToAccountId(settings.spendFor) }),
      ...(settings.sell === 'on' && { sellOn: NO_SUBNET }),
      agentPayments: settings.agentPayments === 'on',
      ...(hub === null && { deploy: createAgentDeploy(() => compute, parts) }),
      seal: sealModeOf(settings),
      firstModel: settings.model,
      tellsProviders: settings.traceProviders === 'on',
      nodes: place.nodes,
      knownQuestion: () => null,
    }),
  );
  const compute = openMemberTenant(place, stack, client, role);
  const market = stack.use(
    await openDataMarket({
      ...{ parts, folder, peers, buyer: client, payer: role.payer },
      seal: createSealParts(parts, sealModeOf(settings)),
      fund: (seller) => ensureFunds(place.ledger, seller),
    }),
  );
  // A hub pays for answers, and no calls.
  return { role, gateway: role, key, market, ...(hub === null && { compute }) };
}
