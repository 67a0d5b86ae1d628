import { execFile, spawn } from 'node:child_process';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { EngineError } from '../errors.ts';

export type RuntimeName = 'podman' | 'docker';

/** A program on this machine that runs OCI images. */
export interface ContainerRuntime {
  readonly name: RuntimeName;
  readonly version: string;
  /** The program and what stands before each command of it: which lower runtime to use, if not its own choice. */
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

export interface RuntimeAnswer {
  readonly exitCode: number;
  readonly out: string;
  readonly said: string;
}

/** Longest wait for a runtime to say its version. */
const ASK_MS = 10_000;
const MAX_ANSWER_BYTES = 4 * 1024 * 1024;
const MAX_SAID_CHARACTERS = 300;
/** What a runtime needs of the environment to find its store and its daemon. */
const PASSED_ON = [
  'PATH',
  'HOME',
  'XDG_RUNTIME_DIR',
  'XDG_DATA_HOME',
  'DBUS_SESSION_BUS_ADDRESS',
  'DOCKER_HOST',
];
/** Podman's lower runtime is tried as it is set up, and then the one that knows old control groups. */
const COMMANDS: readonly (readonly [RuntimeName, ...string[]])[] = [
  ['podman'],
  ['podman', '--runtime', 'runc'],
  ['docker'],
];

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * What may run images here, in the order in which it is tried: Podman as it is set up, Podman with runc, Docker.
 *
 * @throws EngineError `CONTAINER_RUNTIME_MISSING` with what each of them said
 */
export async function findContainerRuntimes(environment: Environment): Promise<ContainerRuntime[]> {
  const passed = Object.fromEntries(
    PASSED_ON.flatMap((name) => {
      const value = environment[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
  const versions = new Map<RuntimeName, string>();
  const said: string[] = [];
  for (const name of ['podman', 'docker'] as const) {
    const probe = { name, version: '', command: [name], environment: passed };
    try {
      // A client without its daemon knows its own version only.
      const field = name === 'docker' ? '{{.Server.Version}}' : '{{.Client.Version}}';
      const answer = await runRuntime(probe, ['version', '--format', field], ASK_MS);
      if (answer.exitCode === 0) versions.set(name, answer.out.trim().slice(0, 40));
      else said.push(`${name}: ${answer.said}`);
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      said.push(error.code === 'CONTAINER_RUNTIME_MISSING' ? `${name}: not installed` : error.message);
    }
  }
  const found = COMMANDS.flatMap(([name, ...rest]) => {
    const version = versions.get(name);
    return version === undefined ? [] : [{ name, version, command: [name, ...rest], environment: passed }];
  });
  if (found.length > 0) return found;
  throw runtimeMissing(said);
}

export function runtimeMissing(said: readonly string[]): EngineError {
  return new EngineError(
    { code: 'CONTAINER_RUNTIME_MISSING', said },
    `An OCI image needs Podman or Docker, and none runs one here (${said.join('; ')}). Install Podman, or deploy a .js or .wasm function.`,
  );
}

/**
 * Runs one command of a runtime and waits for it.
 *
 * @param input what it reads, in parts.
 * @throws EngineError `CONTAINER_RUNTIME_MISSING` when there is no such program, `CONTAINER_FAILED` when it does not end
 */
export async function runRuntime(
  { command: [program, ...before], environment }: ContainerRuntime,
  words: readonly string[],
  timeoutMs: number,
  input?: AsyncIterable<Uint8Array>,
): Promise<RuntimeAnswer> {
  const answer = Promise.withResolvers<RuntimeAnswer>();
  const options = {
    env: environment,
    timeout: timeoutMs,
    maxBuffer: MAX_ANSWER_BYTES,
    killSignal: 'SIGKILL' as const,
  };
  const child = execFile(program!, [...before, ...words], options, (error, out, err) => {
    const code = (error as { code?: unknown } | null)?.code ?? 0;
    if (code === 'ENOENT') answer.reject(runtimeMissing([`${program}: not installed`]));
    else if (typeof code === 'number' && error?.killed !== true)
      answer.resolve({ exitCode: code, out, said: cutSaid(err) });
    else answer.reject(runtimeFailed(`${program} ${words[0]}`, `it did not end within ${timeoutMs} ms`));
  });
  if (input !== undefined) {
    // A runtime that refuses ends without reading to the end; what it says then is its answer.
    await pipeline(Readable.from(input), child.stdin!).catch((error: { code?: unknown }) => {
      if (error.code === 'EPIPE' || error.code === 'ERR_STREAM_PREMATURE_CLOSE') return;
      child.kill('SIGKILL');
      answer.reject(error);
    });
  }
  return answer.promise;
}

/** Starts a command of a runtime that lasts as long as its container; nothing is written to it. */
export function spawnRuntime(
  { command: [program, ...before], environment }: ContainerRuntime,
  words: readonly string[],
) {
  return spawn(program!, [...before, ...words], { env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
}

export function runtimeFailed(what: string, reason: string): EngineError {
  return new EngineError({ code: 'CONTAINER_FAILED', what, reason }, `${what} failed: ${reason}.`);
}

/** The last lines of a program, on one line, without control characters. */
export function cutSaid(text: string): string {
  const line = text.trim().replace(/\p{Cc}+/gu, ' ');
  return line.length > MAX_SAID_CHARACTERS ? `…${line.slice(-MAX_SAID_CHARACTERS)}`.toWellFormed() : line;
}
