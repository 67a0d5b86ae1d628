import { bytesToHex } from '@cairn/core';
import { offerIdOf } from '@cairn/ledger';
import type { GatewayRole } from '../roles/gateway-role.ts';
import type { NodeParts } from '../roles/parts.ts';
import { NO_PARAMS, type RpcMethod } from '../rpc/method.ts';
import { fetchOffers } from '../validator/subnet-view.ts';

/** Who could read what the gateway of this node asks of each offer now. */
export function privacyMethod({
  gateway,
  parts,
}: {
  readonly gateway: GatewayRole | null;
  readonly parts: Pick<NodeParts, 'ledger' | 'crypto'>;
}): RpcMethod {
  return {
    name: 'node_privacy',
    help: 'Who could read what the gateway of this node asks of each offer: L0 in clear, L1 sealed to the host of the provider, L2 sealed to hardware whose quote this gateway has checked. Null on a node without a gateway.',
    params: NO_PARAMS,
    result: { anyOf: [{ type: 'array', items: { type: 'object' } }, { type: 'null' }] },
    async run() {
      if (gateway === null) return null;
      const offers = await fetchOffers(parts.ledger);
      return Promise.all(
        offers.map(async (offer) => ({
          offer: bytesToHex(offerIdOf(parts.crypto, offer.provider, offer.terms)),
          level: await gateway.levelOf(offer),
        })),
      );
    },
  };
}
