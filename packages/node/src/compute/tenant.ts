import {
  accountIdToAddress,
  addressToAccountId,
  areBytesEqual,
  bytesToHex,
  formatAmount,
  hexToBytes,
} from '@cairn/core';
import type { Meter } from '@cairn/gateway';
import { type DeploymentSpec, deploymentIdOf, priceOf } from '@cairn/ledger';
import type { Transport } from '@cairn/protocol';
import { type AccountClient, type CallOutcome, callFunction, type Payer, type SealParts } from '@cairn/sdk';
import { NodeError } from '../errors.ts';
import type { NodeParts } from '../roles/parts.ts';
import { fetchDeployments, fetchLeases, fetchOrders } from './ledger-rows.ts';
import { type CallFor, meterCall } from './metered-call.ts';
import { callPatiently } from './patient-call.ts';
import { type ImageReference, publishImageArchive } from './publish-image.ts';

export interface TenantParts {
  readonly parts: NodeParts;
  /** Owns deployments and leases. */
  readonly client: AccountClient;
  /** Pays for calls. */
  readonly payer: Payer;
  readonly transport: Transport;
  /** Absent: calls go in clear. */
  readonly seal?: SealParts;
  /** Most pebbles that one call may cost at worst. */
  readonly mostPerCall: bigint;
  /** Holds and counts what a call costs its caller. @default nobody does */
  readonly reserve?: Meter['reserve'];
  /** Makes code public, so that providers can fetch it. */
  readonly publish: (code: Uint8Array) => Promise<unknown>;
  /** Why a provider of this node does not bid on an order. @default it has none */
  readonly refusal?: (order: string) => string | null;
  /** How much longer other bids are waited for once there is one, or a refusal. @default 3_000 */
  readonly othersMs?: number;
}

export interface DeployRequest {
  readonly spec: Omit<DeploymentSpec, 'code' | 'codeBytes' | 'source'>;
  readonly code: Uint8Array | ImageReference;
  readonly maxPerSlot: bigint;
  readonly minBond: bigint;
  readonly minReclaimSlots: number;
  /** Pebbles put into the lease. */
  readonly funds: bigint;
  /** Longest wait for bids. @default 20_000 */
  readonly waitMs?: number;
}

export interface Deployed {
  readonly deployment: string;
  readonly lease: string;
  readonly provider: string;
  readonly perSlot: string;
  readonly bids: number;
}

export interface DeploymentRow {
  readonly deployment: string;
  readonly name: string;
  readonly kind: string;
  readonly owner: string;
  readonly code: string;
  readonly minInstances: number;
  readonly maxInstances: number;
  /** Thousandths of a core that an instance has. */
  readonly cpuMilli: number;
  /** Milliseconds that one call may run. */
  readonly timeMs: number;
  readonly leases: readonly {
    readonly lease: string;
    readonly provider: string;
    readonly perSlot: string;
    readonly funds: string;
    readonly reclaimSlot: string;
  }[];
}

/** Deploys, calls and stops functions for the owner of this node. */
export interface Tenant {
  /** @throws NodeError `NO_BIDS` when nobody wants the order in time, with why our own provider does not; it is cancelled then */
  deploy(request: DeployRequest): Promise<Deployed>;
  /** Publishes the parts of an image in an OCI archive. @throws EngineError `IMAGE_REFUSED` */
  publishImage(path: string): Promise<ImageReference>;
  list(): Promise<DeploymentRow[]>;
  /** By name, or by hex id. @throws NodeError `DEPLOYMENT_UNKNOWN`, `NOT_LEASED` */
  find(nameOrId: string): Promise<DeploymentRow>;
  call(nameOrId: string, input: Uint8Array, maxWork: number, whom?: CallFor): Promise<CallOutcome>;
  /** Closes all leases and orders of a deployment, and retires it. */
  stop(nameOrId: string): Promise<DeploymentRow>;
}

const LOOK_MS = 200;
/** How much longer others are waited for when one has bid, or our own provider has refused: they see a block later. */
const OTHERS_MS = 3_000;
const ORDER_SLOTS = 600n;

