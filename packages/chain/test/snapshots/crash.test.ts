import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { bytesToHex } from '@cairn/core';
import { describe, expect, it } from 'vitest';
import { openLmdbStore } from '../../src/index.ts';
import { aFolder } from '../parts.ts';
import { aServer, aSnapshotNode, type SnapshotNode, valuesOf } from './parts.ts';

const SCRIPT = fileURLToPath(new URL('snapshot-child.ts', import.meta.url));

interface Death {
  /** Where the child kills itself, and at which time it comes there. */
  readonly step?: string;
  readonly countdown?: number;
  /** Milliseconds after its first word until its parent kills it. */
  readonly afterMs?: number;
}

/** Runs a child until it is dead or done. Returns what it said. */
async function live(mode: 'take' | 'apply', folder: string, death: Death, handed = ''): Promise<string[]> {
  const { step = 'never', countdown = 1, afterMs } = death;
  const args = ['--conditions=source', SCRIPT, mode, folder, step, String(countdown), handed];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const said: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => {
    said.push(line);
    if (said.length === 1 && afterMs !== undefined) setTimeout(() => child.kill('SIGKILL'), afterMs);
  });
  const [code, signal] = await once(child, 'close');
  const isDone = code === 0 && said.at(-1) === 'closed';
  expect(isDone || signal === 'SIGKILL', `${JSON.stringify(death)}: ${said.join(', ')}`).toBe(true);
  return said;
}

const isLong = process.env.CAIRN_TEST_LONG === '1';
const times = (long: readonly number[], short: readonly number[]) => (isLong ? long : short);

const TAKE: Death[] = [
  ...times([1, 2, 3, 4, 5], [1, 3]).map((countdown) => ({ step: 'before hash', countdown })),
  ...times([0, 2, 5, 10, 20, 40], [5, 20]).map((afterMs) => ({ afterMs })),
];

const APPLY: Death[] = [
  ...(isLong ? [{ step: 'before aside' }] : []),
  { step: 'after aside' },
  ...times([1, 2, 3, 4], [2]).map((countdown) => ({ step: 'before write', countdown })),
  ...times([1, 2, 3, 4], [3]).map((countdown) => ({ step: 'after write', countdown })),
  { step: 'before adopt' },
  { step: 'in adopt' },
  { step: 'after adopt' },
  ...times([0, 5, 20, 40, 60, 80], [30]).map((afterMs) => ({ afterMs })),
];

/** The snapshot of a server and its pieces, in files. */
async function handOut(server: SnapshotNode): Promise<string> {
  const folder = aFolder();
  const [snapshot] = server.snapshots.list();
  const { height, chunks, hash, metadata } = snapshot!;
  const pieces: string[] = [];
  for (let index = 0; index < chunks; index++) {
    const path = join(folder, `piece-${index}`);
    writeFileSync(path, await server.snapshots.load(height, 1, index));
    pieces.push(path);
  }
  const handed = join(folder, 'handed.json');
  const said = { height: Number(height), chunks, hash: bytesToHex(hash), metadata: bytesToHex(metadata) };
  const { appHash } = server.state.prove('a/1', Number(height));
  writeFileSync(handed, JSON.stringify({ appHash: bytesToHex(appHash), snapshot: said, pieces }));
  return handed;
}

/** The node of a folder, whose state is compared with its root when it opens. */
const open = (folder: string) =>
  aSnapshotNode({ store: openLmdbStore(join(folder, 'chain')), folder: join(folder, 'chain', 'snapshots') });

describe('a node that is killed', () => {
  it('while it takes a snapshot has the whole of it or nothing, and takes the next', async () => {
    const folder = aFolder();
    mkdirSync(join(folder, 'chain'));
    const before = await aServer({
      store: openLmdbStore(join(folder, 'chain')),
      folder: join(folder, 'chain', 'snapshots'),
    });
    const values = valuesOf(before);
    await before.store.close();
    for (const death of TAKE) {
      const what = JSON.stringify(death);
      await live('take', folder, death);
      const node = await open(folder);
      expect(valuesOf(node), what).toEqual(values);
      const names = readdirSync(node.folder);
      expect(
        names.filter((name) => !/^\d{12}$/.test(name)),
        what,
      ).toEqual([]);
      // Those at height 5 cannot be proved yet, and are whole all the same.
      for (const name of names)
        for (let index = 0; index < 3; index++)
          expect(await node.snapshots.load(BigInt(name), 1, index), `${what} ${name}`).not.toHaveLength(0);
      expect(names, what).toContain('000000000003');
      await node.store.close();
    }
    expect(await live('take', folder, {})).toEqual(['open 5', 'taken 5', 'closed']);
  }, 240_000);

  it('while a snapshot comes in has the state before it or all of it, and begins again', async () => {
    const server = await aServer();
    const handed = await handOut(server);
    const outcomes = new Set<number>();
    for (const death of APPLY) {
      const folder = aFolder();
      const what = JSON.stringify(death);
      const said = await live('apply', folder, death, handed);
      const node = await open(folder);
      const height = Number(node.state.meta!.height);
      outcomes.add(height);
      expect([0, 3], what).toContain(height);
      if (said.at(-1) === 'closed' || death.step === 'after adopt') expect(height, what).toBe(3);
      if (death.step?.startsWith('before') === true || death.step?.endsWith('write') === true)
        expect(height, what).toBe(0);
      expect(existsSync(join(folder, 'chain', 'incoming')), what).toBe(false);
      if (height === 3) expect(valuesOf(node), what).toEqual(valuesOf(server));
      if (height === 0) {
        const [snapshot] = server.snapshots.list();
        expect(await node.snapshots.offer(snapshot!, server.state.prove('a/1', 3).appHash)).toBe('accept');
        for (let index = 0; index < snapshot!.chunks; index++)
          await node.snapshots.apply(index, await server.snapshots.load(3n, 1, index), 'peer');
        expect(valuesOf(node), what).toEqual(valuesOf(server));
      }
      await node.store.close();
    }
    expect([...outcomes].toSorted()).toEqual([0, 3]);
  }, 240_000);
});
