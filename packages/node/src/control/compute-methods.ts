import {
  accountIdToAddress,
  optional,
  struct,
  text,
  u8,
  u16,
  u32,
  u64,
  type ValueOf,
  withDefault,
} from '@cairn/core';
import { DEPLOYMENT_KINDS } from '@cairn/ledger';
import { MAX_CALL_BYTES, privacyLevelOf } from '@cairn/protocol';
import { checkDeployment } from '../compute/check-deployment.ts';
import type { ComputeDesk } from '../compute/compute-desk.ts';
import { findImageInRegistry, type ImageReference } from '../compute/publish-image.ts';
import type { Tenant } from '../compute/tenant.ts';
import { NO_PARAMS, RpcError, type RpcMethod } from '../rpc/method.ts';
import { parseParams } from '../rpc/params.ts';
import { LOCAL_COMPUTE } from '../up/plan.ts';

const object = { type: 'object' };
/** Base64 of the largest code that fits a body of the control socket. */
const MAX_CODE_CHARACTERS = 6 * 1024 * 1024;
/** Longest wait for bids on an image, whose layers every bidder fetches first. */
const IMAGE_WAIT_MS = 300_000;

const deployShape = struct('DeployParams', {
  name: text(48),
  kind: text(16),
  memoryMib: withDefault(u32, 64),
  timeMs: withDefault(u32, 10_000),
  cpuMilli: withDefault(u32, 1_000),
  minInstances: withDefault(u16, 0),
  maxInstances: withDefault(u16, 4),
  /** Pebbles put into the lease; the usual amount when left out. */
  funds: optional(u64),
  maxPerSlot: optional(u64),
  gpus: withDefault(u8, 0),
  /** An image by its repository and the SHA-256 of its manifest in hex. */
  image: optional(struct('ImageByDigest', { repository: text(200), digest: text(64) })),
  /** An OCI archive, by its path on the machine of this node. */
  archive: optional(text(4_096)),
});
const namedShape = struct('NamedDeployment', { name: text(64) });
const callShape = struct('CallParams', { name: text(64), maxWork: withDefault(u32, 10_000) });

/** What the owner of a node deploys, calls and stops. */
export function computeMethods(compute: ComputeDesk): RpcMethod[] {
  return [
    deployMethod(compute),
    listMethod(compute),
    logsMethod(compute),
    stopMethod(compute),
    callMethod(compute),
  ];
}

function deployMethod(compute: ComputeDesk): RpcMethod {
  return {
    name: 'node_deploy',
    help: 'Publishes a function or an image, orders compute for it and takes the cheapest bid. A function has `code` in base64; an image has `image` or `archive` in its place.',
    params: {
      ...deployShape.schema,
      properties: { ...(deployShape.schema.properties as object), code: { type: 'string' } },
    },
    result: object,
    async run(given) {
      const { code, ...rest } = given as { code?: unknown };
      const wanted = parseParams(deployShape, rest);
      const kind = DEPLOYMENT_KINDS.find((known) => known === wanted.kind);
      if (kind === undefined) throw invalid(`A deployment is one of ${DEPLOYMENT_KINDS.join(', ')}.`);
      const { cpuMilli, memoryMib, timeMs, gpus, minInstances, maxInstances, name } = wanted;
      const spec = {
        name,
        kind,
        resources: { cpuMilli, memoryMib, timeMs, gpus },
        minInstances,
        maxInstances,
      };
      checkDeployment(spec);
      const tenant = await compute.tenant();
      return tenant.deploy({
        spec,
        code: kind === 'image' ? await imageOf(wanted, tenant) : fromBase64(code, MAX_CODE_CHARACTERS),
        maxPerSlot: wanted.maxPerSlot ?? LOCAL_COMPUTE.perSlot,
        minBond: LOCAL_COMPUTE.minBond,
        minReclaimSlots: LOCAL_COMPUTE.minReclaimSlots,
        funds: wanted.funds ?? LOCAL_COMPUTE.funds,
        ...(kind === 'image' ? { waitMs: IMAGE_WAIT_MS } : {}),
      });
    },
  };
}

function imageOf({ image, archive }: ValueOf<typeof deployShape>, tenant: Tenant): Promise<ImageReference> {
  if ((image === null) === (archive === null))
    throw invalid('An image is named by image or by archive, and by one of them.');
  return archive === null
    ? findImageInRegistry(image!.repository, image!.digest)
    : tenant.publishImage(archive);
}

function listMethod(compute: ComputeDesk): RpcMethod {
  return {
    name: 'node_deployments',
    help: 'Deployments on the ledger with their leases, and the instances of those that run in this node.',
    params: NO_PARAMS,
    result: { type: 'array', items: object },
    async run() {
      const [tenant, provider] = [await compute.tenant(), await compute.provider()];
      const hosted = provider?.hosted();
      const rows = await tenant.list();
      return rows.map((row) => ({ ...row, instances: hosted?.get(row.deployment)?.state ?? null }));
    },
  };
}

function logsMethod(compute: ComputeDesk): RpcMethod {
  return {
    name: 'node_deploymentLogs',
    help: 'What a function that runs in this node printed lately.',
    params: namedShape.schema,
    result: { type: 'array', items: { type: 'string' } },
    async run(given) {
      const { name } = parseParams(namedShape, given);
      const { deployment } = await (await compute.tenant()).find(name);
      return (await compute.provider())?.logs(deployment) ?? [];
    },
  };
}

function stopMethod(compute: ComputeDesk): RpcMethod {
  return {
    name: 'node_stopDeployment',
    help: 'Closes the leases and orders of a deployment of this node and retires it; what is left of the funds returns.',
    params: namedShape.schema,
    result: object,
    run: async (given) => (await compute.tenant()).stop(parseParams(namedShape, given).name),
  };
}

function callMethod(compute: ComputeDesk): RpcMethod {
  return {
    name: 'node_call',
    help: 'Calls a deployed function and pays for its work. `input` is base64; so is `output`.',
    params: {
      ...callShape.schema,
      properties: { ...(callShape.schema.properties as object), input: { type: 'string' } },
    },
    result: object,
    async run(given) {
      const { input, ...rest } = given as { input?: unknown };
      const { name, maxWork } = parseParams(callShape, rest);
      const tenant = await compute.tenant();
      const outcome = await tenant.call(name, fromBase64(input, MAX_CALL_BYTES * 2), maxWork);
      const { output, ...answer } = outcome.answer;
      const { price, provider } = outcome.receipt.receipt;
      return {
        ...answer,
        output: Buffer.from(output).toString('base64'),
        cost: price.toString(),
        provider: accountIdToAddress(provider),
        receipt: outcome.receiptId,
        privacy: privacyLevelOf(outcome.sealed),
      };
    },
  };
}

function fromBase64(given: unknown, mostCharacters: number): Uint8Array {
  if (typeof given !== 'string' || given.length > mostCharacters || !/^[A-Za-z0-9+/]*={0,2}$/.test(given))
    throw invalid(`The bytes are base64 of at most ${mostCharacters} characters.`);
  return Uint8Array.from(Buffer.from(given, 'base64'));
}

function invalid(reason: string): RpcError {
  return new RpcError({ code: 'RPC_PARAMS_INVALID', reason }, reason);
}