export function createTenant(tenant: TenantParts): Tenant {
  const { parts, client, payer, transport, publish, mostPerCall, othersMs = OTHERS_MS } = tenant;
  const { ledger, crypto, random, timer, clock } = parts;
  const pause = (ms: number) => new Promise<void>((resolve) => timer.schedule(ms, resolve));

  async function list(): Promise<DeploymentRow[]> {
    const [deployments, leases] = await Promise.all([fetchDeployments(ledger), fetchLeases(ledger)]);
    return deployments.map(({ id, record: { spec, owner } }) => ({
      deployment: id,
      name: spec.name,
      kind: spec.kind,
      owner: accountIdToAddress(owner),
      code: bytesToHex(spec.code),
      minInstances: spec.minInstances,
      maxInstances: spec.maxInstances,
      cpuMilli: spec.resources.cpuMilli,
      timeMs: spec.resources.timeMs,
      leases: leases
        .filter(({ record }) => bytesToHex(record.deployment) === id)
        .map(({ id: lease, record }) => ({
          lease,
          provider: accountIdToAddress(record.provider),
          perSlot: record.terms.perSlot.toString(),
          funds: record.funds.toString(),
          reclaimSlot: record.reclaimSlot.toString(),
        })),
    }));
  }

  async function find(nameOrId: string): Promise<DeploymentRow> {
    const rows = await list();
    const found =
      rows.find(({ deployment }) => deployment === nameOrId) ??
      rows.find(({ name, owner }) => name === nameOrId && owner === client.address) ??
      rows.find(({ name }) => name === nameOrId);
    if (found !== undefined) return found;
    throw new NodeError(
      { code: 'DEPLOYMENT_UNKNOWN', deployment: nameOrId },
      `There is no deployment ${nameOrId.slice(0, 80)}. See cairn deployment list.`,
    );
  }

  /** The id of the order that a transaction of ours made. */
  async function order(deployment: Uint8Array, { maxPerSlot, minBond, minReclaimSlots }: DeployRequest) {
    const { slot } = await ledger.query<{ slot: string }>('governance_status', {});
    const { events } = await client.send('compute.order', {
      deployment,
      netuid: 0,
      maxPerSlot,
      minBond,
      minReclaimSlots,
      expirySlot: BigInt(slot) + ORDER_SLOTS,
    });
    return events.find(({ name }) => name === 'compute.ordered')?.data.order as string;
  }

  interface BidRow {
    readonly provider: string;
    readonly terms: { readonly perSlot: string; readonly price: { readonly outputPerMillion: string } };
  }

  /** Bids of an order, the cheapest first, once there is one and others had their time. */
  async function waitForBids(id: string, waitMs: number): Promise<BidRow[]> {
    let untilMs = clock.nowMs() + waitMs;
    let isAnswered = false;
    for (;;) {
      const { bids } = await ledger.query<{ bids: BidRow[] }>('compute_order', { order: id });
      const dearness = ({ terms }: BidRow) => BigInt(terms.perSlot) + BigInt(terms.price.outputPerMillion);
      if (clock.nowMs() >= untilMs)
        return bids.sort((one, other) => (dearness(one) < dearness(other) ? -1 : 1));
      if (!isAnswered && (bids.length > 0 || refusalOf(id) !== null)) {
        isAnswered = true;
        untilMs = Math.min(untilMs, clock.nowMs() + othersMs);
      }
      await pause(LOOK_MS);
    }
  }

  const refusalOf = (id: string): string | null => tenant.refusal?.(id) ?? null;

  async function whatToRun(code: DeployRequest['code']) {
    if ('digest' in code) {
      const { digest, sizeBytes, repository } = code;
      return { code: digest, codeBytes: BigInt(sizeBytes), source: repository ?? transport.peer };
    }
    await publish(code);
    return { code: crypto.sha256(code), codeBytes: BigInt(code.length), source: transport.peer };
  }

  return {
    list,
    find,
    publishImage: (path) => publishImageArchive(path, publish),
    async deploy(request) {
      const { code, spec: wanted, funds, waitMs = 20_000 } = request;
      const spec: DeploymentSpec = { ...wanted, ...(await whatToRun(code)) };
      const deployment = deploymentIdOf(crypto, client.account, spec);
      const hex = bytesToHex(deployment);
      const isNew = (await ledger.query('compute_deployment', { deployment: hex })) === null;
      if (isNew) await client.send('compute.publish', { spec });
      const id = await order(deployment, request);
      const bids = await waitForBids(id, waitMs);
      const [best] = bids;
      if (best === undefined) {
        const refusal = refusalOf(id);
        await client.send('compute.cancelOrder', { order: hexToBytes(id) });
        // Its name is free again for another try.
        if (isNew) await client.send('compute.retire', { deployment });
        throw new NodeError(
          { code: 'NO_BIDS', order: id, waitMs, refusal },
          refusal === null
            ? `No provider bid on order ${id} within ${waitMs} ms, and it was cancelled. Offer more for a slot, ask for less, or wait longer.`
            : `No provider bid on order ${id}, and it was cancelled. The provider of this node said: ${refusal}`,
        );
      }
      const provider = addressToAccountId(best.provider);
      await client.send('compute.accept', { order: hexToBytes(id), provider, funds });
      return {
        deployment: hex,
        lease: id,
        provider: best.provider,
        perSlot: best.terms.perSlot,
        bids: bids.length,
      };
    },
    async call(nameOrId, input, maxWork, { caller = 'local', onSpent, signal } = {}) {
      const { deployment, name, owner, code, kind, cpuMilli, timeMs } = await find(nameOrId);
      const running = (await fetchLeases(ledger))
        .map(({ record }) => record)
        .filter((lease) => bytesToHex(lease.deployment) === deployment)
        .sort((one, other) => (costOf(one, input, maxWork) < costOf(other, input, maxWork) ? -1 : 1));
      const [lease] = running;
      if (lease === undefined) {
        throw new NodeError(
          { code: 'NOT_LEASED', deployment },
          `No provider runs ${nameOrId.slice(0, 80)}: its leases ended. Deploy it again.`,
        );
      }
      const could = costOf(lease, input, maxWork);
      if (could > mostPerCall) {
        throw new NodeError(
          { code: 'CALL_TOO_DEAR', most: mostPerCall, could },
          `${maxWork} ms of CPU time may cost ${formatAmount(could)} CAIRN, above the ${formatAmount(mostPerCall)} that this node pays for one answer. Allow less work, or raise mostPerAnswer.`,
        );
      }
      const { terms, provider, netuid } = lease;
      // A stranger's function may have any name.
      const model = owner === client.address ? name : deployment;
      const costSoFar = (work: number) => costOf(lease, input, work);
      return meterCall(tenant.reserve, { caller, model, could, costSoFar, onSpent }, (onWork) =>
        callPatiently({ nowMs: clock.nowMs, pause }, () =>
          callFunction(
            { ...parts, transport, payer, ...(tenant.seal === undefined ? {} : { seal: tenant.seal }) },
            {
              place: {
                deployment: hexToBytes(deployment),
                code: hexToBytes(code),
                // A function has one thread; the processes of a container have as many cores as it has.
                cores: kind === 'image' ? Math.max(1, cpuMilli / 1000) : 1,
                provider,
                peer: terms.peer,
                netuid,
                price: terms.price,
                timeMs,
              },
              input,
              maxWork,
              idempotencyKey: bytesToHex(random.bytes(16)),
              onWork,
              ...(signal === undefined ? {} : { signal }),
            },
          ),
        ),
      );
    },
    async stop(nameOrId) {
      const row = await find(nameOrId);
      for (const { lease } of row.leases) await client.send('compute.close', { lease: hexToBytes(lease) });
      const id = hexToBytes(row.deployment);
      for (const open of await fetchOrders(ledger))
        if (areBytesEqual(open.record.deployment, id))
          await client.send('compute.cancelOrder', { order: hexToBytes(open.id) });
      await client.send('compute.retire', { deployment: id });
      return row;
    },
  };
}

const costOf = (
  { terms }: { readonly terms: { readonly price: Parameters<typeof priceOf>[0] } },
  input: Uint8Array,
  maxWork: number,
): bigint => priceOf(terms.price, (input.length + 1023) >>> 10, 0, maxWork);
