import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { createIndexer } from '../../src/index.ts';
import { busyBlocks } from '../support/busy-chain.ts';
import { databasesUnderTest } from '../support/databases.ts';
import { allRows } from '../support/rows.ts';
import { aLog, createWrittenChain } from '../support/written-chain.ts';

const databases = await databasesUnderTest();
const BLOCKS = 240;
const child = fileURLToPath(new URL('index-child.ts', import.meta.url));

/** Runs the indexer and kills it when it says so the n-th time. True when it was done before. */
async function runUntilKilled(target: string, lines: number): Promise<boolean> {
  const process = spawn(globalThis.process.execPath, ['--conditions=source', child, target, String(BLOCKS)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let seen = 0;
  let isDone = false;
  let errors = '';
  process.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  process.stdout.setEncoding('utf8').on('data', (text: string) => {
    // Until it opened the database there is nothing to lose.
    seen += text.match(/^at [1-9]/gm)?.length ?? 0;
    isDone ||= text.includes('done');
    if (seen >= lines) process.kill('SIGKILL');
  });
  const ended = await new Promise<[number | null, string | null]>((resolve) =>
    process.once('close', (code, signal) => resolve([code, signal])),
  );
  if (ended[1] !== 'SIGKILL' && ended[0] !== 0) throw new Error(`the indexer failed: ${errors}`);
  return isDone;
}

describe.each(databases)('an index in $name that is killed again and again', ({ create, missing }) => {
  it.skipIf(missing !== null)('holds every event once, as one that never was', async () => {
    await using place = await create();
    await using other = await create();
    let kills = 0;
    for (let lines = 1; !(await runUntilKilled(place.target, lines)); lines *= 3) {
      kills += 1;
      expect(kills, 'runs that were killed').toBeLessThan(12);
    }
    expect(kills).toBeGreaterThan(2);
    await using killed = await place.open();
    await using whole = await other.open();
    const { ledger } = createWrittenChain(busyBlocks(BLOCKS));
    await createIndexer({ ledger, connection: whole, log: aLog() }).catchUp();
    expect(await allRows(killed)).toEqual(await allRows(whole));
  });
});
