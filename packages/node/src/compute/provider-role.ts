import { areBytesEqual, bytesToHex, hexToBytes } from '@cairn/core';
import type { BidTerms, DeploymentSpec, Lease } from '@cairn/ledger';
import type { RecordStore } from '@cairn/protocol';
import { type AccountClient, createChannelLedger } from '@cairn/sdk';
import { createPayee, type Payee } from '../miner/payee.ts';
import { PAYEE_RECEIPTS } from '../miner/payee-record.ts';
import { standingTask } from '../roles/background-task.ts';
import type { NodeParts, RunningRole } from '../roles/parts.ts';
import type { OwnDevice } from '../sealing/ledger-keys.ts';
import { createMinerSealing } from '../sealing/miner-sealing.ts';
import type { SealingKeyring } from '../sealing/sealing-keys.ts';
import type { HostedFunction } from './compute-parts.ts';
import { serveCalls } from './compute-serving.ts';
import { createDeploymentLoader, type LoaderOptions } from './deployment-loader.ts';
import { createFunctionPool, type PoolState } from './function-pool.ts';
import { fetchDeployment, fetchLeases, fetchOrders } from './ledger-rows.ts';

export interface ProviderOptions extends LoaderOptions {
  readonly name: string;
  /** The account that bids, serves and is paid. */
  readonly client: AccountClient;
  readonly records: RecordStore;
  /** What it asks for a slot of being ready, and for work. */
  readonly perSlot: bigint;
  readonly price: BidTerms['price'];
  /** Most it puts at stake for one lease, in pebbles. */
  readonly maxBond: bigint;
  /** Longest notice it promises. */
  readonly maxReclaimSlots: number;
  /** Most memory of all that it hosts, each at its most instances, in MiB. */
  readonly memoryMib: number;
  /** Cores that one instance may have. */
  readonly cores: number;
  /** Keys that calls are sealed to, put on the ledger. @default calls come in clear */
  readonly sealing?: SealingKeyring;
  /** This machine, named beside the keys. @default none: nobody from outside reaches it */
  readonly device?: OwnDevice | null;
  /** An instance without a call for this long ends. @default 30_000 */
  readonly idleMs?: number;
}

export interface ComputeProvider extends RunningRole {
  readonly payee: Payee;
  /** Deployments that run here by their hex id. */
  hosted(): ReadonlyMap<string, { readonly spec: DeploymentSpec; readonly state: PoolState }>;
  logs(deployment: string): readonly string[];
  /** Why it did not bid on an order that is open, by the order's hex id. */
  refusal(order: string): string | null;
}

/** What became of an order. */
interface Verdict {
  readonly deployment: string;
  /** Why there is no bid; null: there is none yet, or there is one. */
  reason: string | null;
  /** What is bid for. */
  bid: DeploymentSpec | null;
}

