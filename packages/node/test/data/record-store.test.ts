import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { openRecordStore } from '../../src/data/record-store.ts';
import { aFolder } from './parts.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (record: Uint8Array | undefined) => new TextDecoder().decode(record);

describe('openRecordStore', () => {
  it('lists keys of a prefix in ascending order and no others', async () => {
    await using records = openRecordStore(join(aFolder(), 'role'));
    for (const key of ['b/2', 'a', 'b/10', 'b', 'b/', 'c/1', 'b0', 'b/1']) await records.set(key, bytes(key));
    expect([...records.keys('b/')]).toEqual(['b/', 'b/1', 'b/10', 'b/2']);
    expect([...records.keys('')]).toEqual(['a', 'b', 'b/', 'b/1', 'b/10', 'b/2', 'b0', 'c/1']);
    expect([...records.keys('d')]).toEqual([]);
  });

  it('keeps its own copy, and forgets what is deleted', async () => {
    await using records = openRecordStore(join(aFolder(), 'role'));
    const mine = bytes('first');
    const written = records.set('key', mine);
    mine.fill(0);
    await written;
    records.get('key')!.fill(0);
    expect(text(records.get('key'))).toBe('first');
    await records.delete('key');
    await records.delete('key');
    expect(records.get('key')).toBeUndefined();
  });

  it('lets the last of many writes of one key win', async () => {
    const path = join(aFolder(), 'role');
    {
      await using records = openRecordStore(path);
      await Promise.all(Array.from({ length: 200 }, (_, index) => records.set('key', bytes(`${index}`))));
      expect(text(records.get('key'))).toBe('199');
    }
    await using again = openRecordStore(path);
    expect(text(again.get('key'))).toBe('199');
  });

  it('loses nothing that was acknowledged when its process is killed', async () => {
    const path = join(aFolder(), 'role');
    const script = fileURLToPath(new URL('record-writer.ts', import.meta.url));
    for (const enough of [1, 20, 60]) {
      const writer = spawn(process.execPath, ['--conditions=source', script, path]);
      let told = '';
      for await (const part of writer.stdout) {
        told += String(part);
        if (told.split('\n').length > enough) break;
      }
      writer.kill('SIGKILL');
      await once(writer, 'exit');
      const last = Math.max(...told.split('\n').slice(0, -1).map(Number));
      await using records = openRecordStore(path);
      for (let index = 0; index <= last; index++) {
        const key = `record/${String(index).padStart(6, '0')}`;
        expect(text(records.get(key)), key).toBe(`value ${index}`);
      }
    }
  });
});
