import {
  account,
  bytes32,
  bytesToHex,
  optional,
  type Shape,
  struct,
  text,
  u16,
  utf8ToBytes,
  withDefault,
} from '@cairn/core';
import { defineQuery, type QueryContext } from '../execution/query.ts';
import type { Table } from '../state/table.ts';
import { deploymentNames, deploymentShape, deployments } from './deployment.ts';
import { leaseShape, leases } from './lease.ts';
import { bidShape, bids, computeOrders, orderShape } from './market.ts';

const MAX_LISTED = 200;
const page = struct('ComputePage', { after: optional(bytes32), limit: withDefault(u16, 0) });

function schemaOf(shape: Shape<never> | Shape<unknown>) {
  return { type: 'object', properties: { id: bytes32.schema, ...(shape.schema.properties as object) } };
}

function describe<T>(table: Table<T>, { view }: QueryContext, id: string) {
  const record = table.get(view, id);
  return record === undefined ? null : { id, ...(table.shape.toJson(record) as object) };
}

function listOf<T>(
  table: Table<T>,
  context: QueryContext,
  { after, limit }: { readonly after: Uint8Array | null; readonly limit: number },
) {
  const most = limit === 0 ? MAX_LISTED : Math.min(limit, MAX_LISTED);
  const listed = [];
  for (const id of table.ids(context.view, '', after === null ? undefined : bytesToHex(after))) {
    if (listed.length >= most) break;
    listed.push(describe(table, context, id));
  }
  return listed;
}

function listQuery<T>(name: string, what: string, table: Table<T>) {
  return defineQuery({
    name,
    help: `${what}, at most ${MAX_LISTED} above \`after\`.`,
    params: page,
    result: { type: 'array', items: schemaOf(table.shape) },
    run: (context, asked) => listOf(table, context, asked),
  });
}

export const deploymentQuery = defineQuery({
  name: 'compute_deployment',
  help: 'One deployment by id; null when there is none.',
  params: struct('DeploymentParams', { deployment: bytes32 }),
  result: { anyOf: [schemaOf(deploymentShape), { type: 'null' }] },
  run: (context, { deployment }) => describe(deployments, context, bytesToHex(deployment)),
});

export const deploymentByNameQuery = defineQuery({
  name: 'compute_deploymentByName',
  help: 'The deployment of an owner with a name; null when there is none.',
  params: struct('DeploymentNameParams', { owner: account, name: text(48) }),
  result: { anyOf: [schemaOf(deploymentShape), { type: 'null' }] },
  run(context, { owner, name }) {
    const key = `${bytesToHex(owner)}/${bytesToHex(utf8ToBytes(name))}`;
    const named = deploymentNames.get(context.view, key);
    return named === undefined ? null : describe(deployments, context, bytesToHex(named.deployment));
  },
});

export const deploymentsQuery = listQuery('compute_deployments', 'Deployments', deployments);
export const ordersQuery = listQuery(
  'compute_orders',
  'Orders that wait for a bid to be taken',
  computeOrders,
);
export const leasesQuery = listQuery('compute_leases', 'Leases that run', leases);

export const leaseQuery = defineQuery({
  name: 'compute_lease',
  help: 'One lease that runs; null when there is none. Why one ended is in its event compute.leaseClosed.',
  params: struct('LeaseParams', { lease: bytes32 }),
  result: { anyOf: [schemaOf(leaseShape), { type: 'null' }] },
  run: (context, { lease }) => describe(leases, context, bytesToHex(lease)),
});

export const orderQuery = defineQuery({
  name: 'compute_order',
  help: 'One order with its bids; null when there is none.',
  params: struct('OrderParams', { order: bytes32 }),
  result: {
    anyOf: [
      {
        type: 'object',
        properties: {
          id: bytes32.schema,
          ...(orderShape.schema.properties as object),
          bids: { type: 'array', items: bidShape.schema },
        },
      },
      { type: 'null' },
    ],
  },
  run(context, { order }) {
    const hex = bytesToHex(order);
    const found = describe(computeOrders, context, hex);
    if (found === null) return null;
    const made = [...bids.ids(context.view, `${hex}/`)].map((id) => bids.get(context.view, id)!);
    return { ...found, bids: made.map((bid) => bidShape.toJson(bid)) };
  },
});