/** Bids on orders it can serve, runs what it has leases for, and answers paid calls. */
export async function startComputeProvider(
  parts: NodeParts,
  options: ProviderOptions,
): Promise<ComputeProvider> {
  const { client, transport, records } = options;
  const log = parts.log.child(options.name);
  const hosted = new Map<string, HostedFunction>();
  const loader = createDeploymentLoader(parts, options);
  /** Orders that were looked at: bid on, or refused for a reason. */
  const judged = new Map<string, Verdict>();
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
      : createMinerSealing(parts, client, options.sealing, null, options.device);
  const seal = sealing === null ? {} : { seal: sealing.seal };
  const serving = serveCalls({ ...parts, log, transport, payee, ...seal }, (id) => hosted.get(id));

  /** What may run here: what does, and what was bid for, since the tenants may accept all bids at once. */
  const promised = (): DeploymentSpec[] => [
    ...[...hosted.values()].map(({ spec }) => spec),
    ...[...judged.values()].flatMap(({ reason, bid }) => (reason === null && bid !== null ? [bid] : [])),
  ];

  /** @throws Error that says what of a deployment is more than there is */
  function checkRoom({ resources, maxInstances }: DeploymentSpec): void {
    const { memoryMib, cpuMilli, gpus } = resources;
    const taken = promised().reduce((sum, spec) => sum + spec.resources.memoryMib * spec.maxInstances, 0);
    if (taken + memoryMib * maxInstances > options.memoryMib)
      throw new Error(`it wants ${memoryMib} MiB for each of ${maxInstances} instances`);
    if (cpuMilli > options.cores * 1000)
      throw new Error(`it wants ${cpuMilli} thousandths of a core, and there are ${options.cores} cores`);
    const isTaken = promised().some((spec) => spec.resources.gpus > 0);
    if (gpus > 0 && (maxInstances > 1 || isTaken))
      throw new Error('all GPUs go to one instance of one deployment at a time');
  }

  type Order = Awaited<ReturnType<typeof fetchOrders>>[number];

  /** Bids on code only after it was loaded once: who cannot run it would lose its bond. */
  async function bidOn(order: Order, verdict: Verdict): Promise<void> {
    const { maxPerSlot, minBond, minReclaimSlots, bidders, tenant, deployment: bytes } = order.record;
    const isMine = (account: Uint8Array) => areBytesEqual(account, client.account);
    if (isMine(tenant)) return;
    const id = bytesToHex(bytes);
    const deployment = await fetchDeployment(parts.ledger, id);
    if (deployment === null) return;
    const { spec } = deployment;
    // It stood before this node was started again.
    if (bidders.some(isMine)) {
      verdict.bid = spec;
      return;
    }
    if (maxPerSlot < options.perSlot)
      throw new Error(`it pays ${maxPerSlot} pebbles a slot at most, below ${options.perSlot}`);
    if (minBond > options.maxBond || minReclaimSlots > options.maxReclaimSlots)
      throw new Error('it wants a larger bond, or a longer notice, than is given here');
    checkRoom(spec);
    verdict.bid = spec;
    const start = await loader.load(id, spec);
    const instance = await start();
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
    const start = await loader.load(id, spec);
    const pool = createFunctionPool(
      { ...parts, log, start },
      {
        minInstances: spec.minInstances,
        maxInstances: spec.maxInstances,
        ...(options.idleMs === undefined ? {} : { idleMs: options.idleMs }),
      },
    );
    hosted.set(id, { deployment: lease.deployment, spec, price: lease.terms.price, pool });
    log.info('a lease began', { deployment: id, name: spec.name });
  }

  /** @returns why it did not come about; null when it did */
  async function attempt(what: string, id: string, action: () => Promise<void>): Promise<string | null> {
    try {
      await action();
      return null;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      log.warn('compute was refused', { what, id, reason });
      return reason;
    }
  }

  /** One after the other, beside everything else: the layers of an image may take minutes to come. */
  let judging = Promise.resolve();
  function judge(order: Order): void {
    const verdict: Verdict = { deployment: bytesToHex(order.record.deployment), reason: null, bid: null };
    judged.set(order.id, verdict);
    judging = judging.then(async () => {
      verdict.reason = await attempt('order', order.id, () => bidOn(order, verdict));
    });
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
      await loader.release(id);
      log.info('a lease ended', { deployment: id });
    }
    for (const [id, lease] of wanted) if (!hosted.has(id)) await attempt('lease', id, () => host(lease));
    const orders = await fetchOrders(parts.ledger);
    const open = new Set(orders.map(({ id }) => id));
    for (const [id, { deployment }] of judged) {
      if (open.has(id)) continue;
      judged.delete(id);
      if (!hosted.has(deployment) && !wanted.has(deployment)) await loader.release(deployment);
    }
    for (const order of orders) if (!judged.has(order.id)) judge(order);
  }

  await sealing?.register();
  await loader.sweep();
  await look();
  const watched = { ...parts, log };
  const watch = standingTask(watched, 'leases', async (signal) => {
    // Read first, so that no event falls between the look and the watch.
    const from = (await parts.ledger.status()).height + 1;
    await look();
    for await (const _ of parts.ledger.events({ names: ['compute.*'], from, signal })) await look();
  });
  const claims = standingTask(watched, 'claims', async (signal) => {
    for await (const { height } of parts.ledger.events({ names: ['chain.committed'], signal })) {
      await payee.onBlock(height);
      await sealing?.onBlock(height);
    }
  });
  return {
    kind: 'compute',
    name: options.name,
    note: options.containers === undefined ? 'runs functions' : 'runs functions and images',
    address: client.address,
    rotateSealing: sealing?.rotate ?? null,
    payee,
    answers: () => [...records.keys(PAYEE_RECEIPTS)].length,
    hosted: () => new Map([...hosted].map(([id, { spec, pool }]) => [id, { spec, state: pool.state }])),
    logs: (deployment) => hosted.get(deployment)?.pool.logs() ?? [],
    refusal: (order) => judged.get(order)?.reason ?? null,
    async [Symbol.asyncDispose]() {
      await watch[Symbol.asyncDispose]();
      await claims[Symbol.asyncDispose]();
      await judging;
      await serving[Symbol.asyncDispose]();
      for (const { pool } of hosted.values()) await pool[Symbol.asyncDispose]();
      await transport[Symbol.asyncDispose]();
      await records[Symbol.asyncDispose]();
    },
  };
}
