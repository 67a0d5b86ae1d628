import { type AccountId, type Amount, accountIdToAddress, bytesToHex } from '@cairn/core';
import type { BlockContext } from '../execution/context.ts';
import type { CloseReason, DeploymentSpec } from './deployment.ts';
import type { Lease } from './lease.ts';
import type { BidTerms, ComputeOrder } from './market.ts';

export function deploymentPublished(
  context: BlockContext,
  id: Uint8Array,
  owner: AccountId,
  { name, kind, code }: DeploymentSpec,
): void {
  context.emit('compute.published', {
    deployment: bytesToHex(id),
    owner: accountIdToAddress(owner),
    deploymentName: name,
    kind,
    code: bytesToHex(code),
  });
}

export function deploymentRetired(context: BlockContext, id: Uint8Array, owner: AccountId): void {
  context.emit('compute.retired', { deployment: bytesToHex(id), owner: accountIdToAddress(owner) });
}

export function ordered(context: BlockContext, id: Uint8Array, order: ComputeOrder): void {
  context.emit('compute.ordered', {
    order: bytesToHex(id),
    deployment: bytesToHex(order.deployment),
    tenant: accountIdToAddress(order.tenant),
    maxPerSlot: order.maxPerSlot.toString(),
  });
}

export function orderCancelled(context: BlockContext, id: Uint8Array, { tenant }: ComputeOrder): void {
  context.emit('compute.orderCancelled', { order: bytesToHex(id), tenant: accountIdToAddress(tenant) });
}

export function bidMade(
  context: BlockContext,
  order: Uint8Array,
  provider: AccountId,
  { perSlot, bond }: BidTerms,
): void {
  context.emit('compute.bidMade', {
    order: bytesToHex(order),
    provider: accountIdToAddress(provider),
    perSlot: perSlot.toString(),
    bond: bond.toString(),
  });
}

export function bidWithdrawn(context: BlockContext, order: Uint8Array, provider: AccountId): void {
  context.emit('compute.bidWithdrawn', { order: bytesToHex(order), provider: accountIdToAddress(provider) });
}

const parties = (id: Uint8Array, { deployment, tenant, provider }: Lease) => ({
  lease: bytesToHex(id),
  deployment: bytesToHex(deployment),
  tenant: accountIdToAddress(tenant),
  provider: accountIdToAddress(provider),
});

export function leaseOpened(context: BlockContext, id: Uint8Array, lease: Lease): void {
  context.emit('compute.leaseOpened', {
    ...parties(id, lease),
    perSlot: lease.terms.perSlot.toString(),
    funds: lease.funds.toString(),
  });
}

export function leaseToppedUp(context: BlockContext, id: Uint8Array, lease: Lease, amount: Amount): void {
  context.emit('compute.leaseToppedUp', { ...parties(id, lease), amount: amount.toString() });
}

export function leaseSettled(context: BlockContext, id: Uint8Array, lease: Lease, amount: Amount): void {
  context.emit('compute.leaseSettled', {
    ...parties(id, lease),
    amount: amount.toString(),
    upToSlot: lease.settledSlot.toString(),
  });
}

export function reclaimAnnounced(context: BlockContext, id: Uint8Array, lease: Lease): void {
  context.emit('compute.reclaimAnnounced', {
    ...parties(id, lease),
    reclaimSlot: lease.reclaimSlot.toString(),
  });
}

export function leaseClosed(context: BlockContext, id: Uint8Array, lease: Lease, reason: CloseReason): void {
  context.emit('compute.leaseClosed', {
    ...parties(id, lease),
    reason,
    refund: lease.funds.toString(),
    bond: lease.terms.bond.toString(),
    bondTo: reason === 'abandoned' ? 'tenant' : 'provider',
  });
}
