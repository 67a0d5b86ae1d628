import {
  account,
  bytes32,
  type Crypto,
  choice,
  concatBytes,
  encode,
  struct,
  text,
  u8,
  u16,
  u32,
  u64,
  utf8ToBytes,
  type ValueOf,
} from '@cairn/core';
import { defineTable } from '../state/table.ts';

/** What a deployment runs. `wasm` and `javascript` are functions by the hash of their code, `image` is an OCI image by digest. */
export const DEPLOYMENT_KINDS = ['wasm', 'javascript', 'model', 'image'] as const;

const resourcesShape = struct('Resources', {
  /** Thousandths of a CPU core for each instance. */
  cpuMilli: u32,
  /** MiB of memory for each instance. */
  memoryMib: u32,
  /** Longest time of one call, in milliseconds of the provider's clock. */
  timeMs: u32,
  gpus: u8,
});
export type Resources = ValueOf<typeof resourcesShape>;

export const deploymentSpecShape = struct('DeploymentSpec', {
  /** Unique among the owner's. */
  name: text(48),
  kind: choice('kind', DEPLOYMENT_KINDS, u8),
  /** SHA-256 of the code, the model's artifact or the image's manifest: what is run is this and nothing else. */
  code: bytes32,
  codeBytes: u64,
  /** Where the code is fetched: a peer that serves the blob, or the repository of an image. */
  source: text(200),
  resources: resourcesShape,
  /** Instances kept warm; 0: none runs while nobody calls. */
  minInstances: u16,
  maxInstances: u16,
});
export type DeploymentSpec = ValueOf<typeof deploymentSpecShape>;

/** Why a lease ended. */
export const CLOSE_REASONS = ['tenantClosed', 'fundsEnded', 'reclaimed', 'abandoned'] as const;
export type CloseReason = (typeof CLOSE_REASONS)[number];

export const deploymentShape = struct('Deployment', {
  owner: account,
  spec: deploymentSpecShape,
  publishedHeight: u64,
  /** Open orders and leases that refer to it. */
  references: u16,
  recordDeposit: u64,
});
export type Deployment = ValueOf<typeof deploymentShape>;

/** Deployment id → deployment. */
export const deployments = defineTable('compute', 'deployment', deploymentShape);

/** `<owner hex>/<name hex>` → deployment. */
export const deploymentNames = defineTable(
  'compute',
  'name',
  struct('DeploymentName', { deployment: bytes32 }),
);

/** Most orders and leases of one deployment at a time. */
export const MAX_REFERENCES = 64;

/** Bytes that the deposit counts beside the spec: the other fields, and the entry of its name. */
export const DEPLOYMENT_EXTRA_BYTES = 300;

/** Id of a deployment: another code or other bounds are another deployment. */
export function deploymentIdOf(crypto: Crypto, owner: Uint8Array, spec: DeploymentSpec): Uint8Array {
  return crypto.sha256(
    concatBytes(utf8ToBytes('cairn/deployment/v1'), owner, encode(deploymentSpecShape, spec)),
  );
}

/** Sentence for what is wrong with a spec that decodes; null when it is fine. */
export function findSpecFault(spec: DeploymentSpec): string | null {
  const { cpuMilli, memoryMib, timeMs, gpus } = spec.resources;
  if (!/^[a-z0-9](?:[a-z0-9-]{0,46}[a-z0-9])?$/.test(spec.name))
    return 'The name has 1 to 48 lower-case letters, digits and dashes, and neither begins nor ends with a dash.';
  if (spec.codeBytes === 0n) return 'The code has no bytes.';
  if (cpuMilli < 1 || cpuMilli > 1_024_000) return 'An instance has 1 to 1,024,000 thousandths of a core.';
  if (memoryMib < 1 || memoryMib > 16_777_216) return 'An instance has 1 to 16,777,216 MiB of memory.';
  if (timeMs < 1 || timeMs > 86_400_000) return 'A call takes 1 to 86,400,000 ms.';
  if (gpus > 0 && (spec.kind === 'wasm' || spec.kind === 'javascript'))
    return 'A function has no GPU. Deploy an image or a model.';
  if (spec.maxInstances < 1 || spec.maxInstances > 1_000) return 'There are 1 to 1,000 instances at most.';
  if (spec.minInstances > spec.maxInstances)
    return `At least ${spec.minInstances} instances are more than at most ${spec.maxInstances}.`;
  return null;
}
