import { areBytesEqual, bytesToHex, hexToBytes } from '@cairn/core';
import type { BidTerms, Deployment, DeploymentSpec, Lease } from '@cairn/ledger';
import type { BlobStore, RecordStore, Sandbox, SandboxCode, Transport } from '@cairn/protocol';
import { type AccountClient, createChannelLedger } from '@cairn/sdk';
import { fetchBlob } from '../blobs/fetch-blob.ts';
import { createPayee, type Payee } from '../miner/payee.ts';
import { PAYEE_RECEIPTS } from '../miner/payee-record.ts';
import { backgroundTask } from '../roles/background-task.ts';
import type { NodeParts, RunningRole } from '../roles/parts.ts';
import { createMinerSealing } from '../sealing/miner-sealing.ts';
import type { SealingKeyring } from '../sealing/sealing-keys.ts';
import type { HostedFunction } from './compute-parts.ts';
import { serveCalls } from './compute-serving.ts';
import { createFunctionPool, type PoolState } from './function-pool.ts';
import { fetchDeployment, fetchLeases, fetchOrders } from './ledger-rows.ts';

/** Leases have no last slot, so an old key opens as long as the keyring keeps it. */
const FOREVER_SLOT = 0xffff_ffff_ffff_ffffn;

export interface ProviderOptions {
  readonly name: string;
  /** The account that bids, serves and is paid. */
  readonly client: AccountClient;
  readonly transport: Transport;
  readonly records: RecordStore;
  readonly sandbox: Sandbox;
  readonly blobs: BlobStore;
  /** What it asks for a slot of being ready, and for work. */
  readonly perSlot: bigint;
  readonly price: BidTerms['price'];
  /** Most it puts at stake for one lease, in pebbles. */
  readonly maxBond: bigint;
  /** Longest notice it promises. */
  readonly maxReclaimSlots: number;
  /** Most memory of all that it hosts, each at its most instances, in MiB. */
  readonly memoryMib: number;
  /** Keys that calls are sealed to, put on the ledger. @default calls come in clear */
  readonly sealing?: SealingKeyring;
  /** An instance without a call for this long ends. @default 30_000 */
  readonly idleMs?: number;
}

export interface ComputeProvider extends RunningRole {
  readonly payee: Payee;
  /** Deployments that run here by their hex id. */
  hosted(): ReadonlyMap<string, { readonly spec: DeploymentSpec; readonly state: PoolState }>;
  logs(deployment: string): readonly string[];
}

