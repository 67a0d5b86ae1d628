import { execFile, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import type { ImageSource } from '../../src/image/image-source.ts';
import { imageArchitecture } from '../../src/image/manifest.ts';
import { encodeTarHead, tarEnd, tarPadding } from '../../src/image/tar.ts';

/** The runtime gets as far as looking for a program that is not there, under limits: then it starts those that are. */
function startsContainers(lower: string): boolean {
  const root = mkdtempSync(join(tmpdir(), 'cairn-nothing-'));
  try {
    const limits = ['--memory=64m', '--pids-limit=32', '--ulimit=nofile=1024:1024', '--ulimit=nproc=512:512'];
    const words = ['run', '--rm', '--network=none', ...limits, '--rootfs', root, '/nothing'];
    const { status } = spawnSync('podman', ['--runtime', lower, ...words], { timeout: 30_000 });
    return status === 127;
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** Whether images can be made and run here. What runs none is tested where they cannot. */
export const canRunImages =
  spawnSync('go', ['version']).status === 0 && ['crun', 'runc'].some(startsContainers);
export const architecture = imageArchitecture(process.arch);
export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

export interface TarEntry {
  readonly name: string;
  readonly bytes?: Uint8Array;
  readonly type?: string;
  readonly mode?: number;
}

/** A tar file of these entries. */
export function tarOf(entries: readonly TarEntry[]): Uint8Array {
  const parts = entries.flatMap(({ name, bytes = new Uint8Array(0), type = '0', mode }) => [
    encodeTarHead({ name, sizeBytes: bytes.length, type }, mode),
    bytes,
    new Uint8Array(tarPadding(bytes.length)),
  ]);
  return Buffer.concat([...parts, tarEnd()]);
}

export interface ImageOptions {
  readonly layers?: readonly Uint8Array[];
  /** Layers as they are sent, where they are not the ones that were packed. */
  readonly packed?: readonly Uint8Array[];
  readonly mediaType?: string;
  readonly settings?: Record<string, unknown>;
  readonly config?: Record<string, unknown>;
  readonly manifest?: Record<string, unknown>;
}

export interface BuiltImage {
  readonly digest: string;
  /** Parts by their hash. */
  readonly blobs: Map<string, Uint8Array>;
  readonly source: ImageSource;
  /** An OCI archive of it. */
  readonly archive: Uint8Array;
}

/** An image from scratch. */
export function anImage(options: ImageOptions = {}): BuiltImage {
  const layers = options.layers ?? [tarOf([{ name: 'hello', bytes: Buffer.from('hello') }])];
  const packed = options.packed ?? layers.map((layer) => gzipSync(layer));
  const mediaType = options.mediaType ?? 'application/vnd.oci.image.layer.v1.tar+gzip';
  const blobs = new Map<string, Uint8Array>();
  const keep = (bytes: Uint8Array, type: string) => {
    const digest = sha256(bytes);
    blobs.set(digest, bytes);
    return { mediaType: type, digest: `sha256:${digest}`, size: bytes.length };
  };
  const config = {
    os: 'linux',
    architecture,
    config: options.settings ?? {},
    rootfs: { type: 'layers', diff_ids: layers.map((layer) => `sha256:${sha256(layer)}`) },
    ...options.config,
  };
  const manifest = {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: keep(Buffer.from(JSON.stringify(config)), 'application/vnd.oci.image.config.v1+json'),
    layers: packed.map((layer) => keep(layer, mediaType)),
    ...options.manifest,
  };
  const named = keep(Buffer.from(JSON.stringify(manifest)), manifest.mediaType);
  const index = Buffer.from(JSON.stringify({ schemaVersion: 2, manifests: [named] }));
  return {
    digest: named.digest.slice('sha256:'.length),
    blobs,
    source: sourceOf(blobs),
    archive: tarOf([
      { name: 'oci-layout', bytes: Buffer.from('{"imageLayoutVersion":"1.0.0"}') },
      ...[...blobs].map(([digest, bytes]) => ({ name: `blobs/sha256/${digest}`, bytes })),
      { name: 'index.json', bytes: index },
    ]),
  };
}

export function sourceOf(blobs: Map<string, Uint8Array>): ImageSource {
  return {
    async read(_, digest) {
      const bytes = blobs.get(digest);
      if (bytes === undefined) throw new Error(`there is no ${digest}`);
      return (async function* () {
        for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536);
      })();
    },
  };
}

/** An image from scratch with one program, built by Go from one file. */
export async function aProgramImage(
  source: URL,
  folder: string,
  { name, words = [], ...options }: { name: string; words?: readonly string[] } & ImageOptions,
): Promise<BuiltImage> {
  const program = join(folder, name);
  // The same flags as for CometBFT, so that what Go has compiled for it is used again.
  await promisify(execFile)('go', ['build', '-ldflags=-s -w', '-o', program, source.pathname]);
  const layer = tarOf([{ name, bytes: await readFile(program), mode: 0o755 }]);
  return anImage({ layers: [layer], settings: { Entrypoint: [`/${name}`], Cmd: words }, ...options });
}

export async function writeArchive(folder: string, image: BuiltImage): Promise<string> {
  const path = join(folder, `${image.digest.slice(0, 12)}.tar`);
  await writeFile(path, image.archive);
  return path;
}
