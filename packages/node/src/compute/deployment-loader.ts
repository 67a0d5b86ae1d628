import { bytesToHex } from '@cairn/core';
import {
  type ContainerHost,
  createRegistrySource,
  type HostedImage,
  type ImageSource,
  MAX_MANIFEST_BYTES,
  parseRepository,
} from '@cairn/engines';
import type { DeploymentSpec } from '@cairn/ledger';
import {
  type BlobStore,
  MAX_BLOB_BYTES,
  type Sandbox,
  type SandboxInstance,
  type Transport,
} from '@cairn/protocol';
import { fetchBlob } from '../blobs/fetch-blob.ts';
import type { NodeParts } from '../roles/parts.ts';

export interface LoaderOptions {
  readonly transport: Transport;
  readonly blobs: BlobStore;
  readonly sandbox: Sandbox;
  /** Runs images. @default images are refused */
  readonly containers?: ContainerHost;
  /** Hosts of registries that images may come from. */
  readonly registries: readonly string[];
}

/** Makes instances of what deployments name. */
export interface DeploymentLoader {
  /** @param id of the deployment, in hex. @throws Error that says why it does not run here */
  load(id: string, spec: DeploymentSpec): Promise<() => Promise<SandboxInstance>>;
  /** Forgets what was kept for a deployment, once none of it runs. */
  release(id: string): Promise<void>;
  /** Ends what was left over from a run that was cut short. */
  sweep(): Promise<void>;
}

const MIB = 1024 * 1024;
/** Most code of a function that is fetched for a stranger, and kept. */
const MAX_FUNCTION_BYTES = 8n * 1024n * 1024n;

export function createDeploymentLoader(
  parts: Pick<NodeParts, 'crypto' | 'timer'>,
  options: LoaderOptions,
): DeploymentLoader {
  const { transport, blobs, sandbox, containers, registries } = options;
  const images = new Map<string, HostedImage>();

  /** Bytes by their hash, from the peer that a deployment names. */
  async function fetchFrom(source: string, id: string, maxBytes = MAX_BLOB_BYTES): Promise<Uint8Array> {
    const kept = await blobs.get(id);
    if (kept !== null) return kept;
    const fetched = await fetchBlob({ ...parts, transport }, source, id, { maxBytes });
    if (fetched === null) throw new Error(`its source does not have ${id}`);
    return fetched;
  }

  /** What is small is kept: with it and the store of the runtime, an image runs while its source is away. */
  function peerSource(peer: string): ImageSource {
    return {
      async read(_, digest) {
        const bytes = await fetchFrom(peer, digest);
        if (bytes.length <= MAX_MANIFEST_BYTES) await blobs.put(bytes);
        return (async function* () {
          yield bytes;
        })();
      },
    };
  }

  async function loadImage(id: string, { code, source, resources }: DeploymentSpec): Promise<HostedImage> {
    if (containers === undefined) throw new Error('this provider runs no images');
    const repository = parseRepository(source);
    return containers.prepare({
      digest: bytesToHex(code),
      source:
        repository === null ? peerSource(source) : createRegistrySource(repository, { allowed: registries }),
      tag: id,
      cpuMilli: resources.cpuMilli,
      memoryBytes: resources.memoryMib * MIB,
      gpus: resources.gpus,
    });
  }

  return {
    async load(id, spec) {
      const { kind, code, codeBytes, source, resources } = spec;
      if (kind === 'image') {
        const image = images.get(id) ?? (await loadImage(id, spec));
        images.set(id, image);
        return () => image.start();
      }
      if (kind === 'model') throw new Error('this provider runs functions and images, not models');
      if (codeBytes > MAX_FUNCTION_BYTES)
        throw new Error(`its code has ${codeBytes} bytes, above the ${MAX_FUNCTION_BYTES} of a function`);
      const bytes = await fetchFrom(source, bytesToHex(code), Number(codeBytes));
      await blobs.put(bytes);
      return () => sandbox.start({ kind, bytes, memoryBytes: resources.memoryMib * MIB });
    },
    async release(id) {
      const image = images.get(id);
      images.delete(id);
      await image?.release();
    },
    sweep: async () => containers?.sweep(),
  };
}
