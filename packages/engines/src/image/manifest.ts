import { EngineError } from '../errors.ts';

/** A blob of an image, by the SHA-256 of its bytes in hex. */
export interface Descriptor {
  readonly digest: string;
  readonly sizeBytes: number;
  readonly mediaType: string;
}

export interface ImageManifest {
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
}

/** What a provider reads of an image's configuration; the runtime reads the rest. */
export interface ImageConfig {
  /** SHA-256 of each layer as it is unpacked, in hex, the lowest first. */
  readonly diffIds: readonly string[];
  /** The image asks for a network, by its label {@link NETWORK_LABEL}. */
  readonly wantsNetwork: boolean;
}

/** Label of an image that wants the network of its provider, with the value `outbound`. */
export const NETWORK_LABEL = 'network.cairn.network';
/** Most bytes of a manifest, an index or a configuration. */
export const MAX_MANIFEST_BYTES = 1024 * 1024;
/** Most layers of an image: what overlay file systems stack. */
export const MAX_LAYERS = 127;
const MAX_PLATFORMS = 256;

/** Media types that a registry is asked for. */
export const MANIFEST_TYPES = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
] as const;

/** The architecture of this machine in the words of images. */
export const imageArchitecture = (arch: string): string => ({ x64: 'amd64' })[arch] ?? arch;

/** @returns an error that says why an image does not run here */
export function imageRefused(reason: string, cause?: unknown): EngineError {
  return new EngineError(
    { code: 'IMAGE_REFUSED', reason },
    `The image was refused: ${reason}.`,
    cause === undefined ? {} : { cause },
  );
}

/**
 * Reads a manifest, or takes the manifest of one architecture out of an index of several.
 *
 * @returns the manifest; or the descriptor of the one to read instead
 * @throws EngineError `IMAGE_REFUSED`
 */
export function parseManifest(bytes: Uint8Array, architecture: string): ImageManifest | Descriptor {
  const value = parseJson(bytes, 'manifest');
  if (value.manifests !== undefined) return choosePlatform(value.manifests, architecture);
  if (!Array.isArray(value.layers)) throw imageRefused('its manifest lists no layers');
  if (value.layers.length < 1 || value.layers.length > MAX_LAYERS)
    throw imageRefused(`it has ${value.layers.length} layers; 1 to ${MAX_LAYERS} are allowed`);
  return { config: readDescriptor(value.config), layers: value.layers.map(readDescriptor) };
}

/** @throws EngineError `IMAGE_REFUSED` for what is malformed, for another machine, or wants a disk */
export function parseImageConfig(bytes: Uint8Array, layers: number, architecture: string): ImageConfig {
  const { os, architecture: built, rootfs, config: settings = {} } = parseJson(bytes, 'configuration');
  if (os !== 'linux' || built !== architecture)
    throw imageRefused(
      `it is built for ${words(os)}/${words(built)}, and this machine is linux/${architecture}`,
    );
  const ids = isObject(rootfs) ? rootfs.diff_ids : undefined;
  if (!Array.isArray(ids) || ids.length !== layers)
    throw imageRefused('its configuration and its manifest do not have the same layers');
  if (settings !== null && !isObject(settings)) throw imageRefused('its configuration is malformed');
  const { Volumes: volumes, Labels: labels } = settings ?? {};
  if (isObject(volumes) && Object.keys(volumes).length > 0)
    throw imageRefused(
      'it declares volumes, which would be written to the disk of its provider; write to /tmp',
    );
  const wanted = isObject(labels) ? labels[NETWORK_LABEL] : undefined;
  if (wanted !== undefined && wanted !== 'outbound')
    throw imageRefused(`its label ${NETWORK_LABEL} can only be outbound`);
  return { diffIds: ids.map(readDigest), wantsNetwork: wanted === 'outbound' };
}

function choosePlatform(list: unknown, architecture: string): Descriptor {
  if (!Array.isArray(list) || list.length > MAX_PLATFORMS)
    throw imageRefused(`its index lists no manifests, or more than ${MAX_PLATFORMS}`);
  const found = list.find((entry) => {
    if (!isObject(entry)) return false;
    const { platform } = entry;
    return (
      isObject(platform) &&
      platform.os === 'linux' &&
      platform.architecture === architecture &&
      (platform.variant === undefined || architecture !== 'arm')
    );
  });
  if (found !== undefined) return readDescriptor(found);
  if (list.length === 1 && isObject(list[0]) && list[0].platform === undefined)
    return readDescriptor(list[0]);
  throw imageRefused(`it has no build for linux/${architecture}`);
}

function readDescriptor(value: unknown): Descriptor {
  if (!isObject(value)) throw imageRefused('a part of its manifest is malformed');
  const { digest, size, mediaType = '' } = value;
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 1)
    throw imageRefused('a part of its manifest has no size');
  if (typeof mediaType !== 'string' || mediaType.length > 200)
    throw imageRefused('a part of its manifest has a malformed type');
  return { digest: readDigest(digest), sizeBytes: size, mediaType };
}

function readDigest(value: unknown): string {
  const found = typeof value === 'string' ? /^sha256:([0-9a-f]{64})$/.exec(value)?.[1] : undefined;
  if (found === undefined) throw imageRefused('a part of it is not named by its SHA-256');
  return found;
}

function parseJson(bytes: Uint8Array, what: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    if (isObject(value)) return value;
  } catch (cause) {
    throw imageRefused(`its ${what} is no JSON`, cause);
  }
  throw imageRefused(`its ${what} is no object`);
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A stranger's word, cut and without anything but letters and digits. */
const words = (value: unknown): string =>
  typeof value === 'string' ? value.replace(/[^a-z0-9]/gi, '').slice(0, 20) || 'nothing' : 'nothing';
