import { chmod, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Timer } from '@cairn/protocol';
import { imageRefused } from '../image/manifest.ts';
import { type CallDesk, openCallDesk } from './call-desk.ts';
import { type ContainerOutput, readContainerOutput } from './container-output.ts';
import { type ControlGroup, openControlGroup } from './control-group.ts';
import { CALLS_SOCKET, type ContainerPlan, runWords } from './run-words.ts';
import { type ContainerRuntime, runRuntime, runtimeFailed, spawnRuntime } from './runtime.ts';

export interface StartParts {
  readonly timer: Timer;
  readonly runtime: ContainerRuntime;
}

export interface StartOptions {
  readonly name: string;
  readonly owner: string;
  readonly imageId: string;
  readonly plan: ContainerPlan;
  /** Folder for the sockets of containers. */
  readonly folder: string;
  /** Longest wait for it to ask for its first call. */
  readonly startTimeoutMs: number;
  /** Time between the notice to a container and its end. */
  readonly noticeMs: number;
}

/** A container that has asked for its first call and stands still. */
export interface RunningContainer {
  readonly desk: CallDesk;
  readonly output: ContainerOutput;
  readonly group: ControlGroup;
  /** Settles with its exit code when it has ended. */
  readonly ended: Promise<number>;
  /** Settles when it printed more than it may. */
  readonly flooded: Promise<void>;
  freeze(isFrozen: boolean): Promise<void>;
  /** Ends it and leaves nothing. With notice it is told first, and given time to end by itself. */
  remove(hasNotice: boolean): Promise<void>;
}

/** Longest path of a Unix socket, in bytes. */
const MAX_SOCKET_PATH_BYTES = 107;
const COMMAND_MS = 60_000;
/** Exit codes with which `run` says that it, and not the container, failed. */
const OWN_FAILURES = [125, 126, 127];

/**
 * Starts a container with its limits, and checks that they are in force.
 *
 * @throws EngineError `CONTAINER_FAILED` when the runtime cannot, or cannot keep the limits; `IMAGE_REFUSED` when the
 * image ends, or does not ask for a call in time
 */
export async function startContainer(parts: StartParts, options: StartOptions): Promise<RunningContainer> {
  const { timer, runtime } = parts;
  const { name, plan, noticeMs } = options;
  const folder = join(options.folder, name);
  if (Buffer.byteLength(join(folder, CALLS_SOCKET)) > MAX_SOCKET_PATH_BYTES)
    throw runtimeFailed('A container', `${folder} is too long a path for a Unix socket`);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await chmod(folder, 0o755);
  const desk = await openCallDesk(folder);
  const place = { name, owner: options.owner, folder, imageId: options.imageId };
  const child = spawnRuntime(runtime, runWords(runtime, plan, place));
  const ended = new Promise<number>((resolve) => {
    child.once('error', () => resolve(127));
    child.once('close', (code) => resolve(code ?? 137));
  });
  const flood = Promise.withResolvers<void>();
  const output = readContainerOutput([child.stdout, child.stderr], flood.resolve);
  let group: ControlGroup | null = null;
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;

  async function freeze(isFrozen: boolean): Promise<void> {
    if (hasEnded() || (await group?.freeze(isFrozen)) === true) return;
    const command = isFrozen ? 'pause' : 'unpause';
    const { exitCode, said } = await runRuntime(runtime, [command, name], COMMAND_MS);
    if (exitCode !== 0 && !hasEnded()) throw runtimeFailed(`${runtime.name} ${command}`, said);
  }

  const within = (ms: number): Promise<null> =>
    new Promise((resolve) => {
      const stop = timer.schedule(ms, () => resolve(null));
      void ended.then(stop);
    });

  async function remove(hasNotice: boolean): Promise<void> {
    if (group !== null && !hasEnded()) {
      await freeze(false);
      if (hasNotice) {
        await runRuntime(runtime, ['kill', '--signal', 'TERM', name], COMMAND_MS);
        await Promise.race([ended, within(noticeMs)]);
      }
    }
    const now = runtime.name === 'podman' ? ['--time', '0'] : [];
    await runRuntime(runtime, ['rm', '--force', ...now, name], COMMAND_MS);
    await ended;
    await desk[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  }

  async function isReady(): Promise<void> {
    const { startTimeoutMs } = options;
    const first = await Promise.race([
      desk.asked,
      ended,
      flood.promise.then(() => 'flooded' as const),
      within(startTimeoutMs),
    ]);
    const tail = () => (output.tail() === '' ? '' : `; the last it printed: ${output.tail()}`);
    if (first === undefined) return;
    if (first === null)
      throw imageRefused(`its container asked for no call within ${startTimeoutMs} ms${tail()}`);
    if (first === 'flooded')
      throw imageRefused('its container printed without end before it asked for a call');
    if (OWN_FAILURES.includes(first)) throw runtimeFailed(runtime.command.join(' '), output.tail());
    throw imageRefused(`its container ended with exit code ${first} before it asked for a call${tail()}`);
  }

  async function openGroup(): Promise<ControlGroup> {
    const { out, said } = await runRuntime(
      runtime,
      ['inspect', '--format', '{{.State.Pid}}', name],
      COMMAND_MS,
    );
    const pid = /^\d+$/.test(out.trim()) ? Number(out) : 0;
    const opened = pid > 0 ? await openControlGroup(pid) : null;
    if (opened === null) {
      const why = said === '' ? '' : ` (${said})`;
      throw runtimeFailed(
        runtime.command.join(' '),
        `the CPU time of a container cannot be read here${why}; that needs Linux with its control groups, and a runtime on this machine`,
      );
    }
    const free = await opened.findUnlimited(plan.limits);
    if (free !== null)
      throw runtimeFailed(
        runtime.command.join(' '),
        `it does not limit the ${free} of a container, as without root on control groups of version 1`,
      );
    return opened;
  }

  try {
    await isReady();
    group = await openGroup();
    await freeze(true);
  } catch (error) {
    await remove(false);
    throw error;
  }
  return {
    desk,
    output,
    group,
    ended,
    flooded: flood.promise,
    freeze,
    remove,
  };
}
