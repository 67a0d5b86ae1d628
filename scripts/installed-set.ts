/**
 * Prints which packages of the lock file are installed: `all`, `run` (all but the development tools) or
 * `none`. The launcher asks this when `node_modules` was filled by hand, to avoid a second installation.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

interface Entry {
  version?: string;
  integrity?: string;
  dev?: boolean;
  optional?: boolean;
}

function readPackages(file: string): Record<string, Entry> {
  return (JSON.parse(readFileSync(file, 'utf8')) as { packages: Record<string, Entry> }).packages;
}

function installedSet(root: string): 'all' | 'run' | 'none' {
  const locked = readPackages(join(root, 'package-lock.json'));
  const installed = readPackages(join(root, 'node_modules', '.package-lock.json'));
  for (const [path, entry] of Object.entries(installed)) {
    const wanted = locked[path]; // absent: an optional binary added by name, which does no harm
    if (wanted && (wanted.version !== entry.version || wanted.integrity !== entry.integrity)) return 'none';
  }
  const missing = Object.entries(locked).filter(
    ([path, entry]) => path.includes('node_modules/') && !entry.optional && !(path in installed),
  );
  if (missing.length === 0) return 'all';
  return missing.every(([, entry]) => entry.dev) ? 'run' : 'none';
}

console.log(installedSet(process.argv[2] ?? '.'));
