import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { run } from '../run.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cairn-cli-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

interface SetUp {
  readonly consensusKey: string;
  readonly nodeId: string;
  readonly genesisPath: string;
}

const at = (name: string) => join(folder, name);

describe('cairn node', () => {
  it('shows the same keys each time', async () => {
    const first = (await run(['node', 'show', '--data', at('a'), '--json'])).json<SetUp>();
    expect(first.consensusKey).toMatch(/^[0-9a-f]{64}$/);
    expect(first.nodeId).toMatch(/^[0-9a-f]{40}$/);
    expect((await run(['node', 'show', '--data', at('a'), '--json'])).json()).toEqual(first);
    expect((await run(['node', 'show', '--data', at('a')])).out).toContain(first.nodeId);
  });

  it('begins a network and lets another node in', async () => {
    const other = (await run(['node', 'show', '--data', at('b'), '--json'])).json<SetUp>();
    const begin = ['node', 'init', '--name', 'hill', '--validator', other.consensusKey, '--data', at('a')];
    const { genesisPath, nodeId } = (await run([...begin, '--port', '9000', '--json'])).json<SetUp>();
    expect(JSON.parse(await readFile(genesisPath, 'utf8')).genesis.validators).toHaveLength(2);
    const peers = `${nodeId}@hill.example.org:26656`;
    const enter = ['node', 'join', '--genesis', genesisPath, '--peers', peers, '--data', at('b')];
    expect((await run(enter)).out).toContain(other.consensusKey);
    expect(JSON.parse(await readFile(join(at('b'), 'config.json'), 'utf8'))).toEqual({
      engine: 'cometbft',
      peers,
    });
    const again = await run([...begin, '--json']);
    expect([again.exitCode, again.json()]).toMatchObject([1, { error: { code: 'NODE_EXISTS' } }]);
  });

  it('says what was typed wrong', async () => {
    for (const words of [
      ['node', 'init', '--name', 'hill', '--validator', 'abc'],
      ['node', 'init', '--name', 'hill', '--port', 'many'],
      ['node', 'join'],
      ['localnet', '--validators', '0'],
      ['localnet', '--validators', '99'],
    ]) {
      const options = { environment: { CAIRN_COMETBFT: '/nowhere/cometbft' } };
      const { exitCode } = await run([...words, '--data', at('c')], options);
      expect(exitCode, words.join(' ')).toBe(2);
    }
  });

  it('does not start without a genesis', async () => {
    const { exitCode, err } = await run(['node', 'start', '--data', at('d'), '--port', '0']);
    expect(exitCode).toBe(1);
    expect(err).toContain('./cairn node init');
  });
});
