import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createUpstreamEngine } from '@cairn/engines';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ENGINE_KINDS, MANAGED_ENGINES, type ManagedKind } from '../../src/managed/engine-kinds.ts';
import { findEngine, readVersion } from '../../src/managed/find-engine.ts';
import { type EngineState, startManagedEngine } from '../../src/managed/managed-engine.ts';
import { systemClock } from '../../src/real/clock.ts';
import { createLogger } from '../../src/real/logger.ts';
import { systemTimer } from '../../src/real/timer.ts';

const log = createLogger({ level: 'error', write: () => undefined });
const parts = { clock: systemClock, timer: systemTimer, log };
const standIn = fileURLToPath(new URL('./stand-in-engine.ts', import.meta.url));
const onPosix = it.skipIf(process.platform === 'win32');
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cairn-engine-'));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
});

/** A program on PATH that is the stand-in. */
async function install(kind: ManagedKind): Promise<Record<string, string>> {
  const path = join(folder, kind);
  await writeFile(
    path,
    `#!/bin/sh\nexec '${process.execPath}' --no-warnings '${standIn}' '${folder}' '${kind}' "$@"\n`,
  );
  await chmod(path, 0o755);
  return { PATH: `${folder}:relative:${process.env.PATH}` };
}

async function started(): Promise<{ pid: number; args: string }[]> {
  const text = await readFile(join(folder, 'started.log'), 'utf8').catch(() => '');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => ({ pid: Number(line.split(' ')[0]), args: line.slice(line.indexOf(' ') + 1) }));
}

