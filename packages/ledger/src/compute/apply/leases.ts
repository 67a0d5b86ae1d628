import { areBytesEqual, bytesToHex, formatAmount } from '@cairn/core';
import { debit } from '../../accounts/money.ts';
import { defineMessage, problem } from '../../execution/message.ts';
import { leaseToppedUp, reclaimAnnounced } from '../events.ts';
import { leases } from '../lease.ts';
import { namedLeaseShape, topUpLeaseShape } from '../messages/leases.ts';
import { leaseUnknown } from '../problems.ts';
import { close, schedule, settle } from '../settle.ts';

/** Records that settling and rescheduling one lease touches at most, slots that are searched included. */
const SETTLE_WORK = 70;

export const topUpLeaseMessage = defineMessage({
  id: 167,
  name: 'compute.topUp',
  help: 'Puts more money into a lease that runs. Anybody may; what is left at its end goes to the tenant.',
  shape: topUpLeaseShape,
  work: () => SETTLE_WORK,
  apply(context, { lease: id, amount }) {
    const lease = leases.get(context.state, bytesToHex(id));
    if (lease === undefined) return leaseUnknown(id);
    if (amount === 0n) return problem('AMOUNT_ZERO', 'A top-up needs an amount above zero.');
    const refused = debit(context, context.sender, amount, 'compute.fund');
    if (refused !== null) return refused;
    const left = settle(context, id, { ...lease, funds: lease.funds + amount });
    if (left === null) {
      return problem(
        'LEASE_ENDED',
        `Lease ${bytesToHex(id)} ends in this block, also with ${formatAmount(amount)} CAIRN more.`,
      );
    }
    schedule(context, id, left);
    leaseToppedUp(context, id, left, amount);
    return null;
  },
});

export const announceReclaimMessage = defineMessage({
  id: 168,
  name: 'compute.announceReclaim',
  help: 'The provider of a lease gives notice: it ends, with the bond returned, after the slots that its bid promised.',
  shape: namedLeaseShape,
  work: () => SETTLE_WORK,
  apply(context, { lease: id }) {
    const hex = bytesToHex(id);
    const lease = leases.get(context.state, hex);
    if (lease === undefined) return leaseUnknown(id);
    if (!areBytesEqual(lease.provider, context.sender))
      return problem('NOT_PROVIDER', `Only its provider can give notice of lease ${hex}.`);
    if (lease.reclaimSlot > 0n)
      return problem('NOTICE_GIVEN', `Lease ${hex} ends at slot ${lease.reclaimSlot} already.`);
    const left = settle(context, id, lease);
    if (left === null) return null;
    const notice = BigInt(left.terms.reclaimSlots);
    const announced = { ...left, reclaimSlot: context.slot + (notice > 0n ? notice : 1n) };
    schedule(context, id, announced);
    reclaimAnnounced(context, id, announced);
    return null;
  },
});

export const closeLeaseMessage = defineMessage({
  id: 169,
  name: 'compute.close',
  help: 'The tenant ends a lease at once: the slots that are over are paid, the rest of the funds returns.',
  shape: namedLeaseShape,
  work: () => 12,
  apply(context, { lease: id }) {
    const hex = bytesToHex(id);
    const lease = leases.get(context.state, hex);
    if (lease === undefined) return leaseUnknown(id);
    if (!areBytesEqual(lease.tenant, context.sender))
      return problem('NOT_TENANT', `Only its tenant can close lease ${hex}. A provider gives notice.`);
    const left = settle(context, id, lease);
    if (left !== null) close(context, id, left, 'tenantClosed');
    return null;
  },
});

export const abandonLeaseMessage = defineMessage({
  id: 170,
  name: 'compute.abandon',
  help: 'The provider ends a lease at once and without notice: its bond goes to the tenant.',
  shape: namedLeaseShape,
  work: () => 12,
  apply(context, { lease: id }) {
    const hex = bytesToHex(id);
    const lease = leases.get(context.state, hex);
    if (lease === undefined) return leaseUnknown(id);
    if (!areBytesEqual(lease.provider, context.sender))
      return problem('NOT_PROVIDER', `Only its provider can abandon lease ${hex}.`);
    const left = settle(context, id, lease);
    if (left !== null) close(context, id, left, 'abandoned');
    return null;
  },
});
