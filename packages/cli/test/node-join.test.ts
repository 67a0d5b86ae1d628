import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { run } from './run.ts';

let folder: string;
let genesis: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cairn-cli-'));
  const made = await run(['node', 'init', '--name', 'hill', '--data', join(folder, 'one'), '--json']);
  genesis = made.json<{ genesisPath: string }>().genesisPath;
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const joining = (...words: string[]) =>
  run(['node', 'join', '--genesis', genesis, '--data', join(folder, 'two'), '--json', ...words]);

describe('cairn node join', () => {
  it('keeps from whom a snapshot is taken, and which block is trusted', async () => {
    const trusted = ['--trust-height', '7', '--trust-hash', 'ab'.repeat(32)];
    const joined = await joining('--state-sync', '--rpc', '127.0.0.1:8470', ...trusted);
    expect(joined.exitCode, joined.err).toBe(0);
    expect(JSON.parse(await readFile(join(folder, 'two', 'config.json'), 'utf8'))).toEqual({
      engine: 'cometbft',
      stateSyncServers: '127.0.0.1:8470',
      trustHeight: 7,
      trustHash: 'ab'.repeat(32),
      indexDatabase: 'off',
    });
  });

  it('refuses half of it, before anything is written', async () => {
    const hash = 'ab'.repeat(32);
    const wrong = [
      ['--state-sync'],
      ['--state-sync', '--rpc', '127.0.0.1:8470', '--trust-height', '7'],
      ['--rpc', '127.0.0.1:8470'],
      ['--trust-hash', hash],
      ['--state-sync', '--rpc', '127.0.0.1:8470', '--trust-height', 'seven', '--trust-hash', hash],
    ];
    for (const words of wrong) expect((await joining(...words)).exitCode, words.join(' ')).toBe(2);
    const short = await joining('--state-sync', '--rpc', 'a:1', '--trust-height', '7', '--trust-hash', 'ab');
    expect(short.json()).toMatchObject({ error: { code: 'STATE_SYNC_MALFORMED' } });
    await expect(stat(join(folder, 'two'))).rejects.toThrow('ENOENT');
  });
});
