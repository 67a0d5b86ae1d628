import { areBytesEqual, bytesToHex } from '@cairn/core';
import { holdDeposit, recordDeposit } from '../../accounts/money.ts';
import { defineMessage, problem } from '../../execution/message.ts';
import { subnetDissolved } from '../../subnets/problems.ts';
import { isDissolved } from '../../subnets/state.ts';
import { deployments, MAX_REFERENCES } from '../deployment.ts';
import { ordered } from '../events.ts';
import { type ComputeOrder, computeOrders, MAX_RECLAIM_SLOTS, ORDER_BYTES, orderIdOf } from '../market.ts';
import { placeOrderShape } from '../messages/market.ts';
import { deploymentUnknown } from '../problems.ts';

export const orderMessage = defineMessage({
  id: 162,
  name: 'compute.order',
  help: 'Asks providers to run a deployment of the sender: at most this price for a slot, at least this bond and this notice.',
  shape: placeOrderShape,
  work: () => 8,
  apply(context, wanted) {
    if (isDissolved(context.state, wanted.netuid)) return subnetDissolved(wanted.netuid);
    const hex = bytesToHex(wanted.deployment);
    const deployment = deployments.get(context.state, hex);
    if (deployment === undefined) return deploymentUnknown(wanted.deployment);
    if (!areBytesEqual(deployment.owner, context.sender))
      return problem('NOT_OWNER', `Only its owner can order compute for deployment ${hex}.`);
    if (deployment.references >= MAX_REFERENCES) {
      return problem(
        'ORDERS_FULL',
        `Deployment ${hex} has ${MAX_REFERENCES} orders and leases, which is all it can. Close one first.`,
      );
    }
    if (wanted.expirySlot <= context.slot)
      return problem('ORDER_EXPIRED', `The order ends at slot ${wanted.expirySlot}, now is ${context.slot}.`);
    if (wanted.minReclaimSlots > MAX_RECLAIM_SLOTS) {
      return problem(
        'NOTICE_TOO_LONG',
        `A notice of ${wanted.minReclaimSlots} slots is more than the ${MAX_RECLAIM_SLOTS} a provider can give.`,
      );
    }
    const deposit = recordDeposit(context, ORDER_BYTES);
    const refused = holdDeposit(context, context.sender, deposit);
    if (refused !== null) return refused;
    const order: ComputeOrder = { ...wanted, tenant: context.sender, bidders: [], recordDeposit: deposit };
    const id = orderIdOf(context.crypto, context.chainId, context.sender, context.nonce);
    computeOrders.set(context.state, bytesToHex(id), order);
    deployments.set(context.state, hex, { ...deployment, references: deployment.references + 1 });
    ordered(context, id, order);
    return null;
  },
});
