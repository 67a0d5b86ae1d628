import type { UpstreamKind } from '@cairn/engines';

export const MANAGED_ENGINES = ['ollama', 'llama-server', 'vllm'] as const;
export type ManagedKind = (typeof MANAGED_ENGINES)[number];

/** What a managed engine runs. */
export interface EngineModel {
  /** What the engine is given: a name, a folder or the path of a GGUF file. */
  readonly location: string;
  /** What the model is called over HTTP. */
  readonly name: string;
}

/** How a program that serves models is started and asked. */
export interface EngineKind {
  readonly program: string;
  readonly upstream: UpstreamKind;
  /** Oldest version whose HTTP is what is spoken here. */
  readonly leastVersion: readonly number[];
  readonly healthPath: string;
  /** Settings of its environment. Nothing it serves is told to its maker or written to a log. */
  readonly environment: (port: number) => Readonly<Record<string, string>>;
  readonly args: (model: EngineModel, port: number) => readonly string[];
  /** How it is installed, by `process.platform`. */
  readonly install: Readonly<Record<'linux' | 'darwin' | 'win32', string>>;
  /** How its models are named, for people. */
  readonly source: string;
}

/** Programs are started by a POSIX shell, so that none outlives the command that started it. */
const IN_WSL = 'Cairn starts engines on Linux and macOS only: install WSL (wsl --install) and do it there';

export const ENGINE_KINDS: Readonly<Record<ManagedKind, EngineKind>> = {
  ollama: {
    program: 'ollama',
    upstream: 'ollama',
    leastVersion: [0, 5],
    healthPath: '/api/version',
    // It sends no statistics; debugging, it would log prompts.
    environment: (port) => ({ OLLAMA_HOST: `127.0.0.1:${port}`, OLLAMA_DEBUG: 'false' }),
    args: () => ['serve'],
    install: {
      linux: 'curl -fsSL https://ollama.com/install.sh | sh',
      darwin: 'brew install ollama',
      win32: IN_WSL,
    },
    source: 'ollama:name, as in ollama:llama3.2, which "ollama pull" has fetched',
  },
  'llama-server': {
    program: 'llama-server',
    upstream: 'llama-server',
    leastVersion: [4_000],
    healthPath: '/health',
    environment: () => ({}),
    args: ({ location, name }, port) => [
      ...['--model', location, '--alias', name],
      ...['--host', '127.0.0.1', '--port', String(port)],
    ],
    install: {
      linux: 'brew install llama.cpp, or unpack a release of https://github.com/ggml-org/llama.cpp/releases',
      darwin: 'brew install llama.cpp',
      win32: IN_WSL,
    },
    source: 'a path to a .gguf file; "./cairn model pull" fetches one',
  },
  vllm: {
    program: 'vllm',
    upstream: 'vllm',
    leastVersion: [0, 6],
    healthPath: '/health',
    // It sends statistics of its use unless told not to, and older versions log prompts at level INFO.
    environment: () => ({ VLLM_NO_USAGE_STATS: '1', DO_NOT_TRACK: '1', VLLM_LOGGING_LEVEL: 'WARNING' }),
    args: ({ location, name }, port) => [
      ...['serve', location, '--served-model-name', name],
      ...['--host', '127.0.0.1', '--port', String(port)],
    ],
    install: {
      linux: 'uv pip install vllm, or pip install vllm, in a Python environment of its own',
      darwin: 'vLLM has no package for macOS: use --engine ollama or --engine llama-server',
      win32: IN_WSL,
    },
    source: 'vllm:owner/repo, or a path to a folder with a model',
  },
};

/** How to get an engine on this kind of machine, as a sentence's end. */
export function installHint(kind: ManagedKind, platform: NodeJS.Platform): string {
  const { install } = ENGINE_KINDS[kind];
  return platform === 'darwin' || platform === 'win32' ? install[platform] : install.linux;
}
