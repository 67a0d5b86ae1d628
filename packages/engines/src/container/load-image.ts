import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fetchLayers, type ImageLimits, type ImageOutline } from '../image/fetch-image.ts';
import type { ImageSource } from '../image/image-source.ts';
import { imageRefused } from '../image/manifest.ts';
import { packImage } from '../image/pack-image.ts';
import { type ContainerRuntime, runRuntime, runtimeFailed } from './runtime.ts';

export interface LoadOptions {
  readonly outline: ImageOutline;
  readonly source: ImageSource;
  /** Name of the image in the runtime, with a tag. */
  readonly name: string;
  /** Folder for its layers while it is loaded. */
  readonly folder: string;
  readonly limits: ImageLimits;
  readonly timeoutMs: number;
}

const INSPECT_MS = 60_000;

/**
 * Brings an image into the store of a runtime, and checks what lies there then.
 *
 * @returns the runtime's own id of it
 * @throws EngineError `IMAGE_REFUSED`, `CONTAINER_FAILED`
 */
export async function loadImage(runtime: ContainerRuntime, options: LoadOptions): Promise<string> {
  const { outline, source, name, folder, limits } = options;
  const there = await findImage(runtime, name, outline);
  if (there !== null) return there;
  const work = await mkdtemp(join(folder, 'image-'));
  try {
    const layerPaths = await fetchLayers(source, outline, work, limits);
    const { configBytes, manifest } = outline;
    const packed = packImage({ name, configDigest: manifest.config.digest, configBytes, layerPaths });
    const { exitCode, said } = await runRuntime(runtime, ['load', '--quiet'], options.timeoutMs, packed);
    if (exitCode !== 0) throw runtimeFailed(`${runtime.name} load`, said);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  const loaded = await findImage(runtime, name, outline);
  if (loaded === null)
    throw imageRefused(`what ${runtime.name} has after loading it is not what its digest names`);
  return loaded;
}

/** The id of an image that has exactly these layers and this configuration; null when there is none. */
async function findImage(
  runtime: ContainerRuntime,
  name: string,
  { manifest, config }: ImageOutline,
): Promise<string | null> {
  const format = '{{.Id}} {{json .RootFS.Layers}}';
  const { exitCode, out } = await runRuntime(
    runtime,
    ['image', 'inspect', '--format', format, name],
    INSPECT_MS,
  );
  const [, id, layers] = /^(?:sha256:)?([0-9a-f]{64}) (\[.*\])\s*$/.exec(out) ?? [];
  if (exitCode !== 0 || id === undefined || layers === undefined) return null;
  const wanted = JSON.stringify(config.diffIds.map((diffId) => `sha256:${diffId}`));
  // Docker may name an image by a manifest of its own making, which its layers then have to vouch for.
  const isNamed = id === manifest.config.digest || runtime.name === 'docker';
  return layers === wanted && isNamed ? id : null;
}
