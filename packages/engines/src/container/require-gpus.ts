import { readdir } from 'node:fs/promises';
import { imageRefused } from '../image/manifest.ts';
import { type ContainerRuntime, runRuntime } from './runtime.ts';

const CDI_FOLDERS = ['/etc/cdi', '/var/run/cdi'];
const ASK_MS = 20_000;

/**
 * Checks that this machine has the GPUs, and that its runtime can hand them on.
 *
 * @throws EngineError `IMAGE_REFUSED` with what is missing
 */
export async function requireGpus(runtime: ContainerRuntime, gpus: number): Promise<void> {
  if (gpus === 0) return;
  const there = await countGpus(runtime);
  if (there < gpus)
    throw imageRefused(`it wants ${gpus} GPUs, and nvidia-smi finds ${there === 0 ? 'none' : there} here`);
  if (runtime.name === 'podman') {
    const files = await Promise.all(CDI_FOLDERS.map((folder) => readdir(folder).catch(() => [])));
    if (!files.flat().some((file) => /nvidia.*\.(ya?ml|json)$/.test(file)))
      throw imageRefused(
        'it wants GPUs, and Podman has no description of them; make one with nvidia-ctk cdi generate --output=/etc/cdi/nvidia.yaml',
      );
    return;
  }
  const { out } = await runRuntime(runtime, ['info', '--format', '{{json .Runtimes}}'], ASK_MS);
  if (!out.includes('"nvidia"'))
    throw imageRefused('it wants GPUs, and Docker has no NVIDIA runtime; install nvidia-container-toolkit');
}

async function countGpus({ environment }: ContainerRuntime): Promise<number> {
  const probe = { name: 'docker' as const, version: '', command: ['nvidia-smi'], environment };
  // No driver, no GPU.
  const listed = await runRuntime(probe, ['-L'], ASK_MS).catch(() => null);
  return listed === null ? 0 : listed.out.split('\n').filter((line) => /^GPU \d+:/.test(line)).length;
}
