import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { adviseOn, isNodeNewEnough } from '../src/doctor/examine.ts';
import { run } from './run.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cairn-cli-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('cairn config', () => {
  it('shows where each value came from, and no secret', async () => {
    await writeFile(join(folder, 'config.json'), '{"tempo": 50, "port": 1}');
    const environment = { CAIRN_PORT: '9000', CAIRN_API_KEY: 'sesame' };
    const result = await run(['config', '--data', folder, '--json'], { environment });
    const { settings } = result.json<{ settings: { name: string; value: unknown; source: string }[] }>();
    const of = (name: string) => settings.find((setting) => setting.name === name);
    expect(of('data')).toMatchObject({ value: folder, source: 'flag' });
    expect(of('port')).toMatchObject({ value: 9000, source: 'environment' });
    expect(of('tempo')).toMatchObject({ value: 50, source: 'file' });
    expect(of('slotMs')).toMatchObject({ source: 'default' });
    expect(of('apiKey')).toMatchObject({ value: '(hidden)' });
    expect(result.out).not.toContain('sesame');
  });

  it('refuses a setting that there is not and suggests the nearest', async () => {
    await writeFile(join(folder, 'config.json'), '{"temp": 50}');
    const result = await run(['config', '--data', folder]);
    expect(result.exitCode).toBe(2);
    expect(result.err).toContain('Did you mean tempo?');
  });

  it('refuses a file that is no object', async () => {
    await writeFile(join(folder, 'config.json'), '[1]');
    const result = await run(['config', '--data', folder, '--json']);
    expect(result.json()).toMatchObject({ error: { code: 'DATA_FOLDER_MALFORMED' } });
  });
});

describe('cairn conformance', () => {
  const burn = { kind: 'math', input: {}, expected: {} };

  it('prints counts and nothing else, and says to standard error what failed', async () => {
    const file = join(folder, 'unknown.json');
    await writeFile(file, JSON.stringify([{ ...burn, kind: 'nobody-checks-this' }]));
    const result = await run(['conformance', file, '--json']);
    expect(result.exitCode).toBe(0);
    expect(result.json()).toEqual({
      passed: 0,
      failed: 0,
      skipped: 1,
      kinds: { 'nobody-checks-this': { passed: 0, failed: 0, skipped: 1 } },
    });
  });

  it('ends with 1 when a case fails', async () => {
    const file = join(folder, 'wrong.json');
    await writeFile(file, JSON.stringify([{ kind: 'burn_price', input: {}, expected: 1 }]));
    const result = await run(['conformance', file, '--json']);
    expect(result.exitCode).toBe(1);
    expect(result.json()).toMatchObject({ passed: 0, failed: 1 });
    expect(result.err).toContain('failed: wrong case 0 (burn_price)');
  });

  it('names a file that cannot be read', async () => {
    const result = await run(['conformance', join(folder, 'absent.json'), '--json']);
    expect(result.json()).toMatchObject({ error: { code: 'VECTORS_UNREADABLE' } });
  });
});

describe('cairn model pull', () => {
  it('checks a file that is here and tells what it hashes to', async () => {
    const { artifacts } = JSON.parse(await readFile('models/cairn-crontab/card.json', 'utf8')) as {
      artifacts: { path: string; sizeBytes: string; sha256: string; merkleRoot: string }[];
    };
    const { path: file, sizeBytes, ...hashes } = artifacts[1]!;
    const path = `models/cairn-crontab/${file}`;
    expect((await run(['model', 'pull', path, '--data', folder, '--json'])).json()).toMatchObject({
      sizeBytes: Number(sizeBytes),
      sha256: hashes.sha256,
      merkleRoot: hashes.merkleRoot,
      architecture: 'llama',
    });
  });

  it('says what is wrong with a file, a source and a hash', async () => {
    const bad = join(folder, 'bad.gguf');
    await writeFile(bad, 'not a model');
    const code = async (...words: string[]) =>
      (await run(['model', 'pull', ...words, '--data', folder, '--json'])).json<{ error: { code: string } }>()
        .error.code;
    expect(await code(bad)).toBe('MODEL_FILE_CORRUPT');
    expect(await code(join(folder, 'absent.gguf'))).toBe('MODEL_FILE_MISSING');
    expect(await code('what')).toBe('MODEL_SOURCE_UNKNOWN');
    expect(await code('models/cairn-crontab/crontab-q8_0.gguf', '--sha256', '00'.repeat(32))).toBe(
      'MODEL_HASH_MISMATCH',
    );
  });
});

describe('cairn model list', () => {
  it('names the models that come with Cairn, with files that are there', async () => {
    const { bundled } = (await run(['model', 'list', '--data', folder, '--json'])).json<{
      bundled: { name: string; path: string; sizeBytes: number }[];
    }>();
    expect(new Set(bundled.map(({ name }) => name))).toEqual(
      new Set(['cairn/crontab', 'cairn/crontab-base', 'cairn/quantities', 'cairn/when']),
    );
    for (const { path, sizeBytes } of bundled) expect((await stat(path)).size, path).toBe(sizeBytes);
  });
});

describe('cairn engine install', () => {
  it('shows what it would fetch on a dry run, and refuses what no machine has', async () => {
    const unknown = await run(['engine', 'install', 'abacus', '--json']);
    expect(unknown.exitCode).toBe(2);
    expect(unknown.json()).toMatchObject({ error: { code: 'ENGINE_PACKAGE_UNKNOWN' } });
  });
});

describe('cairn doctor', () => {
  it('runs the bundled model and says how fast it is', async () => {
    const report = (await run(['doctor', '--data', join(folder, 'later'), '--json'])).json<{
      engine: { ok: boolean };
      selfTest: { ok: boolean; answer: string; tokensPerSecond: number };
      disk: { freeBytes: number };
    }>();
    expect(report.engine.ok).toBe(true);
    expect(report.selfTest).toMatchObject({ ok: true, answer: '30 9 * * 1-5' });
    expect(report.selfTest.tokensPerSecond).toBeGreaterThan(1);
    expect(report.disk.freeBytes).toBeGreaterThan(0);
  });

  it('advises on what is missing', () => {
    const cpu = { model: 'x', cores: 2, features: [] };
    const machine = {
      platform: 'linux',
      arch: 'x64',
      cpu,
      memory: { totalBytes: 1, freeBytes: 1 },
      gpus: [],
      suggestedThreads: 1,
    };
    const gpuPackage = {
      kind: 'cuda' as const,
      packages: [],
      installed: false,
      command: './cairn engine install cuda',
      sizeBytes: 540e6,
    };
    const advice = adviseOn({
      cairn: '1',
      node: { version: '22.1.0', ok: isNodeNewEnough('22.1.0') },
      machine: { ...machine, gpuPackages: [gpuPackage] },
      disk: { path: '/data', freeBytes: 5, totalBytes: 10 },
      engine: { ok: false, code: 'ENGINE_UNAVAILABLE', message: 'llama.cpp cannot start.' },
      selfTest: { ok: false, code: 'ENGINE_UNAVAILABLE', message: 'llama.cpp cannot start.' },
      largestModelBytes: 1,
    });
    expect(advice).toEqual([
      expect.stringContaining('Node 22.1.0 is older than 24.12'),
      expect.stringContaining('./cairn engine install cuda'),
      expect.stringContaining('Little disk is left'),
      'llama.cpp cannot start.',
    ]);
    expect(['24.12.0', '24.21.0', '26.1.0'].every(isNodeNewEnough)).toBe(true);
    expect(['24.11.9', '18.0.0'].some(isNodeNewEnough)).toBe(false);
  });
});
