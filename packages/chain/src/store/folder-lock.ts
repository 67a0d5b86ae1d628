import { closeSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { ChainError } from '../errors.ts';
import { fileProblem } from './file-problem.ts';

/** What tells one life of a process id from the next; empty where the system does not say. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name may contain spaces and brackets; the start time is the 20th field after it.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // One that ended holds nothing, even if nobody has waited for it yet.
    return fields[0] === 'Z' ? '' : (fields[19] ?? '');
  } catch {
    // Not Linux, or no such process: the signal check below decides alone.
    return '';
  }
}

function isAlive(pid: number, start: string): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  return start === '' || startOf(pid) === start;
}

function readOwner(path: string): { pid: number; start: string } | null {
  try {
    const [pid, start] = readFileSync(path, 'utf8').split(' ');
    return { pid: Number(pid), start: start ?? '' };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw fileProblem(path, error);
  }
}

/**
 * Takes the folder for this process. A lock left by a process that died is taken over.
 *
 * @returns what gives the folder back.
 * @throws ChainError `STORE_IN_USE`, `NO_PERMISSION`, `DISK_FULL`
 */
export function lockFolder(folder: string): () => void {
  const path = join(folder, 'owner.lock');
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw fileProblem(folder, error);
  }
  for (;;) {
    try {
      const file = openSync(path, 'wx', 0o600);
      writeSync(file, `${process.pid} ${startOf(process.pid)}`);
      closeSync(file);
      return () => rmSync(path, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw fileProblem(path, error);
    }
    const owner = readOwner(path);
    if (owner === null) continue;
    if (owner.pid > 0 && isAlive(owner.pid, owner.start)) {
      throw new ChainError(
        { code: 'STORE_IN_USE', folder, pid: owner.pid },
        `The chain store in ${folder} is used by process ${owner.pid}. Stop it first, or choose another folder with --data.`,
      );
    }
    // Renaming first lets only one of several newcomers remove the stale lock.
    const stale = `${path}.${process.pid}`;
    try {
      renameSync(path, stale);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw fileProblem(path, error);
    }
    rmSync(stale, { force: true });
  }
}
