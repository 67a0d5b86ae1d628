import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));

export function readText(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

export function readJson<T>(path: string): T {
  return JSON.parse(readText(path)) as T;
}

/** Every file of the checkout that git tracks or would track, without those that are deleted. */
export function listFiles(...patterns: string[]): string[] {
  const args = ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--', ...patterns];
  const output = execFileSync('git', args, { cwd: root, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  return [...new Set(output.split('\0'))]
    .filter((path) => path !== '' && existsSync(join(root, path)))
    .sort();
}

/** The rooms that are cut so far. */
export function listRooms(): string[] {
  return readdirSync(join(root, 'packages'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(root, 'packages', entry.name, 'package.json')))
    .map((entry) => entry.name)
    .sort();
}

/** Every room a file imports, statically or not, with what follows the room's name, if anything does. */
export function importsOf(text: string): { room: string; beyond: string }[] {
  const imports = /(?:from|import)\s*\(?\s*['"]@cairn\/([a-z0-9-]+)([^'"]*)['"]/g;
  return [...text.matchAll(imports)].map(([, room = '', beyond = '']) => ({ room, beyond }));
}

/** Every file that a file imports by a relative path, from the root of the checkout. */
export function relativeImportsOf(file: string): string[] {
  const imports = /(?:from|import)\s*\(?\s*['"](\.{1,2}\/[^'"]+)['"]/g;
  return [...readText(file).matchAll(imports)].map(([, path = '']) => posix.join(dirname(file), path));
}
