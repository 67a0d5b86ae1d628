import { bytesToHex } from '@cairn/core';
import {
  bids,
  computeOrders,
  datasets,
  deployments,
  dueCell,
  type ListableView,
  leases,
  type Table,
} from '@cairn/ledger';
import { records } from './records.ts';

function sum<T>(view: ListableView, table: Table<T>, amount: (record: T) => bigint): bigint {
  let total = 0n;
  for (const [, record] of records(view, table)) total += amount(record);
  return total;
}

/** Pebbles that records of compute and data keep back: deposits, bonds and the funds of leases. */
export function computeMoney(view: ListableView): bigint {
  return (
    sum(view, datasets, ({ recordDeposit }) => recordDeposit) +
    sum(view, deployments, ({ recordDeposit }) => recordDeposit) +
    sum(view, computeOrders, ({ recordDeposit }) => recordDeposit) +
    sum(view, bids, ({ recordDeposit, terms }) => recordDeposit + terms.bond) +
    sum(
      view,
      leases,
      ({ tenantDeposit, providerDeposit, terms, funds }) =>
        tenantDeposit + providerDeposit + terms.bond + funds,
    )
  );
}

/** Leases against the index that settles them, and what refers to each deployment. */
export function* brokenLeases(view: ListableView): Generator<string> {
  const there = [...leases.ids(view)].length;
  const { running } = dueCell.get(view);
  if (there !== running) yield `${there} leases run, the index counts ${running}`;
  const references = new Map<string, number>();
  for (const table of [computeOrders, leases])
    for (const [, { deployment }] of records<{ readonly deployment: Uint8Array }>(view, table)) {
      const id = bytesToHex(deployment);
      references.set(id, (references.get(id) ?? 0) + 1);
    }
  for (const [id, { references: counted }] of records(view, deployments)) {
    const refer = references.get(id) ?? 0;
    if (refer !== counted) yield `deployment ${id} counts ${counted} orders and leases, there are ${refer}`;
  }
}
