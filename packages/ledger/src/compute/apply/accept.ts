import { accountIdToAddress, areBytesEqual, bytesToHex, formatAmount } from '@cairn/core';
import { debit, holdDeposit, recordDeposit, releaseDeposit } from '../../accounts/money.ts';
import { defineMessage, problem } from '../../execution/message.ts';
import { returnBid } from '../bids.ts';
import { dueCell, MAX_LEASES } from '../due.ts';
import { leaseOpened } from '../events.ts';
import { LEASE_BYTES, type Lease } from '../lease.ts';
import { bidKey, bids, computeOrders, MAX_BIDS } from '../market.ts';
import { acceptBidShape } from '../messages/market.ts';
import { orderUnknown } from '../problems.ts';
import { schedule } from '../settle.ts';

export const acceptBidMessage = defineMessage({
  id: 166,
  name: 'compute.accept',
  help: 'Takes a bid: the order becomes a lease that is paid slot by slot from the funds, and the other bids return.',
  shape: acceptBidShape,
  work: () => 70 + 2 * MAX_BIDS,
  apply(context, { order: id, provider, funds }) {
    const hex = bytesToHex(id);
    const order = computeOrders.get(context.state, hex);
    if (order === undefined) return orderUnknown(id);
    if (!areBytesEqual(order.tenant, context.sender))
      return problem('NOT_TENANT', `Only its tenant can take a bid on order ${hex}.`);
    if (order.expirySlot <= context.slot) {
      return problem(
        'ORDER_EXPIRED',
        `Order ${hex} ended at slot ${order.expirySlot}, now is ${context.slot}.`,
      );
    }
    const bid = bids.get(context.state, bidKey(id, provider));
    if (bid === undefined)
      return problem('BID_UNKNOWN', `${accountIdToAddress(provider)} has no bid on order ${hex}.`);
    const { terms } = bid;
    if (funds === 0n || funds < terms.perSlot) {
      return problem(
        'FUNDS_TOO_LOW',
        `${formatAmount(funds)} CAIRN do not pay for a slot at ${formatAmount(terms.perSlot)}. Put more in.`,
      );
    }
    if (dueCell.get(context.state).running >= MAX_LEASES)
      return problem('LEASES_FULL', `${MAX_LEASES} leases run, which is all there can be. Try later.`);
    const deposit = recordDeposit(context, LEASE_BYTES);
    const refused =
      holdDeposit(context, context.sender, deposit) ?? debit(context, context.sender, funds, 'compute.fund');
    if (refused !== null) return refused;
    for (const bidder of order.bidders) {
      if (areBytesEqual(bidder, provider)) bids.delete(context.state, bidKey(id, bidder));
      else returnBid(context, id, bids.get(context.state, bidKey(id, bidder))!);
    }
    computeOrders.delete(context.state, hex);
    releaseDeposit(context, order.tenant, order.recordDeposit);
    const lease: Lease = {
      deployment: order.deployment,
      tenant: order.tenant,
      provider,
      netuid: order.netuid,
      terms,
      funds,
      openedSlot: context.slot,
      settledSlot: context.slot,
      dueSlot: 0n,
      reclaimSlot: 0n,
      tenantDeposit: deposit,
      providerDeposit: bid.recordDeposit,
    };
    schedule(context, id, lease);
    leaseOpened(context, id, lease);
    return null;
  },
});
