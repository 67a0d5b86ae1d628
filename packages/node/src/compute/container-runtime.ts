import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { NodeError } from '../errors.ts';

const run = promisify(execFile);

/** What runs OCI images on this machine. */
export interface ContainerRuntime {
  readonly name: 'podman' | 'docker';
  readonly version: string;
}

/** Longest wait for a runtime to say its version. */
const ASK_MS = 5_000;

/**
 * Rootless Podman, else Docker, whichever answers.
 *
 * @throws NodeError `CONTAINER_RUNTIME_MISSING` with what each of them said
 */
export async function requireContainerRuntime(
  environment: Readonly<Record<string, string | undefined>>,
): Promise<ContainerRuntime> {
  const said: string[] = [];
  for (const name of ['podman', 'docker'] as const) {
    try {
      const { stdout } = await run(name, ['version', '--format', '{{.Client.Version}}'], {
        timeout: ASK_MS,
        env: { PATH: environment.PATH ?? '' },
      });
      return { name, version: stdout.trim().slice(0, 40) };
    } catch (error) {
      const { code, stderr } = error as { code?: unknown; stderr?: unknown };
      const reason =
        code === 'ENOENT'
          ? 'not installed'
          : String(stderr ?? code)
              .trim()
              .slice(0, 120);
      said.push(`${name}: ${reason}`);
    }
  }
  throw new NodeError(
    { code: 'CONTAINER_RUNTIME_MISSING', said },
    `An OCI image needs rootless Podman or Docker, and neither answers here (${said.join('; ')}). Install Podman, or deploy a .js or .wasm function.`,
  );
}
