import type { ContainerRuntime } from './runtime.ts';

export interface ContainerLimits {
  /** Thousandths of a core. */
  readonly cpuMilli: number;
  readonly memoryBytes: number;
  /** Most processes and threads at a time. */
  readonly pids: number;
  /** Bytes of the one folder that may be written, in memory. */
  readonly scratchBytes: number;
}

export interface ContainerPlan {
  readonly limits: ContainerLimits;
  readonly gpus: number;
  /** Whether it reaches the network of this machine. */
  readonly network: boolean;
}

export interface ContainerPlace {
  readonly name: string;
  /** Whose container it is: what is left over from a run of the same node is found by it. */
  readonly owner: string;
  /** Folder on this machine that holds the socket of calls. */
  readonly folder: string;
  readonly imageId: string;
}

/** Where a container finds its calls. */
export const CALLS_FOLDER = '/run/cairn';
export const CALLS_SOCKET = 'calls.sock';
/** Label of every container that a node started. */
export const OWNER_LABEL = 'network.cairn.node';
/** Nobody: the user of every container, whatever its image says. */
const USER = '65534:65534';
const OPEN_FILES = 1_024;
/** Counted over all containers, as they have one user, so it only keeps a runtime from raising what it may not. */
const USER_PROCESSES = 4_096;
const PROXIES = ['http_proxy', 'https_proxy', 'ftp_proxy', 'all_proxy', 'no_proxy'];

/** The words after the program's name that start a container with nothing but its limits. */
export function runWords(
  { name: program }: Pick<ContainerRuntime, 'name'>,
  { limits, gpus, network }: ContainerPlan,
  place: ContainerPlace,
): string[] {
  const { cpuMilli, memoryBytes, pids, scratchBytes } = limits;
  return [
    'run',
    ...['--name', place.name, '--label', `${OWNER_LABEL}=${place.owner}`],
    ...['--pull', 'never', '--restart', 'no', '--log-driver', 'none', '--no-healthcheck'],
    ...['--cpus', (cpuMilli / 1000).toFixed(3)],
    // No swap: memory that is full is full.
    ...['--memory', String(memoryBytes), '--memory-swap', String(memoryBytes)],
    ...['--pids-limit', String(pids), '--ulimit', `nofile=${OPEN_FILES}:${OPEN_FILES}`],
    ...['--ulimit', `nproc=${USER_PROCESSES}:${USER_PROCESSES}`, '--ulimit', 'core=0:0'],
    ...['--user', USER, '--cap-drop', 'all', '--security-opt', 'no-new-privileges'],
    ...['--read-only', '--tmpfs', `/tmp:rw,nosuid,nodev,noexec,size=${scratchBytes},mode=1777`],
    ...['--volume', `${place.folder}:${CALLS_FOLDER}:ro`],
    ...['--env', `CAIRN_CALLS=${CALLS_FOLDER}/${CALLS_SOCKET}`, '--hostname', 'cairn'],
    ...(network ? [] : ['--network', 'none']),
    ...(program === 'podman'
      ? ['--read-only-tmpfs=false', '--http-proxy=false']
      : // Docker passes on the proxies of its user, with their passwords.
        PROXIES.flatMap((proxy) => ['--env', `${proxy}=`, '--env', `${proxy.toUpperCase()}=`])),
    ...gpuWords(program, gpus),
    place.imageId,
  ];
}

function gpuWords(program: ContainerRuntime['name'], gpus: number): string[] {
  if (gpus === 0) return [];
  return program === 'podman' ? ['--device', 'nvidia.com/gpu=all'] : ['--gpus', 'all'];
}
