import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  findEnginePackages,
  inspectMachine,
  LLAMA_PACKAGE_VERSION,
  type MachineParts,
  placeEnginePackages,
} from '../src/index.ts';
import { codeOf } from './compliance.ts';

const aMachine = (fields: Partial<MachineParts> = {}): MachineParts => ({
  platform: 'linux',
  arch: 'x64',
  cpuModels: ['A Processor', 'A Processor', 'A Processor', 'A Processor'],
  totalMemoryBytes: 16e9,
  freeMemoryBytes: 8e9,
  readText: async () => null,
  list: async () => [],
  run: async () => null,
  hasPackage: () => false,
  ...fields,
});

describe('machine', () => {
  it('describes a plain processor', async () => {
    const readText = async (path: string) =>
      path === '/proc/cpuinfo' ? 'flags : fpu sse4_2 avx avx2 fma f16c avx512f avx512_vnni' : null;
    expect(await inspectMachine(aMachine({ readText }))).toEqual({
      platform: 'linux',
      arch: 'x64',
      cpu: {
        model: 'A Processor',
        cores: 4,
        features: ['SSE4.2', 'AVX', 'AVX2', 'FMA', 'F16C', 'AVX512F', 'AVX512-VNNI'],
      },
      memory: { totalBytes: 16e9, freeBytes: 8e9 },
      gpus: [],
      gpuPackages: [],
      suggestedThreads: 3,
    });
  });

  it('finds NVIDIA cards and names the command that puts them to use', async () => {
    const run = async (program: string) =>
      program === 'nvidia-smi' ? 'A Card, 24576\nB Card, 8192\n' : null;
    const report = await inspectMachine(aMachine({ run }));
    expect(report.gpus).toEqual([
      { name: 'A Card', kind: 'cuda', memoryBytes: 24576 * 1048576 },
      { name: 'B Card', kind: 'cuda', memoryBytes: 8192 * 1048576 },
    ]);
    expect(report.gpuPackages).toMatchObject([
      { kind: 'cuda', installed: false, command: './cairn engine install cuda' },
    ]);
  });

  it('finds other cards by their device files, and sees what is installed', async () => {
    const files: Record<string, string> = {
      '/sys/class/drm/renderD128/device/vendor': '0x1002\n',
      '/sys/class/drm/renderD128/device/mem_info_vram_total': '8589934592\n',
    };
    const report = await inspectMachine(
      aMachine({
        list: async () => ['card0', 'renderD128'],
        readText: async (path) => files[path] ?? null,
        hasPackage: (name) => name === '@node-llama-cpp/linux-x64-vulkan',
      }),
    );
    expect(report.gpus).toEqual([{ name: 'AMD GPU (renderD128)', kind: 'vulkan', memoryBytes: 8589934592 }]);
    expect(report.gpuPackages).toMatchObject([{ kind: 'vulkan', installed: true, command: null }]);
  });

  it('knows Apple silicon', async () => {
    const report = await inspectMachine(
      aMachine({ platform: 'darwin', arch: 'arm64', cpuModels: ['Apple M4'] }),
    );
    expect(report.cpu.features).toContain('NEON');
    expect(report.gpuPackages[0]?.packages).toEqual(['@node-llama-cpp/mac-arm64-metal']);
    expect(report.suggestedThreads).toBe(1);
  });

  it('looks at the machine it runs on', async () => {
    const report = await inspectMachine();
    expect(report.cpu.cores).toBeGreaterThan(0);
    expect(report.memory.totalBytes).toBeGreaterThan(report.memory.freeBytes);
  });
});

describe('engine packages', () => {
  it('are those of the llama.cpp release in use', async () => {
    const path = createRequire(import.meta.url).resolve('node-llama-cpp');
    const manifest = JSON.parse(await readFile(join(path, '../../package.json'), 'utf8')) as {
      version: string;
      optionalDependencies: Record<string, string>;
    };
    expect(manifest.version).toBe(LLAMA_PACKAGE_VERSION);
    const machines = [
      ['cuda', 'linux', 'x64'],
      ['vulkan', 'linux', 'x64'],
      ['cuda', 'win32', 'x64'],
      ['vulkan', 'win32', 'x64'],
      ['metal', 'darwin', 'arm64'],
    ] as const;
    for (const [kind, platform, arch] of machines) {
      for (const { name, version } of findEnginePackages(kind, { platform, arch }).packages) {
        expect(manifest.optionalDependencies[name], name).toBe(version);
      }
    }
  });

  it('are fetched without running scripts or changing the project', () => {
    const { npmArguments } = findEnginePackages('vulkan', { platform: 'linux', arch: 'x64' });
    const args = npmArguments('/a/folder');
    expect(args).toContain('--ignore-scripts');
    expect(args).toContain('--no-save');
    expect(args.at(-1)).toBe(`@node-llama-cpp/linux-x64-vulkan@${LLAMA_PACKAGE_VERSION}`);
  });

  it.each([
    ['cuda', 'linux', 'arm64'],
    ['metal', 'linux', 'x64'],
    ['rocm', 'linux', 'x64'],
  ])('refuses %s on %s-%s', async (kind, platform, arch) => {
    expect(await codeOf(async () => findEnginePackages(kind, { platform, arch }))).toBe(
      'ENGINE_PACKAGE_UNKNOWN',
    );
  });

  it('are moved beside the others, replacing what was there', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'cairn-packages-'));
    const wanted = findEnginePackages('vulkan', { platform: 'linux', arch: 'x64' });
    const name = wanted.packages[0]!.name;
    for (const [place, text] of [
      ['fetched', 'new'],
      ['root', 'old'],
    ] as const) {
      await mkdir(join(folder, place, 'node_modules', name), { recursive: true });
      await writeFile(join(folder, place, 'node_modules', name, 'package.json'), text);
    }
    await placeEnginePackages(wanted, join(folder, 'fetched'), join(folder, 'root'));
    expect(await readFile(join(folder, 'root/node_modules', name, 'package.json'), 'utf8')).toBe('new');
    const missing = () => placeEnginePackages(wanted, join(folder, 'nothing'), join(folder, 'root'));
    expect(await codeOf(missing)).toBe('ENGINE_UNAVAILABLE');
    await rm(folder, { recursive: true });
  });
});
