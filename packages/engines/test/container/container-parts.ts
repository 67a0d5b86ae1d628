import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SandboxCall, SandboxInstance, Timer } from '@cairn/protocol';
import { onTestFinished } from 'vitest';
import {
  type ContainerHostOptions,
  createContainerHost,
  type ImageOrder,
} from '../../src/container/container-host.ts';
import type { BuiltImage } from '../image/image-parts.ts';

export const TESTER = new URL('tester/main.go', import.meta.url);

export const realTimer: Timer = {
  schedule(delayMs, action) {
    const handle = setTimeout(action, delayMs);
    return () => clearTimeout(handle);
  },
};

export async function aTemporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'cairn-oci-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

export interface HostOptions extends Partial<ContainerHostOptions> {
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

export const aHost = (folder: string, { environment = process.env, ...options }: HostOptions = {}) =>
  createContainerHost(
    {
      timer: realTimer,
      clock: { nowMs: () => performance.now() },
      random: { bytes: (n) => randomBytes(n) },
      environment,
    },
    { folder: join(folder, 'containers'), ...options },
  );

export const anOrder = (image: BuiltImage, change: Partial<ImageOrder> = {}): ImageOrder => ({
  digest: image.digest,
  source: image.source,
  tag: `test-${image.digest}`,
  cpuMilli: 1_000,
  memoryBytes: 64 * 1024 * 1024,
  gpus: 0,
  ...change,
});

/** Asks an instance for what {@link TESTER} does. */
export async function ask(instance: SandboxInstance, input: string, change: Partial<SandboxCall> = {}) {
  const result = await instance.run({
    input: Buffer.from(input),
    timeMs: 60_000,
    maxWork: 60_000,
    maxOutputBytes: 1024 * 1024,
    granted: 60_000,
    grant: async () => 60_000,
    ...change,
  });
  return { ...result, text: Buffer.from(result.output).toString('utf8') };
}
