import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type ChildOptions, startChild } from '../../src/comet/child.ts';
import { processesWith, until } from './processes.ts';

const STUBBORN = 'trap "" TERM; while :; do sleep 0.1; done';
let made = 0;

afterEach(() => vi.unstubAllEnvs());

/** What a child is told, a line for each variable. */
async function environmentOf(options: Pick<ChildOptions, 'environment'> = {}): Promise<string[]> {
  const lines: string[] = [];
  await startChild('env', [], { ...options, onLine: (line) => lines.push(line) }).ended;
  return lines;
}

/** A word that only one program of this run has. */
const aMark = () => `cairn-child-${process.pid}-${++made}`;

describe.skipIf(process.platform !== 'linux')('a child', () => {
  for (const [name, script] of [
    ['that ends when asked', 'while :; do sleep 0.1; done'],
    ['that does not want to end', STUBBORN],
  ] as const) {
    it(`${name} is gone after its parent was killed`, async () => {
      const mark = aMark();
      const parent = spawn(
        process.execPath,
        [
          '--conditions=source',
          fileURLToPath(new URL('child-parent.ts', import.meta.url)),
          '/bin/sh',
          '-c',
          script,
          mark,
        ],
        { stdio: ['ignore', 'pipe', 'inherit'] },
      );
      await once(parent.stdout, 'data');
      await until('the program runs', () => processesWith('while', mark).length > 0);
      parent.kill('SIGKILL');
      await until('nothing of it is left', () => processesWith(mark).length === 0);
    });

    it(`${name} is gone after it was stopped`, async () => {
      const mark = aMark();
      const child = startChild('/bin/sh', ['-c', script, mark], { graceSeconds: 1 });
      await until('the program runs', () => processesWith('while', mark).length > 1);
      await child.stop();
      await until('nothing of it is left', () => processesWith(mark).length === 0);
    });

    it(`${name} is gone after the shell that watches it was killed`, async () => {
      const mark = aMark();
      const child = startChild('/bin/sh', ['-c', script, mark], { graceSeconds: 1 });
      await until('the program runs', () => processesWith('while', mark).length > 1);
      process.kill(child.pid, 'SIGKILL');
      await child.ended;
      await until('nothing of it is left', () => processesWith(mark).length === 0);
    });
  }

  it('says how it ended and what it said last', async () => {
    const lines: string[] = [];
    const child = startChild('/bin/sh', ['-c', 'echo one; echo two >&2; printf three; exit 7'], {
      onLine: (line) => lines.push(line),
    });
    const { code, said } = await child.ended;
    expect(code).toBe(7);
    expect([...said].sort()).toEqual(['one', 'three', 'two']);
    expect(lines.length).toBe(3);
  });

  it('learns nothing of what is set for Cairn, passwords among it, but what other programs need', async () => {
    vi.stubEnv('CAIRN_PASSPHRASE', 'correct horse');
    vi.stubEnv('CAIRN_API_KEY', 'a key');
    vi.stubEnv('CAIRN_INDEX_DATABASE', 'postgres://me:secret@db/cairn');
    vi.stubEnv('PGPASSWORD', 'secret');
    vi.stubEnv('HF_TOKEN', 'for models');
    const said = await environmentOf();
    expect(said.filter((line) => /^(CAIRN_|PGPASSWORD)/u.test(line))).toEqual([]);
    expect(said).toContain('HF_TOKEN=for models');
  });

  it('of our own is given the settings too', async () => {
    vi.stubEnv('CAIRN_LOG_LEVEL', 'debug');
    expect(await environmentOf({ environment: process.env })).toContain('CAIRN_LOG_LEVEL=debug');
  });

  it('that is no program says so', async () => {
    const { code, said } = await startChild('/nowhere/cometbft', []).ended;
    expect(code).toBe(127);
    expect(said.join()).toMatch('/nowhere/cometbft');
  });
});
