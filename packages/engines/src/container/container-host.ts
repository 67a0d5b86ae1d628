import { createHash } from 'node:crypto';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { SandboxInstance, Timer } from '@cairn/protocol';
import { EngineError } from '../errors.ts';
import { outlineImage } from '../image/fetch-image.ts';
import type { ImageSource } from '../image/image-source.ts';
import { imageArchitecture, imageRefused } from '../image/manifest.ts';
import { createContainerInstance } from './container-instance.ts';
import { loadImage } from './load-image.ts';
import { requireGpus } from './require-gpus.ts';
import { type ContainerPlan, OWNER_LABEL } from './run-words.ts';
import {
  type ContainerRuntime,
  findContainerRuntimes,
  type RuntimeName,
  runRuntime,
  runtimeMissing,
} from './runtime.ts';
import { startContainer } from './start-container.ts';

export interface ContainerHostParts {
  readonly timer: Timer;
  readonly clock: { nowMs(): number };
  readonly random: { bytes(length: number): Uint8Array };
  /** Where runtimes are looked for, and what they need to find their store. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

export interface ContainerHostOptions {
  /** Folder for sockets of containers and for images while they are loaded. */
  readonly folder: string;
  /** Most bytes of one image, as it comes and unpacked. @default 4 GiB */
  readonly maxImageBytes?: number;
  /** Whether images that ask for it reach the network of this machine. @default false */
  readonly allowsNetwork?: boolean;
  /** Longest wait for a container to ask for its first call. @default 30_000 */
  readonly startTimeoutMs?: number;
  /** Time between the notice to a container and its end. @default 2_000 */
  readonly noticeMs?: number;
  /** Longest time for loading an image into the runtime. @default 600_000 */
  readonly loadTimeoutMs?: number;
}

/** An image to run, and what each of its containers gets. */
export interface ImageOrder {
  /** SHA-256 of its manifest in hex. */
  readonly digest: string;
  readonly source: ImageSource;
  /** What the image is kept under in the runtime: lower-case letters and digits. */
  readonly tag: string;
  readonly cpuMilli: number;
  readonly memoryBytes: number;
  readonly gpus: number;
}

export interface HostedImage {
  /** @throws EngineError `CONTAINER_RUNTIME_MISSING`, `CONTAINER_FAILED`, `IMAGE_REFUSED` */
  start(): Promise<SandboxInstance>;
  /** Forgets the image. Its containers have ended. */
  release(): Promise<void>;
}

/** Runs strangers' images on this machine. */
export interface ContainerHost {
  /**
   * Checks an image before anything of it is unpacked.
   *
   * @throws EngineError `CONTAINER_RUNTIME_MISSING`, `IMAGE_REFUSED`
   */
  prepare(order: ImageOrder): Promise<HostedImage>;
  /** Ends what a run of this node that was cut short left behind. */
  sweep(): Promise<void>;
}

const MOST_PIDS = 128;
const SCRATCH_BYTES = 16 * 1024 * 1024;
const COMMAND_MS = 60_000;
const NAME_BYTES = 6;

/** @param parts random bytes name containers, and have to differ between nodes. */
export function createContainerHost(parts: ContainerHostParts, options: ContainerHostOptions): ContainerHost {
  const { timer, clock, random, environment } = parts;
  const { folder, allowsNetwork = false, startTimeoutMs = 30_000, noticeMs = 2_000 } = options;
  const { maxImageBytes = 4 * 1024 ** 3, loadTimeoutMs = 600_000 } = options;
  const limits = { maxBytes: maxImageBytes };
  const architecture = imageArchitecture(process.arch);
  const owner = createHash('sha256').update(folder).digest('hex').slice(0, 16);
  /** The one that ran an image last. */
  let chosen: ContainerRuntime | null = null;

  const runtimes = async () => (chosen === null ? findContainerRuntimes(environment) : [chosen]);

  async function prepare(order: ImageOrder): Promise<HostedImage> {
    const { digest, source, tag, gpus } = order;
    const [first] = await runtimes();
    await requireGpus(first!, gpus);
    const outline = await outlineImage(source, digest, architecture, limits);
    const { wantsNetwork } = outline.config;
    if (wantsNetwork && !allowsNetwork)
      throw imageRefused(
        'it asks for the network, and this provider gives none; it may run without the label',
      );
    const plan: ContainerPlan = {
      limits: {
        cpuMilli: order.cpuMilli,
        memoryBytes: order.memoryBytes,
        pids: MOST_PIDS,
        scratchBytes: SCRATCH_BYTES,
      },
      gpus,
      network: wantsNetwork,
    };
    const name = `localhost/cairn:${tag}`;
    const loaded = new Map<RuntimeName, string>();

    async function startWith(runtime: ContainerRuntime): Promise<SandboxInstance> {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const imageId =
        loaded.get(runtime.name) ??
        (await loadImage(runtime, { outline, source, name, folder, limits, timeoutMs: loadTimeoutMs }));
      loaded.set(runtime.name, imageId);
      const container = await startContainer(
        { timer, runtime },
        {
          name: `c${Buffer.from(random.bytes(NAME_BYTES)).toString('hex')}`,
          owner,
          imageId,
          plan,
          folder,
          startTimeoutMs,
          noticeMs,
        },
      );
      chosen = runtime;
      return createContainerInstance({ timer, nowMs: () => clock.nowMs() }, container, gpus > 0);
    }

    return {
      async start() {
        const said: string[] = [];
        for (const runtime of await runtimes()) {
          try {
            return await startWith(runtime);
          } catch (error) {
            // What is wrong with the image is wrong with every runtime.
            if (!(error instanceof EngineError) || error.code !== 'CONTAINER_FAILED') throw error;
            loaded.delete(runtime.name);
            said.push(error.message);
          }
        }
        throw runtimeMissing(said);
      },
      async release() {
        for (const [program] of loaded) {
          const runtime = (await runtimes()).find((one) => one.name === program);
          if (runtime !== undefined) await runRuntime(runtime, ['rmi', name], COMMAND_MS);
        }
        loaded.clear();
      },
    };
  }

  return {
    prepare,
    async sweep() {
      const left = await readdir(folder).catch(() => []);
      if (left.length === 0) return;
      const filter = `label=${OWNER_LABEL}=${owner}`;
      // Without a runtime there can be no container, only what it left here.
      for (const runtime of await findContainerRuntimes(environment).catch(() => [])) {
        const now = runtime.name === 'podman' ? ['--time', '0'] : [];
        const { out } = await runRuntime(runtime, ['ps', '--all', '--quiet', '--filter', filter], COMMAND_MS);
        for (const id of out.split('\n').filter((line) => /^[0-9a-f]{12,64}$/.test(line)))
          await runRuntime(runtime, ['rm', '--force', ...now, id], COMMAND_MS);
      }
      for (const entry of left) await rm(join(folder, entry), { recursive: true, force: true });
    },
  };
}
