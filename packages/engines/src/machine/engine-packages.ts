import { EngineError } from '../errors.ts';

/** The release of node-llama-cpp that its binary packages must match. */
export const LLAMA_PACKAGE_VERSION = '3.22.1';

export type EnginePackageKind = 'cuda' | 'vulkan' | 'metal';

export interface MachineKind {
  /** As Node names it: `linux`, `darwin`, `win32`. */
  readonly platform: string;
  /** As Node names it: `x64`, `arm64`. */
  readonly arch: string;
}

export interface EnginePackages {
  readonly kind: EnginePackageKind;
  readonly packages: readonly { readonly name: string; readonly version: string }[];
  /** Size after unpacking, about. */
  readonly sizeBytes: number;
  /** Arguments of npm that fetch the packages into `folder`, running no install script. */
  readonly npmArguments: (folder: string) => readonly string[];
}

const MEGABYTE = 1_000_000;
/** Measured on Linux x64; other platforms are alike. */
const SIZES: Readonly<Record<EnginePackageKind, number>> = {
  cuda: 540 * MEGABYTE,
  vulkan: 71 * MEGABYTE,
  metal: 20 * MEGABYTE,
};

/**
 * Which packages give llama.cpp a graphics library on a machine. `cuda` comes in two: the code for the usual cards
 * and the code for the rest.
 *
 * @throws EngineError `ENGINE_PACKAGE_UNKNOWN` when none is published for this machine
 */
export function findEnginePackages(kind: string, machine: MachineKind): EnginePackages {
  const names = packageNames(kind, machine);
  if (names.length === 0) {
    const { platform, arch } = machine;
    throw new EngineError(
      { code: 'ENGINE_PACKAGE_UNKNOWN', kind, platform, arch },
      `There is no ${kind} build of llama.cpp for ${platform}-${arch}. Builds exist for cuda and vulkan on ` +
        'Linux and Windows (x64) and for metal on Apple silicon.',
    );
  }
  const packages = names.map((name) => ({ name: `@node-llama-cpp/${name}`, version: LLAMA_PACKAGE_VERSION }));
  return {
    kind: kind as EnginePackageKind,
    packages,
    sizeBytes: SIZES[kind as EnginePackageKind],
    npmArguments: (folder) => [
      'install',
      '--prefix',
      folder,
      '--no-save',
      '--no-package-lock',
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      ...packages.map(({ name, version }) => `${name}@${version}`),
    ],
  };
}

function packageNames(kind: string, { platform, arch }: MachineKind): readonly string[] {
  const system = platform === 'linux' ? 'linux' : platform === 'win32' ? 'win' : null;
  if (kind === 'metal') return platform === 'darwin' && arch === 'arm64' ? ['mac-arm64-metal'] : [];
  if (system === null || arch !== 'x64') return [];
  if (kind === 'cuda') return [`${system}-x64-cuda`, `${system}-x64-cuda-ext`];
  return kind === 'vulkan' ? [`${system}-x64-vulkan`] : [];
}
