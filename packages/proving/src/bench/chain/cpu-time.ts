import { readdirSync, readFileSync } from 'node:fs';

/** Processor time, in milliseconds, which other work on the machine hardly stretches. */
export interface CpuMs {
  readonly application: number;
  readonly consensus: number;
}

/** Linux counts in hundredths of a second. */
const TICK_MS = 10;

/**
 * What the processes of applications, and those that were started with a file of this folder, used so far. Null where
 * there is no /proc.
 */
export function cpuOfFolder(folder: string, applications: readonly number[]): CpuMs | null {
  if (process.platform !== 'linux') return null;
  const others = readdirSync('/proc').filter(
    (name) => /^\d+$/.test(name) && read(name, 'cmdline').includes(`${folder}/`),
  );
  const sum = (pids: readonly (number | string)[]): number =>
    pids.reduce((total: number, pid) => total + usedMs(pid), 0);
  return { application: sum(applications), consensus: sum(others) };
}

function usedMs(pid: number | string): number {
  const stat = read(pid, 'stat');
  // The name may contain spaces and brackets; time of the program and of the system are the 12th and 13th after it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) * TICK_MS;
}

/** Empty when it is gone. */
function read(pid: number | string, what: string): string {
  try {
    return readFileSync(`/proc/${pid}/${what}`, 'utf8');
  } catch {
    return '';
  }
}
