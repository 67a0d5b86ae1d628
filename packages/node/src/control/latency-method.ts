import { accountIdToAddress } from '@cairn/core';
import type { GatewayRole } from '../roles/gateway-role.ts';
import type { NodeParts } from '../roles/parts.ts';
import { NO_PARAMS, type RpcMethod } from '../rpc/method.ts';
import { fetchOffers } from '../validator/subnet-view.ts';

/** How long providers take to the first token, as the gateway of this node has seen it. */
export function latencyMethod({
  gateway,
  parts,
}: {
  readonly gateway: GatewayRole | null;
  readonly parts: Pick<NodeParts, 'ledger'>;
}): RpcMethod {
  return {
    name: 'node_latencies',
    help: 'Average time to the first token of each provider with an offer, in milliseconds, as the gateway of this node has seen it; those it never asked are left out.',
    params: NO_PARAMS,
    result: { type: 'array', items: { type: 'object' } },
    async run() {
      const offers = await fetchOffers(parts.ledger);
      const providers = new Set(offers.map(({ provider }) => accountIdToAddress(provider)));
      return [...providers].flatMap((provider) => {
        const ttftMs = gateway?.gateway.latencyOf(provider) ?? null;
        return ttftMs === null ? [] : [{ provider, ttftMs }];
      });
    },
  };
}
