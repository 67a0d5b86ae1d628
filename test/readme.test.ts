import { readFile, rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { normalize, readRecordings, type Session, startSession } from './support/recording.ts';
import { aFolder, eventually } from './support/running-network.ts';

const recordings = readRecordings(await readFile(new URL('../README.md', import.meta.url), 'utf8'));

describe('the recording that opens the README', () => {
  let session: Session;
  let data: string;

  beforeAll(async () => {
    data = await aFolder();
    session = await startSession({
      CAIRN_DATA: data,
      CAIRN_PORT: '0',
      CAIRN_BLOCK_MS: '200',
      CAIRN_SLOT_MS: '200',
      CAIRN_TEMPO: '60',
    });
  });
  afterAll(async () => {
    await session[Symbol.asyncDispose]();
    await rm(data, { recursive: true, force: true });
  });

  it('shows the commands that a newcomer needs', () => {
    const commands = recordings.map(({ command }) => command.replace(/ .*https?:.*| -.*| ".*/, ''));
    expect(commands).toEqual([
      './cairn up',
      'curl',
      './cairn ask',
      './cairn subnet show 1',
      './cairn wallet balance',
    ]);
  });

  it('starts as it shows', () => {
    expect(normalize(session.up)).toBe(normalize(recordings[0]!.output));
  });

  it.each(recordings.slice(1).map(({ command, output }) => [command, output]))(
    'prints what it shows for %s',
    async (command, output) => {
      if (command.includes('subnet show')) {
        await eventually(async () => (/miner-1 +[1-9]/.test(await session.run(command)) ? true : null));
      }
      const printed = await session.run(command);
      expect(normalize(printed)).toBe(normalize(output));
      if (command.startsWith('curl')) expect(printed).toContain('"content":"30 9 * * 1-5"');
      if (command.includes('ask')) expect(printed).toContain('0 19 * * 1');
      if (command.includes('subnet show')) expect(printed).toMatch(/miner-4 +0\.00 %/);
    },
    120_000,
  );
});
