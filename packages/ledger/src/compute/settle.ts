import { type Amount, bytesToHex } from '@cairn/core';
import { credit, releaseDeposit } from '../accounts/money.ts';
import type { BlockContext } from '../execution/context.ts';
import { type CloseReason, deployments } from './deployment.ts';
import { due, dueCell } from './due.ts';
import { leaseClosed, leaseSettled } from './events.ts';
import { type Lease, leases } from './lease.ts';

/** Slots without leases that one block passes over: more than a block accrues, so a late index catches up. */
const MAX_EMPTY_SLOTS = 256;

/** Pays the provider for the slots that are over, as far as the funds go. */
function payUpTo(context: BlockContext, id: Uint8Array, lease: Lease): Lease {
  const { perSlot } = lease.terms;
  const end = lease.reclaimSlot > 0n && lease.reclaimSlot < context.slot ? lease.reclaimSlot : context.slot;
  const elapsed = end > lease.settledSlot ? end - lease.settledSlot : 0n;
  const affordable = perSlot === 0n ? elapsed : lease.funds / perSlot;
  const slots = elapsed < affordable ? elapsed : affordable;
  const amount: Amount = slots * perSlot;
  credit(context, lease.provider, amount, 'compute.pay');
  const settled = { ...lease, funds: lease.funds - amount, settledSlot: lease.settledSlot + slots };
  if (amount > 0n) leaseSettled(context, id, settled, amount);
  return settled;
}

/** The slot in which a lease has to be looked at again at the latest. */
function nextDue(
  { slot, parameters }: BlockContext,
  { terms, funds, settledSlot, reclaimSlot }: Lease,
): bigint {
  let next = slot + parameters.leaseSettleSlots;
  if (terms.perSlot > 0n) next = least(next, settledSlot + funds / terms.perSlot);
  return reclaimSlot > 0n ? least(next, reclaimSlot) : next;
}

/** Writes a lease that runs on, in the list of the slot in which it is due. It must be in no list. */
export function schedule(context: BlockContext, id: Uint8Array, lease: Lease): void {
  const dueSlot = due.add(context.state, id, nextDue(context, lease), context.slot);
  leases.set(context.state, bytesToHex(id), { ...lease, dueSlot });
}

/** Why a lease that is paid up to now cannot run on; null when it can. */
function endOf({ slot }: BlockContext, { terms, funds, reclaimSlot }: Lease): CloseReason | null {
  if (reclaimSlot > 0n && reclaimSlot <= slot) return 'reclaimed';
  return terms.perSlot > 0n && funds < terms.perSlot ? 'fundsEnded' : null;
}

/**
 * Pays a lease up to now and takes it off its list; closes it when its funds or its notice ended.
 *
 * @returns the lease, for the caller to change and `schedule` or `close`; null when it is closed.
 */
export function settle(context: BlockContext, id: Uint8Array, lease: Lease): Lease | null {
  due.remove(context.state, id, lease.dueSlot);
  const settled = payUpTo(context, id, lease);
  const reason = endOf(context, settled);
  if (reason === null) return settled;
  close(context, id, settled, reason);
  return null;
}

/** Ends a lease that is paid up to now and in no list: what is left goes back, and the bond to who earned it. */
export function close(context: BlockContext, id: Uint8Array, lease: Lease, reason: CloseReason): void {
  const { state } = context;
  leases.delete(state, bytesToHex(id));
  releaseDeposit(context, lease.tenant, lease.tenantDeposit);
  releaseDeposit(context, lease.provider, lease.providerDeposit);
  credit(context, lease.tenant, lease.funds, 'compute.refund');
  if (reason === 'abandoned') credit(context, lease.tenant, lease.terms.bond, 'compute.forfeitBond');
  else credit(context, lease.provider, lease.terms.bond, 'compute.returnBond');
  dropReference(context, lease.deployment);
  leaseClosed(context, id, lease, reason);
}

/** One order or lease fewer refers to a deployment. */
export function dropReference({ state }: BlockContext, id: Uint8Array): void {
  const hex = bytesToHex(id);
  const deployment = deployments.get(state, hex)!;
  deployments.set(state, hex, { ...deployment, references: deployment.references - 1 });
}

/**
 * Settles the leases that are due, in the order of their slots: as many as a block may, the others in the next.
 * After the transactions, so that a top-up in the last moment counts.
 */
export function settleDue(context: BlockContext): void {
  const { state, slot, parameters } = context;
  let [settled, empty] = [0n, 0];
  while (settled < parameters.leasesSettledPerBlock && empty < MAX_EMPTY_SLOTS) {
    const { running, nextSlot } = dueCell.get(state);
    if (running === 0 || nextSlot > slot) return;
    const [id] = due.ofSlot(state, nextSlot);
    if (id === undefined) {
      dueCell.set(state, { running, nextSlot: nextSlot + 1n });
      empty += 1;
      continue;
    }
    const left = settle(context, id, leases.get(state, bytesToHex(id))!);
    if (left !== null) schedule(context, id, left);
    settled += 1n;
  }
}

function least(one: bigint, other: bigint): bigint {
  return one < other ? one : other;
}
