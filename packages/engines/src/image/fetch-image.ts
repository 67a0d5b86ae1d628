import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import type { ImageSource } from './image-source.ts';
import {
  type Descriptor,
  type ImageConfig,
  type ImageManifest,
  imageRefused,
  MAX_MANIFEST_BYTES,
  parseImageConfig,
  parseManifest,
} from './manifest.ts';
import { readExactly, readSmall } from './read-exactly.ts';
import { createLayerScan } from './scan-layer.ts';

export interface ImageLimits {
  /** Most bytes of all layers together, as they come and as they are unpacked. */
  readonly maxBytes: number;
  /** Most files, folders and links of one layer. @default 200_000 */
  readonly maxEntries?: number;
}

/** What an image is, before any layer of it was fetched. */
export interface ImageOutline {
  readonly manifest: ImageManifest;
  readonly config: ImageConfig;
  readonly configBytes: Uint8Array;
  /** Bytes that come when all of it is fetched. */
  readonly sizeBytes: number;
}

/**
 * Reads manifest and configuration of an image by its digest.
 *
 * @param digest SHA-256 of its manifest, or of an index of manifests, in hex.
 * @param architecture in the words of images, such as amd64.
 * @throws EngineError `IMAGE_REFUSED` for another hash, malformed parts, sizes above the limits
 */
export async function outlineImage(
  source: ImageSource,
  digest: string,
  architecture: string,
  { maxBytes }: ImageLimits,
): Promise<ImageOutline> {
  const manifest = await readManifest(source, digest, architecture);
  const { config, layers } = manifest;
  if (config.sizeBytes > MAX_MANIFEST_BYTES)
    throw imageRefused(`its configuration has more than ${MAX_MANIFEST_BYTES} bytes`);
  const sizeBytes = layers.reduce((sum, layer) => sum + layer.sizeBytes, config.sizeBytes);
  if (sizeBytes > maxBytes)
    throw imageRefused(`it has ${sizeBytes} bytes, and at most ${maxBytes} are taken`);
  const parts = await source.read('blob', config.digest);
  const configBytes = await readSmall(parts, config.digest, MAX_MANIFEST_BYTES, config.sizeBytes);
  return {
    manifest,
    config: parseImageConfig(configBytes, layers.length, architecture),
    configBytes,
    sizeBytes,
  };
}

async function readManifest(
  source: ImageSource,
  digest: string,
  architecture: string,
): Promise<ImageManifest> {
  const parts = await source.read('manifest', digest);
  const first = parseManifest(await readSmall(parts, digest, MAX_MANIFEST_BYTES), architecture);
  if ('layers' in first) return first;
  const inner = await source.read('manifest', first.digest);
  const second = parseManifest(await readSmall(inner, first.digest, MAX_MANIFEST_BYTES), architecture);
  if ('layers' in second) return second;
  throw imageRefused('its index lists another index');
}

/**
 * Fetches the layers of an image into a folder, unpacked from their compression and looked through, but not from
 * their archives: nothing of what is in them is written as a file.
 *
 * @param folder an empty one.
 * @returns paths of the layers, the lowest first
 * @throws EngineError `IMAGE_REFUSED`
 */
export async function fetchLayers(
  source: ImageSource,
  { manifest, config }: ImageOutline,
  folder: string,
  { maxBytes, maxEntries = 200_000 }: ImageLimits,
): Promise<string[]> {
  const paths: string[] = [];
  let leftBytes = maxBytes;
  for (const [index, layer] of manifest.layers.entries()) {
    const path = join(folder, `${index}.tar`);
    leftBytes -= await fetchLayer(source, layer, config.diffIds[index]!, path, leftBytes, maxEntries);
    paths.push(path);
  }
  return paths;
}

async function fetchLayer(
  source: ImageSource,
  layer: Descriptor,
  diffId: string,
  path: string,
  mostBytes: number,
  maxEntries: number,
): Promise<number> {
  const { digest, sizeBytes, mediaType } = layer;
  const scan = createLayerScan(maxEntries);
  const hash = createHash('sha256');
  let unpacked = 0;
  const look = new Transform({
    transform(bytes: Buffer, _, done) {
      unpacked += bytes.length;
      try {
        if (unpacked > mostBytes)
          throw new RangeError(`more than the ${mostBytes} bytes left for it come out of it`);
        scan.add(bytes);
        hash.update(bytes);
        done(null, bytes);
      } catch (error) {
        done(error as Error);
      }
    },
  });
  const parts = Readable.from(readExactly(await source.read('blob', digest), digest, mostBytes, sizeBytes));
  try {
    await pipeline([
      parts,
      ...decompressors(mediaType),
      look,
      createWriteStream(path, { flags: 'wx', mode: 0o600 }),
    ]);
    scan.end();
  } catch (cause) {
    if (cause instanceof RangeError) throw imageRefused(`layer ${digest}: ${cause.message}`, cause);
    // What zlib says of malformed bytes.
    if (cause instanceof Error && /^(Z_|ZSTD_|ERR_ZLIB)/.test(String((cause as { code?: unknown }).code)))
      throw imageRefused(`layer ${digest} is not packed as its manifest says`, cause);
    throw cause;
  }
  const got = hash.digest('hex');
  if (got !== diffId) throw imageRefused(`layer ${digest} unpacks to the hash ${got}, not ${diffId}`);
  return unpacked;
}

function decompressors(mediaType: string): Transform[] {
  if (/^application\/vnd\.oci\.image\.layer\.v1\.tar$/.test(mediaType)) return [];
  if (
    /^application\/vnd\.(oci\.image\.layer\.v1\.tar\+gzip|docker\.image\.rootfs\.diff\.tar\.gzip)$/.test(
      mediaType,
    )
  )
    return [createGunzip()];
  if (mediaType === 'application/vnd.oci.image.layer.v1.tar+zstd') return [createZstdDecompress()];
  throw imageRefused('a layer has a type that is not a tar, gzip or zstd one');
}