/** Bids on orders it can serve, runs what it has leases for, and answers paid calls. */
export async function startComputeProvider(
  parts: NodeParts,
  options: ProviderOptions,
): Promise<ComputeProvider> {
  const { client, transport, records, sandbox, blobs } = options;
  const log = parts.log.child(options.name);
  const hosted = new Map<string, HostedFunction>();
  /** Orders that were looked at: bid on, or not for this provider. */
  const judged = new Set<string>();
  const payee = createPayee({
    ...parts,
    log,
    payee: client.account,
    signer: client.signer,
    ledger: createChannelLedger(client, parts.ledger),
    records,
  });
  const sealing =
    options.sealing === undefined
      ? null
      : createMinerSealing(parts, client, options.sealing, () => FOREVER_SLOT);
  const seal = sealing === null ? {} : { seal: sealing.seal };
  const serving = serveCalls({ ...parts, log, transport, payee, ...seal }, (id) => hosted.get(id));

  async function codeOf({ code, source }: DeploymentSpec): Promise<Uint8Array | null> {
    const id = bytesToHex(code);
    const kept = await blobs.get(id);
    if (kept !== null) return kept;
    const fetched = await fetchBlob({ ...parts, transport }, source, id);
    if (fetched !== null) await blobs.put(fetched);
    return fetched;
  }

  async function load({ spec }: Deployment): Promise<SandboxCode> {
    if (spec.kind !== 'wasm' && spec.kind !== 'javascript')
      throw new Error(`this provider runs functions, not ${spec.kind}s`);
    const bytes = await codeOf(spec);
    if (bytes === null) throw new Error(`its source does not have its code`);
    return { kind: spec.kind, bytes, memoryBytes: spec.resources.memoryMib * 1024 * 1024 };
  }

  const memoryInUse = () =>
    [...hosted.values()].reduce((sum, { spec }) => sum + spec.resources.memoryMib * spec.maxInstances, 0);

  /** Bids on code only after it was loaded once: who cannot run it would lose its bond. */
  async function bidOn(order: Awaited<ReturnType<typeof fetchOrders>>[number]): Promise<void> {
    const { maxPerSlot, minBond, minReclaimSlots, bidders, tenant, deployment: id } = order.record;
    const isMine = [tenant, ...bidders].some((account) => areBytesEqual(account, client.account));
    const isTooDear =
      maxPerSlot < options.perSlot || minBond > options.maxBond || minReclaimSlots > options.maxReclaimSlots;
    if (isMine || isTooDear) return;
    const deployment = await fetchDeployment(parts.ledger, bytesToHex(id));
    if (deployment === null) return;
    const { memoryMib } = deployment.spec.resources;
    if (memoryInUse() + memoryMib * deployment.spec.maxInstances > options.memoryMib)
      throw new Error(`it wants ${memoryMib} MiB for each of ${deployment.spec.maxInstances} instances`);
    const instance = await sandbox.start(await load(deployment));
    await instance[Symbol.asyncDispose]();
    await client.send('compute.bid', {
      order: hexToBytes(order.id),
      terms: {
        perSlot: options.perSlot,
        price: options.price,
        bond: minBond,
        reclaimSlots: minReclaimSlots,
        peer: transport.peer,
      },
    });
  }

  async function host(lease: Lease): Promise<void> {
    const id = bytesToHex(lease.deployment);
    const deployment = await fetchDeployment(parts.ledger, id);
    if (deployment === null) return;
    const { spec } = deployment;
    const pool = createFunctionPool({ ...parts, log, sandbox }, await load(deployment), {
      minInstances: spec.minInstances,
      maxInstances: spec.maxInstances,
      ...(options.idleMs === undefined ? {} : { idleMs: options.idleMs }),
    });
    hosted.set(id, { deployment: lease.deployment, spec, price: lease.terms.price, pool });
    log.info('a lease began', { deployment: id, name: spec.name });
  }

  async function attempt(what: string, id: string, action: () => Promise<void>): Promise<void> {
    try {
      await action();
    } catch (error) {
      log.warn('compute was refused', {
        what,
        id,
        reason: error instanceof Error ? error.message : String(error),
      });
    }
  }

  async function look(): Promise<void> {
    const mine = (await fetchLeases(parts.ledger)).filter(({ record }) =>
      areBytesEqual(record.provider, client.account),
    );
    const wanted = new Map(mine.map(({ record }) => [bytesToHex(record.deployment), record]));
    for (const [id, { pool }] of hosted) {
      if (wanted.has(id)) continue;
      hosted.delete(id);
      await pool[Symbol.asyncDispose]();
      log.info('a lease ended', { deployment: id });
    }
    for (const [id, lease] of wanted) if (!hosted.has(id)) await attempt('lease', id, () => host(lease));
    const orders = await fetchOrders(parts.ledger);
    const open = new Set(orders.map(({ id }) => id));
    for (const id of judged) if (!open.has(id)) judged.delete(id);
    for (const order of orders) {
      if (judged.has(order.id)) continue;
      judged.add(order.id);
      await attempt('order', order.id, () => bidOn(order));
    }
  }

  await sealing?.register();
  await look();
  const watch = backgroundTask(log, 'leases', async (signal) => {
    for await (const _ of parts.ledger.events({ names: ['compute.*'], signal })) await look();
  });
  const claims = backgroundTask(log, 'claims', async (signal) => {
    for await (const { height } of parts.ledger.events({ names: ['chain.committed'], signal }))
      await payee.onBlock(height);
  });
  return {
    kind: 'compute',
    name: options.name,
    note: 'runs functions',
    address: client.address,
    payee,
    answers: () => [...records.keys(PAYEE_RECEIPTS)].length,
    hosted: () => new Map([...hosted].map(([id, { spec, pool }]) => [id, { spec, state: pool.state }])),
    logs: (deployment) => hosted.get(deployment)?.pool.logs() ?? [],
    async [Symbol.asyncDispose]() {
      await watch[Symbol.asyncDispose]();
      await claims[Symbol.asyncDispose]();
      await serving[Symbol.asyncDispose]();
      for (const { pool } of hosted.values()) await pool[Symbol.asyncDispose]();
      await transport[Symbol.asyncDispose]();
      await records[Symbol.asyncDispose]();
    },
  };
}
