import { cp, mkdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { EngineError, reasonOf } from '../errors.ts';
import type { EnginePackages } from './engine-packages.ts';

/**
 * Moves packages that npm put into a private `folder` to where llama.cpp looks for them: beside the other packages
 * of the checkout or installation at `root`. What was there under the same name is replaced.
 *
 * @throws EngineError `ENGINE_UNAVAILABLE` when npm left a package out, `DISK_NOT_WRITABLE`
 */
export async function placeEnginePackages(
  wanted: EnginePackages,
  folder: string,
  root: string,
): Promise<void> {
  for (const { name } of wanted.packages) {
    const from = join(folder, 'node_modules', name);
    const to = join(root, 'node_modules', name);
    if (!(await exists(from))) {
      throw new EngineError(
        { code: 'ENGINE_UNAVAILABLE', reason: `${name} was not fetched` },
        `npm did not fetch ${name}; this machine may not be one it is made for.`,
      );
    }
    try {
      await mkdir(dirname(to), { recursive: true });
      await cp(from, `${to}.new`, { recursive: true });
      await rm(to, { recursive: true, force: true });
      await rename(`${to}.new`, to);
    } catch (error) {
      throw new EngineError(
        { code: 'DISK_NOT_WRITABLE', path: to, reason: reasonOf(error) },
        `${to} cannot be written: ${reasonOf(error)}. Check free space and permissions.`,
        { cause: error },
      );
    }
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
