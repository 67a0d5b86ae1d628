import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { ProvingError } from '../errors.ts';
import type { ChildLine, ChildSetting, EngineJob, EngineResult, Environment } from './engine-job.ts';

/** llama.cpp in a process of its own, so that it can run with another set of instructions than this one. */
export interface EngineProcess extends AsyncDisposable {
  readonly build: string;
  /** Processor time it has used, in milliseconds. */
  cpuMs(): number;
  /** @throws ProvingError `ENGINE_FAILED` */
  run<Job extends EngineJob>(job: Job): Promise<EngineResult<Job>>;
}

interface Waiting {
  readonly done: (result: unknown) => void;
  readonly failed: (reason: Error) => void;
}

/**
 * Starts llama.cpp in `environment`.
 *
 * @param models paths of GGUF files, by the names that jobs use.
 * @returns null when this processor or package has no such set of instructions
 * @throws ProvingError `ENGINE_FAILED`
 */
export async function startEngine(
  environment: Environment,
  models: Readonly<Record<string, string>>,
): Promise<EngineProcess | null> {
  const folder = await mkdtemp(join(tmpdir(), 'cairn-cheats-'));
  const file = import.meta.url.endsWith('.ts') ? './engine-child.ts' : './engine-child.js';
  const entry = fileURLToPath(new URL(file, import.meta.url));
  const setting: ChildSetting = { environment, models, folder };
  const child = spawn(process.execPath, ['--conditions=source', entry, JSON.stringify(setting)], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const waiting = new Map<number, Waiting>();
  const started = Promise.withResolvers<{ readonly build: string } | null>();
  const closed = Promise.withResolvers<void>();
  let cpuMs = 0;
  let complaint = '';
  const hear = (line: ChildLine): void => {
    if (line.type === 'ready') started.resolve(line);
    else if (line.type === 'absent') started.resolve(null);
    else {
      const asked = waiting.get(line.id);
      waiting.delete(line.id);
      if (line.type === 'failed') asked?.failed(engineFailed(environment, line.reason));
      else {
        cpuMs = Math.max(cpuMs, line.cpuMs);
        asked?.done(line.result);
      }
    }
  };
  const end = (reason: string): void => {
    const error = engineFailed(environment, reason);
    started.reject(error);
    for (const { failed } of waiting.values()) failed(error);
    waiting.clear();
    closed.resolve();
  };
  child.stderr.on('data', (part: Buffer) => {
    complaint = (complaint + part.toString()).slice(-400);
  });
  child.stdin.on('error', () => undefined);
  createInterface({ input: child.stdout }).on('line', (line) => hear(JSON.parse(line) as ChildLine));
  child.on('error', (error) => end(error.message));
  child.on('close', (code) => end(`it ended with ${code}. ${complaint}`.trim()));
  const stop = () => stopChild(child, closed.promise, folder);
  const ready = await started.promise.catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  if (ready === null) {
    await stop();
    return null;
  }
  let next = 0;
  return {
    build: ready.build,
    cpuMs: () => cpuMs,
    run<Job extends EngineJob>(job: Job) {
      const id = next++;
      return new Promise<EngineResult<Job>>((done, failed) => {
        waiting.set(id, { done: done as (result: unknown) => void, failed });
        child.stdin.write(`${JSON.stringify({ id, job })}\n`);
      });
    },
    [Symbol.asyncDispose]: stop,
  };
}

async function stopChild(child: ChildProcess, closed: Promise<void>, folder: string): Promise<void> {
  child.stdin?.end();
  await closed;
  await rm(folder, { recursive: true, force: true });
}

function engineFailed({ variant }: Environment, reason: string): ProvingError {
  return new ProvingError(
    { code: 'ENGINE_FAILED', variant, reason },
    `llama.cpp with the ${variant} instructions failed: ${reason}. Run the doctor to see what this machine needs.`,
  );
}
