import { randomBytes } from 'node:crypto';
import { link, readFile, rm, writeFile } from 'node:fs/promises';
import { NodeError } from '../errors.ts';

interface Holder {
  readonly pid: number;
  /** Tells one life of a process id from the next; empty where the system does not say. */
  readonly start: string;
}

/**
 * Takes a folder for this process. A lock of a process that died is taken over, also when its id is in use again.
 *
 * @returns what gives the folder back
 * @throws NodeError `DATA_FOLDER_IN_USE`
 */
export async function takeLock(folder: string, lockPath: string): Promise<() => Promise<void>> {
  const own = `${process.pid} ${await startOf(process.pid)}`;
  // Written whole before it gets its name, so that nobody ever reads half a lock.
  const draft = `${lockPath}.${process.pid}-${randomBytes(4).toString('hex')}`;
  await writeFile(draft, own, { mode: 0o600, flag: 'wx' });
  try {
    while (!(await isLinked(draft, lockPath))) {
      const text = await readLock(lockPath);
      if (text === null) continue;
      const holder = parseHolder(text);
      if (holder !== null && (await isAlive(holder))) throw inUse(folder, holder.pid);
      await removeStale(lockPath, text, draft);
    }
  } finally {
    await rm(draft, { force: true });
  }
  return () => rm(lockPath, { force: true });
}

async function isLinked(draft: string, lockPath: string): Promise<boolean> {
  try {
    await link(draft, lockPath);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function readLock(lockPath: string): Promise<string | null> {
  try {
    return await readFile(lockPath, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/**
 * Removes a stale lock. Only one newcomer at a time may, and it looks again first: a fresh lock must never be
 * taken for the stale one that was there a moment ago.
 */
async function removeStale(lockPath: string, stale: string, draft: string): Promise<void> {
  const guard = `${lockPath}.takeover`;
  if (!(await isLinked(draft, guard))) {
    const holder = parseHolder((await readLock(guard)) ?? '');
    if (holder !== null && !(await isAlive(holder))) await rm(guard, { force: true });
    return;
  }
  try {
    if ((await readLock(lockPath)) === stale) await rm(lockPath, { force: true });
  } finally {
    await rm(guard, { force: true });
  }
}

function parseHolder(text: string): Holder | null {
  const match = /^(\d{1,10})(?: (\d*))?\s*$/.exec(text);
  const pid = Number(match?.[1] ?? 0);
  return pid > 0 ? { pid, start: match?.[2] ?? '' } : null;
}

async function isAlive({ pid, start }: Holder): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  return start === '' || (await startOf(pid)) === start;
}

async function startOf(pid: number): Promise<string> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    // The name may contain spaces and brackets; the start time is the 20th field after it.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // One that ended holds nothing, even if nobody has waited for it yet.
    return fields[0] === 'Z' ? '' : (fields[19] ?? '');
  } catch {
    // Not Linux, or no such process: the signal alone decides.
    return '';
  }
}

function inUse(path: string, pid: number): NodeError {
  return new NodeError(
    { code: 'DATA_FOLDER_IN_USE', path, pid },
    `The data folder ${path} is used by process ${pid}. Stop it, or choose another with --data.`,
  );
}
