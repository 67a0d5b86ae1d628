import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ContainerLimits } from './run-words.ts';

/** The kernel's own account of a container, and its brake. Linux only. */
export interface ControlGroup {
  /** CPU time of all its processes so far, in microseconds; the last one read when it is gone. */
  cpuMicros(): Promise<number>;
  /** Whether the kernel has ended a process of it for its memory, as far as was seen while it was there. */
  hasRunOutOfMemory(): Promise<boolean>;
  /** What of the limits is not in force; null: all of them are. */
  findUnlimited(limits: ContainerLimits): Promise<string | null>;
  /** Stops or continues all its processes. False: this user may not. */
  freeze(isFrozen: boolean): Promise<boolean>;
}

const MICROS_PER_TICK = 1_000;

/**
 * The control groups of a process of this machine, of version 1 or 2.
 *
 * @returns null when they cannot be read: the container runs on another machine, or in a virtual one
 */
export async function openControlGroup(pid: number, root = '/sys/fs/cgroup'): Promise<ControlGroup | null> {
  const listed = await readOrNull(`/proc/${pid}/cgroup`);
  if (listed === null) return null;
  /** Path by controller; the one of version 2 has no name. */
  const paths = new Map(
    listed.split('\n').flatMap((line) => {
      const [, controllers, path] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? [];
      return path === undefined ? [] : controllers!.split(',').map((name): [string, string] => [name, path]);
    }),
  );
  const group = (await openSecond(root, paths)) ?? openFirst(root, paths);
  return group !== null && (await group.read()) !== null ? createGroup(group) : null;
}

interface GroupFiles {
  /** CPU time in microseconds. */
  read(): Promise<number | null>;
  /** File that counts the processes ended for their memory. */
  readonly killed: string;
  readonly memory: readonly string[];
  readonly pids: readonly string[];
  /** Quota and period of CPU time, in microseconds, in one text. */
  cpu(): Promise<string>;
  readonly freezer: string;
  readonly frozen: string;
  readonly thawed: string;
}

async function openSecond(root: string, paths: Map<string, string>): Promise<GroupFiles | null> {
  const path = paths.get('');
  if (path === undefined) return null;
  const folder = join(root, path);
  if ((await readOrNull(join(folder, 'memory.current'))) === null) return null;
  // Some runtimes put the processes into a group below the one with the limits.
  const both = (file: string) => [join(folder, file), join(dirname(folder), file)];
  return {
    async read() {
      const stat = await readOrNull(join(folder, 'cpu.stat'));
      const micros = /^usage_usec (\d+)$/m.exec(stat ?? '')?.[1];
      return micros === undefined ? null : Number(micros);
    },
    killed: join(folder, 'memory.events'),
    memory: both('memory.max'),
    pids: both('pids.max'),
    cpu: async () => (await Promise.all(both('cpu.max').map(readOrNull))).join(' '),
    freezer: join(folder, 'cgroup.freeze'),
    frozen: '1',
    thawed: '0',
  };
}

function openFirst(root: string, paths: Map<string, string>): GroupFiles | null {
  const of = (controller: string, file: string) =>
    join(root, controller, paths.get(controller) ?? '/-', file);
  if (!['cpuacct', 'memory', 'pids', 'cpu', 'freezer'].every((name) => paths.has(name))) return null;
  return {
    async read() {
      const nanos = await readOrNull(of('cpuacct', 'cpuacct.usage'));
      return nanos === null ? null : Math.ceil(Number(nanos) / MICROS_PER_TICK);
    },
    killed: of('memory', 'memory.oom_control'),
    memory: [of('memory', 'memory.limit_in_bytes')],
    pids: [of('pids', 'pids.max')],
    async cpu() {
      const [quota, period] = await Promise.all(
        ['cpu.cfs_quota_us', 'cpu.cfs_period_us'].map((file) => readOrNull(of('cpu', file))),
      );
      return `${quota?.trim()} ${period?.trim()}`;
    },
    freezer: of('freezer', 'freezer.state'),
    frozen: 'FROZEN',
    thawed: 'THAWED',
  };
}

function createGroup(files: GroupFiles): ControlGroup {
  let last = 0;
  let hasRunOut = false;

  async function isAnyAtMost(paths: readonly string[], most: number): Promise<boolean> {
    const values = await Promise.all(paths.map(readOrNull));
    return values.some((value) => value !== null && /^\d+$/.test(value.trim()) && Number(value) <= most);
  }

  return {
    async cpuMicros() {
      last = (await files.read()) ?? last;
      return last;
    },
    async hasRunOutOfMemory() {
      hasRunOut ||= /^oom_kill [1-9]/m.test((await readOrNull(files.killed)) ?? '');
      return hasRunOut;
    },
    async findUnlimited({ memoryBytes, pids, cpuMilli }) {
      if (!(await isAnyAtMost(files.memory, memoryBytes))) return 'memory';
      if (!(await isAnyAtMost(files.pids, pids))) return 'number of processes';
      const limits = [...(await files.cpu()).matchAll(/(\d+)\s+(\d+)/g)];
      const isBound = limits.some(
        ([, quota, period]) => Number(quota) * 1000 <= (cpuMilli + 1) * Number(period),
      );
      return isBound ? null : 'CPU time';
    },
    async freeze(isFrozen) {
      try {
        await writeFile(files.freezer, isFrozen ? files.frozen : files.thawed);
        return true;
      } catch {
        // Not ours to write, or gone with its container: the runtime is asked, and knows which.
        return false;
      }
    },
  };
}

async function readOrNull(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const { code } = error as { code?: unknown };
    if (code === 'ENOENT' || code === 'ENODEV' || code === 'EACCES' || code === 'ENOTDIR') return null;
    throw error;
  }
}
