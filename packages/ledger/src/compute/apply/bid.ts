import { accountIdToAddress, areBytesEqual, bytesToHex, formatAmount } from '@cairn/core';
import { debit, holdDeposit, recordDeposit } from '../../accounts/money.ts';
import type { MessageContext } from '../../execution/context.ts';
import { defineMessage, problem, type TransactionProblem } from '../../execution/message.ts';
import { bidMade } from '../events.ts';
import {
  BID_BYTES,
  type BidTerms,
  bidKey,
  bids,
  type ComputeOrder,
  computeOrders,
  MAX_BIDS,
  MAX_RECLAIM_SLOTS,
} from '../market.ts';
import { makeBidShape } from '../messages/market.ts';
import { orderUnknown } from '../problems.ts';

export const bidMessage = defineMessage({
  id: 163,
  name: 'compute.bid',
  help: 'Offers to run what an order asks for. The bond is held until the bid ends, or the lease it becomes.',
  shape: makeBidShape,
  work: () => 8,
  apply(context, { order: id, terms }) {
    const hex = bytesToHex(id);
    const order = computeOrders.get(context.state, hex);
    if (order === undefined) return orderUnknown(id);
    const unfit = checkBid(context, hex, order, terms);
    if (unfit !== null) return unfit;
    const deposit = recordDeposit(context, BID_BYTES);
    const refused =
      holdDeposit(context, context.sender, deposit) ??
      debit(context, context.sender, terms.bond, 'compute.bond');
    if (refused !== null) return refused;
    bids.set(context.state, bidKey(id, context.sender), {
      provider: context.sender,
      terms,
      recordDeposit: deposit,
    });
    computeOrders.set(context.state, hex, { ...order, bidders: [...order.bidders, context.sender] });
    bidMade(context, id, context.sender, terms);
    return null;
  },
});

function checkBid(
  { sender, slot }: MessageContext,
  hex: string,
  order: ComputeOrder,
  { perSlot, bond, reclaimSlots, peer }: BidTerms,
): TransactionProblem | null {
  if (order.expirySlot <= slot)
    return problem('ORDER_EXPIRED', `Order ${hex} ended at slot ${order.expirySlot}, now is ${slot}.`);
  if (areBytesEqual(order.tenant, sender))
    return problem('PROVIDER_IS_TENANT', 'A lease needs another account as provider.');
  if (order.bidders.some((bidder) => areBytesEqual(bidder, sender))) {
    return problem(
      'BID_EXISTS',
      `${accountIdToAddress(sender)} has bid on order ${hex}. Withdraw that bid first.`,
    );
  }
  if (order.bidders.length >= MAX_BIDS)
    return problem('BIDS_FULL', `Order ${hex} has ${MAX_BIDS} bids, which is all it can.`);
  if (perSlot > order.maxPerSlot) {
    return problem(
      'BID_TOO_HIGH',
      `${formatAmount(perSlot)} CAIRN a slot is above the ${formatAmount(order.maxPerSlot)} that order ${hex} pays.`,
    );
  }
  if (bond < order.minBond) {
    return problem(
      'BOND_TOO_LOW',
      `A bond of ${formatAmount(bond)} CAIRN is below the ${formatAmount(order.minBond)} that order ${hex} wants.`,
    );
  }
  if (reclaimSlots < order.minReclaimSlots || reclaimSlots > MAX_RECLAIM_SLOTS) {
    return problem(
      'NOTICE_OUT_OF_RANGE',
      `A notice of ${reclaimSlots} slots is not between the ${order.minReclaimSlots} that order ${hex} wants and ${MAX_RECLAIM_SLOTS}.`,
    );
  }
  return peer === '' ? problem('PEER_MISSING', 'A bid names the peer that callers reach.') : null;
}
