import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { bytesToHex } from '@cairn/core';
import { genesisShape } from '@cairn/ledger';
import { describe, expect, it } from 'vitest';
import { votingGenesis } from '../packages/chain/test/abci/abci-town.ts';
import { decidedBlocks, recordOf } from '../packages/chain/test/abci/recording.ts';
import { describeWithCometbft } from '../packages/chain/test/comet/describe-with-cometbft.ts';
import { run } from '../packages/cli/test/run.ts';
import { aFolder, runCairn } from './support/running-network.ts';

const CLI = fileURLToPath(new URL('../packages/cli/src/main.ts', import.meta.url));

/** A folder with a genesis and what a node recorded from its start. */
async function aRecording(blocks: number) {
  const data = await aFolder();
  await writeFile(
    join(data, 'genesis.json'),
    JSON.stringify({ genesis: genesisShape.toJson(votingGenesis) }),
  );
  const decided = await decidedBlocks(blocks);
  const parts = decided.map(recordOf);
  const path = join(data, 'blocks');
  await writeFile(path, Buffer.concat(parts));
  return { data, path, parts, root: bytesToHex(decided.at(-1)!.response.appHash) };
}

describe('cairn node replay', () => {
  it('prints the root and that all are equal', async () => {
    const { data, path, root } = await aRecording(5);
    const shown = await run(['node', 'replay', path, '--data', data]);
    expect([shown.exitCode, shown.err]).toEqual([0, '']);
    expect(shown.out).toMatch(/blocks +5\ntransactions +5\n/);
    expect(shown.out).toContain(root);
    expect(shown.out).toContain('equal at every height');
    const elsewhere = ['--genesis', join(data, 'genesis.json'), '--data', await aFolder(), '--json'];
    expect((await run(['node', 'replay', path, ...elsewhere])).json()).toEqual({
      ...{ blocks: 5, transactions: 5, appHash: root, areRootsEqual: true, cutOffAt: null },
    });
  });

  it('says where a last record was cut off', async () => {
    const { data, path, parts } = await aRecording(3);
    await writeFile(path, Buffer.concat(parts).subarray(0, -1));
    const { exitCode, out, err } = await run(['node', 'replay', path, '--data', data]);
    const cutAt = parts[0]!.length + parts[1]!.length;
    expect([exitCode, err]).toEqual([0, `the last record was cut off at byte ${cutAt} and is left out\n`]);
    expect(out).toMatch(/blocks +2\n/);
  });

  it('fails at the first height that differs, and at the byte that is damaged', async () => {
    const { data, path, parts } = await aRecording(4);
    const poorer = { ...votingGenesis, salt: new Uint8Array(32).fill(9) };
    const other = join(data, 'other.json');
    await writeFile(other, JSON.stringify({ genesis: genesisShape.toJson(poorer) }));
    const differs = await run(['node', 'replay', path, '--genesis', other, '--data', data, '--json']);
    expect(differs.exitCode).toBe(1);
    expect(differs.json()).toMatchObject({ error: { code: 'REPLAY_DIFFERS', height: 1 } });
    await writeFile(path, Buffer.concat([parts[0]!, parts[2]!]));
    const damaged = await run(['node', 'replay', path, '--data', data]);
    expect(damaged).toMatchObject({
      exitCode: 1,
      out: '',
      err: expect.stringContaining(`damaged at byte ${parts[0]!.length}: block 3 comes after block 1`),
    });
  });

  it('says what is missing', async () => {
    const { data, path } = await aRecording(1);
    const gone = await run(['node', 'replay', join(data, 'gone'), '--data', data, '--json']);
    expect(gone.json()).toMatchObject({ error: { code: 'RECORDING_UNREADABLE' } });
    const nowhere = await run(['node', 'replay', path, '--data', await aFolder(), '--json']);
    expect(nowhere.json()).toMatchObject({ error: { code: 'GENESIS_MISSING' } });
  });
});

describeWithCometbft('cairn node start --record', () => {
  /** Runs the node until it has made more blocks, then ends it as a supervisor does. */
  async function runNode(data: string, path: string, blocks: number, signal: NodeJS.Signals): Promise<void> {
    const flags = [
      '--data',
      data,
      '--port',
      '0',
      '--consensus-listen',
      '127.0.0.1:0',
      '--p2p-listen',
      '',
      '--block-ms',
      '50',
    ];
    const words = ['node', 'start', '--record', path, ...flags];
    const child = spawn(process.execPath, ['--conditions=source', CLI, ...words], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = once(child, 'exit');
    await Promise.race([once(createInterface({ input: child.stdout! }), 'line'), ended]);
    const heightOf = async () => {
      const { stdout } = await runCairn(['status', '--data', data, '--json']);
      return (JSON.parse(stdout) as { chain: { height: number } }).chain.height;
    };
    const first = await heightOf();
    while (child.exitCode === null && (await heightOf()) < first + blocks);
    child.kill(signal);
    await ended;
  }

  it('keeps the blocks of a node that is killed and started again; the replay ends in its root', async () => {
    const data = await aFolder();
    const path = join(data, 'blocks');
    await runCairn(['node', 'init', '--name', 'alone', '--local', '--data', data]);
    await runNode(data, path, 4, 'SIGKILL');
    const { length } = await readFile(path);
    await runNode(data, path, 4, 'SIGTERM');
    expect((await readFile(path)).length).toBeGreaterThan(length);
    const replayed = await run(['node', 'replay', path, '--data', data, '--json']);
    expect(replayed.json()).toMatchObject({ areRootsEqual: true, cutOffAt: null });
    expect(replayed.json<{ blocks: number }>().blocks).toBeGreaterThanOrEqual(8);
    // A file that has none of the blocks before.
    const late = await runCairn([
      'node',
      'start',
      '--record',
      join(data, 'late'),
      '--data',
      data,
      '--port',
      '0',
    ]);
    expect([late.code, late.stderr]).toEqual([
      1,
      expect.stringContaining('A recording has all blocks from the first on'),
    ]);
  }, 180_000);

  it('refuses to record a node that makes its blocks alone', async () => {
    const data = await aFolder();
    await runCairn(['node', 'init', '--name', 'alone', '--local', '--data', data]);
    await writeFile(join(data, 'config.json'), JSON.stringify({ engine: 'solo' }));
    const { code, stderr } = await runCairn([
      'node',
      'start',
      '--record',
      join(data, 'b'),
      '--data',
      data,
      '--port',
      '0',
    ]);
    expect([code, stderr]).toEqual([1, expect.stringContaining('makes its blocks alone')]);
  });
});
