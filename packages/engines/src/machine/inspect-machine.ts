import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { arch, cpus, platform, totalmem } from 'node:os';
import { type EnginePackageKind, findEnginePackages } from './engine-packages.ts';

export interface MachineParts {
  readonly platform: string;
  readonly arch: string;
  readonly cpuModels: readonly string[];
  readonly totalMemoryBytes: number;
  readonly freeMemoryBytes: number;
  /** Text of a file; null when it cannot be read. */
  readonly readText: (path: string) => Promise<string | null>;
  /** Names in a folder; empty when it cannot be read. */
  readonly list: (path: string) => Promise<readonly string[]>;
  /** Output of a program; null when it is absent, fails or takes over five seconds. */
  readonly run: (program: string, ...args: readonly string[]) => Promise<string | null>;
  /** Whether a package can be loaded from here. */
  readonly hasPackage: (name: string) => boolean;
}

export interface Gpu {
  readonly name: string;
  readonly kind: EnginePackageKind;
  /** Null when it cannot be told. */
  readonly memoryBytes: number | null;
}

export interface GpuPackage {
  readonly kind: EnginePackageKind;
  readonly packages: readonly string[];
  readonly installed: boolean;
  /** What to type to add it; null when it is there. */
  readonly command: string | null;
  readonly sizeBytes: number;
}

export interface MachineReport {
  readonly platform: string;
  readonly arch: string;
  readonly cpu: { readonly model: string; readonly cores: number; readonly features: readonly string[] };
  readonly memory: { readonly totalBytes: number; readonly freeBytes: number };
  readonly gpus: readonly Gpu[];
  /** The packages that would put the cards found to use, best first. */
  readonly gpuPackages: readonly GpuPackage[];
  /** Threads that serve best: one per core but one, so that the rest of the node is not starved. */
  readonly suggestedThreads: number;
}

const FEATURES: readonly (readonly [string, RegExp])[] = [
  ['SSE4.2', /\bsse4[._]2\b/iu],
  ['AVX', /\bavx(1\.0)?\b/iu],
  ['AVX2', /\bavx2\b/iu],
  ['FMA', /\bfma\b/iu],
  ['F16C', /\bf16c\b/iu],
  ['AVX512F', /\bavx512f\b/iu],
  ['AVX512-VNNI', /\bavx512_?vnni\b/iu],
  ['AVX512-BF16', /\bavx512_?bf16\b/iu],
  ['AMX', /\bamx_tile\b/iu],
  ['NEON', /\b(asimd|neon|advsimd)\b/iu],
  ['SVE', /\bsve2?\b/iu],
  ['I8MM', /\bi8mm\b/iu],
];

/** What this machine has and what llama.cpp could use of it. Reads and asks only; changes nothing. */
export async function inspectMachine(parts: MachineParts = createMachineParts()): Promise<MachineReport> {
  const gpus = await findGpus(parts);
  const kinds = [...new Set(gpus.map((gpu) => gpu.kind))];
  return {
    platform: parts.platform,
    arch: parts.arch,
    cpu: {
      model: parts.cpuModels[0]?.trim() ?? 'unknown',
      cores: parts.cpuModels.length,
      features: await findFeatures(parts),
    },
    memory: { totalBytes: parts.totalMemoryBytes, freeBytes: parts.freeMemoryBytes },
    gpus,
    gpuPackages: kinds.flatMap((kind) => describePackages(kind, parts)),
    suggestedThreads: Math.max(1, parts.cpuModels.length - 1),
  };
}

async function findFeatures(parts: MachineParts): Promise<string[]> {
  const text =
    parts.platform === 'darwin'
      ? await parts.run('sysctl', '-n', 'machdep.cpu.features', 'machdep.cpu.leaf7_features')
      : await parts.readText('/proc/cpuinfo');
  const found = FEATURES.filter(([, pattern]) => pattern.test(text ?? '')).map(([name]) => name);
  // Every 64-bit Arm processor has it, whether or not the system lists it.
  return parts.arch === 'arm64' && !found.includes('NEON') ? ['NEON', ...found] : found;
}

async function findGpus(parts: MachineParts): Promise<Gpu[]> {
  if (parts.platform === 'darwin' && parts.arch === 'arm64') {
    return [
      { name: parts.cpuModels[0]?.trim() ?? 'Apple GPU', kind: 'metal', memoryBytes: parts.totalMemoryBytes },
    ];
  }
  const nvidia = await parts.run(
    'nvidia-smi',
    '--query-gpu=name,memory.total',
    '--format=csv,noheader,nounits',
  );
  const cards = (nvidia ?? '').split('\n').flatMap((line): Gpu[] => {
    const [name, mebibytes] = line.split(',').map((part) => part.trim());
    if (name === undefined || name === '' || mebibytes === undefined) return [];
    const memoryBytes = Number(mebibytes) * 1048576;
    return [{ name, kind: 'cuda', memoryBytes: Number.isFinite(memoryBytes) ? memoryBytes : null }];
  });
  if (cards.length > 0) return cards;
  const nodes = (await parts.list('/dev/dri')).filter((name) => /^renderD\d+$/u.test(name));
  return Promise.all(
    nodes.map(async (node): Promise<Gpu> => {
      const folder = `/sys/class/drm/${node}/device`;
      const [vendor, memory] = await Promise.all([
        parts.readText(`${folder}/vendor`),
        parts.readText(`${folder}/mem_info_vram_total`),
      ]);
      const memoryBytes = memory === null ? null : Number(memory.trim());
      return { name: `${vendorName(vendor)} (${node})`, kind: 'vulkan', memoryBytes };
    }),
  );
}

function vendorName(id: string | null): string {
  const names: Readonly<Record<string, string>> = {
    '0x1002': 'AMD GPU',
    '0x8086': 'Intel GPU',
    '0x10de': 'NVIDIA GPU',
  };
  return names[id?.trim() ?? ''] ?? 'GPU';
}

function describePackages(kind: EnginePackageKind, parts: MachineParts): GpuPackage[] {
  const isPublished = kind === 'metal' ? parts.platform === 'darwin' : parts.arch === 'x64';
  if (!isPublished) return [];
  const { packages, sizeBytes } = findEnginePackages(kind, parts);
  const names = packages.map(({ name }) => name);
  const installed = parts.hasPackage(names[0]!);
  return [
    {
      kind,
      packages: names,
      installed,
      command: installed ? null : `./cairn engine install ${kind}`,
      sizeBytes,
    },
  ];
}

/** The real machine. */
export function createMachineParts(): MachineParts {
  return {
    platform: platform(),
    arch: arch(),
    cpuModels: cpus().map((cpu) => cpu.model),
    totalMemoryBytes: Math.min(totalmem(), process.constrainedMemory() || Number.POSITIVE_INFINITY),
    freeMemoryBytes: process.availableMemory(),
    readText: (path) => readFile(path, 'utf8').catch(() => null),
    list: (path) => readdir(path).catch(() => []),
    run: (program, ...args) =>
      new Promise((resolve) => {
        execFile(program, args, { timeout: 5000, windowsHide: true }, (error, stdout) => {
          resolve(error === null ? stdout : null);
        });
      }),
    hasPackage(name) {
      try {
        import.meta.resolve(name);
        return true;
      } catch {
        return false;
      }
    },
  };
}
