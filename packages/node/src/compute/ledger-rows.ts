import { addressToAccountId, hexToBytes } from '@cairn/core';
import { type ComputeOrder, type Deployment, deploymentShape, type Lease, leaseShape } from '@cairn/ledger';
import type { LedgerReader } from '@cairn/protocol';
import { fetchPages } from '@cairn/sdk';

type Reader = Pick<LedgerReader, 'query'>;
interface Row {
  readonly id: string;
}

export interface Named<T> {
  /** Hex. */
  readonly id: string;
  readonly record: T;
}

export async function fetchDeployment(ledger: Reader, deployment: string): Promise<Deployment | null> {
  const row = await ledger.query<Row | null>('compute_deployment', { deployment });
  return row === null ? null : fromRow(row, (rest) => deploymentShape.fromJson(rest)).record;
}

export async function fetchDeployments(ledger: Reader): Promise<Named<Deployment>[]> {
  const rows = await fetchPages<Row>(ledger, 'compute_deployments');
  return rows.map((row) => fromRow(row, (rest) => deploymentShape.fromJson(rest)));
}

export async function fetchLeases(ledger: Reader): Promise<Named<Lease>[]> {
  const rows = await fetchPages<Row>(ledger, 'compute_leases');
  return rows.map((row) => fromRow(row, (rest) => leaseShape.fromJson(rest)));
}

interface OrderRow extends Row {
  readonly deployment: string;
  readonly tenant: string;
  readonly netuid: number;
  readonly maxPerSlot: string;
  readonly minBond: string;
  readonly minReclaimSlots: number;
  readonly expirySlot: string;
  readonly bidders: readonly string[];
}

/** Orders that wait, with what a bidder looks at. */
export async function fetchOrders(ledger: Reader): Promise<Named<Omit<ComputeOrder, 'recordDeposit'>>[]> {
  const rows = await fetchPages<OrderRow>(ledger, 'compute_orders');
  return rows.map(({ id, deployment, tenant, netuid, maxPerSlot, minBond, minReclaimSlots, ...rest }) => ({
    id,
    record: {
      deployment: hexToBytes(deployment),
      tenant: addressToAccountId(tenant),
      netuid,
      maxPerSlot: BigInt(maxPerSlot),
      minBond: BigInt(minBond),
      minReclaimSlots,
      expirySlot: BigInt(rest.expirySlot),
      bidders: rest.bidders.map((bidder) => addressToAccountId(bidder)),
    },
  }));
}

function fromRow<T>({ id, ...rest }: Row, read: (json: unknown) => T): Named<T> {
  return { id, record: read(rest) };
}