function runs(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** States as they come. */
function watchStates() {
  const seen: EngineState[] = [];
  let wake: (() => void) | null = null;
  return {
    onState(state: EngineState) {
      seen.push(state);
      wake?.();
    },
    async until(state: EngineState['state'], count = 1): Promise<EngineState> {
      for (;;) {
        const found = seen.filter((entry) => entry.state === state);
        if (found.length >= count) return found.at(-1)!;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
  };
}

const modelOf = (kind: ManagedKind) =>
  kind === 'ollama' ? { location: 'echo', name: 'echo' } : { location: '/models/some.gguf', name: 'some' };

describe('finding an engine', () => {
  it.each(MANAGED_ENGINES)('says how to install %s on every platform when it is missing', async (kind) => {
    for (const platform of ['linux', 'darwin', 'win32'] as const) {
      const found = findEngine(kind, { environment: { PATH: folder }, platform });
      await expect(found, platform).rejects.toMatchObject({ code: 'ENGINE_NOT_INSTALLED' });
      await expect(found, platform).rejects.toThrow(ENGINE_KINDS[kind].install[platform]);
    }
  });

  onPosix.each(MANAGED_ENGINES)('finds %s on PATH and reads its version', async (kind) => {
    const environment = await install(kind);
    const found = await findEngine(kind, { environment });
    expect(found).toMatchObject({ kind, program: join(folder, kind) });
    expect(found.version).toMatch(/^(0\.6\.2|5432|0\.8\.3)$/);
  });

  onPosix('refuses one that is too old, and names both versions', async () => {
    const environment = await install('llama-server');
    await writeFile(join(folder, 'old'), '');
    await expect(findEngine('llama-server', { environment })).rejects.toThrow(/0\.0\.1.*4000/);
  });

  it('reads versions as the engines say them', () => {
    expect(readVersion('ollama version is 0.5.1\nWarning: client version is 0.5.0')).toBe('0.5.1');
    expect(readVersion('version: 4567 (3edfa7d3)\nbuilt with gcc 13.2.0')).toBe('4567');
    expect(readVersion('INFO 01-02 warming up\n0.6.3.post1')).toBe('0.6.3');
    expect(readVersion('no idea')).toBeNull();
  });
});

describe('a managed engine', () => {
  onPosix.each(MANAGED_ENGINES)('%s is started on loopback, serves, and ends with this', async (kind) => {
    const engine = await findEngine(kind, { environment: await install(kind) });
    const running = await startManagedEngine(parts, { engine, model: modelOf(kind) });
    const upstream = createUpstreamEngine(
      { clock: systemClock, log },
      { baseUrl: running.url, kind: ENGINE_KINDS[kind].upstream },
    );
    await using model = await upstream.load(
      { location: modelOf(kind).name, format: 'upstream' },
      { threads: 1 },
    );
    let text = '';
    const asked = { prompt: { kind: 'text', text: 'x' }, maxTokens: 8, temperature: 0, topP: 1 } as const;
    for await (const event of model.generate({ ...asked, stop: [], topLogprobs: 0 }))
      if (event.type === 'delta') text += event.text;
    expect(text).toBe('Hello.');
    expect(running.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    const [first] = await started();
    await running[Symbol.asyncDispose]();
    expect(await running.ended).toBeNull();
    expect(runs(first!.pid), 'the program has ended').toBe(false);
  });

  onPosix('is started again on the same port when it falls', async () => {
    const engine = await findEngine('vllm', { environment: await install('vllm') });
    const states = watchStates();
    await using running = await startManagedEngine(parts, {
      ...{ engine, model: modelOf('vllm'), backoffMs: 1, checkMs: 20 },
      onState: states.onState,
    });
    const [first] = await started();
    process.kill(first!.pid, 'SIGKILL');
    await states.until('ready', 2);
    const [, second] = await started();
    expect(running.restarts).toBe(1);
    expect(second!.pid).not.toBe(first!.pid);
    expect(second!.args).toBe(first!.args);
    expect((await fetch(`${running.url}/health`)).status).toBe(200);
  });

  onPosix('is given up when it falls again and again', async () => {
    const engine = await findEngine('vllm', { environment: await install('vllm') });
    const states = watchStates();
    await using running = await startManagedEngine(parts, {
      ...{ engine, model: modelOf('vllm'), backoffMs: 1, checkMs: 20, mostRestarts: 2 },
      onState: states.onState,
    });
    await writeFile(join(folder, 'refuse'), '');
    process.kill((await started())[0]!.pid, 'SIGKILL');
    expect(await running.ended).toMatch(/ended with 3.*out of memory/);
    expect(running.restarts).toBe(2);
    expect(await states.until('given up')).toMatchObject({ state: 'given up' });
  });

  onPosix('sends no statistics, logs no prompts and learns nothing of what is set for Cairn', async () => {
    vi.stubEnv('CAIRN_PASSPHRASE', 'correct horse');
    vi.stubEnv('VLLM_LOGGING_LEVEL', 'DEBUG');
    vi.stubEnv('OLLAMA_DEBUG', '1');
    for (const kind of ['vllm', 'ollama'] as const) {
      const engine = await findEngine(kind, { environment: await install(kind) });
      await using _running = await startManagedEngine(parts, { engine, model: modelOf(kind) });
      const told = JSON.parse(await readFile(join(folder, 'environment.json'), 'utf8'));
      expect(told.CAIRN_PASSPHRASE, kind).toBeUndefined();
      expect(told, kind).toMatchObject(
        kind === 'vllm'
          ? { VLLM_NO_USAGE_STATS: '1', DO_NOT_TRACK: '1', VLLM_LOGGING_LEVEL: 'WARNING' }
          : { OLLAMA_DEBUG: 'false' },
      );
    }
  });

  onPosix('that does not start says what it said, without control characters', async () => {
    const engine = await findEngine('llama-server', { environment: await install('llama-server') });
    await writeFile(join(folder, 'refuse'), '');
    const starting = startManagedEngine(parts, { engine, model: modelOf('llama-server') });
    await expect(starting).rejects.toMatchObject({ code: 'ENGINE_NOT_STARTED' });
    await expect(starting).rejects.toThrow(/ended with 3, and said: error: \[31mout of memory/);
  });

  onPosix('that never answers is ended when the wait is given up', async () => {
    const engine = await findEngine('llama-server', { environment: await install('llama-server') });
    await writeFile(join(folder, 'deaf'), '');
    const starting = startManagedEngine(parts, {
      ...{ engine, model: modelOf('llama-server') },
      signal: AbortSignal.timeout(1_500),
    });
    await expect(starting).rejects.toMatchObject({ code: 'ENGINE_NOT_STARTED' });
    for (const { pid } of await started()) expect(runs(pid), 'the program has ended').toBe(false);
  });
});
