import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunProcess } from './run-process.ts';

/**
 * Installs the stock clients that the long tests run against the gateway, from the lock file of their own folder.
 * Does nothing when what is there comes from that file.
 *
 * @returns why they are lacking; null when they are not.
 */
export async function prepareInterop(
  root: string,
  run: RunProcess,
  say: (line: string) => void,
): Promise<string | null> {
  const folder = join(root, 'interop');
  const lock = join(folder, 'package-lock.json');
  if (!existsSync(lock)) return null;
  const wanted = createHash('sha256').update(readFileSync(lock)).digest('hex');
  const mark = join(folder, 'node_modules', '.cairn-lock');
  if (existsSync(mark) && readFileSync(mark, 'utf8') === wanted) return null;
  say('installing the stock clients of interop/; this takes a minute, once');
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--no-progress'];
  try {
    const { exitCode, output } = await run(npm, args, { cwd: folder, env: process.env, capture: true });
    if (exitCode !== 0)
      return `tests with stock clients are skipped: npm could not install them. ${output.trim().slice(-500)}`;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return `tests with stock clients are skipped: npm did not start. ${reason}`;
  }
  writeFileSync(mark, wanted);
  return null;
}
