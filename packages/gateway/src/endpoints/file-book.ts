import { bytesToHex, type Clock, type Random } from '@cairn/core';
import type { RecordStore } from '@cairn/protocol';
import { GatewayError } from '../errors.ts';

/** A file that a caller keeps here. */
export interface KeptFile {
  readonly id: string;
  readonly filename: string;
  readonly purpose: string;
  readonly bytes: number;
  /** Seconds since 1970. */
  readonly createdAt: number;
}

export interface NewFile {
  readonly filename: string;
  readonly purpose: string;
  readonly data: Uint8Array;
}

/** Files of each caller, bounded in size and number, in the node's own records. */
export interface FileBook {
  /** @throws GatewayError `storage_full` */
  add(caller: string, file: NewFile): Promise<KeptFile>;
  /** Keeps what was made of a caller's own paid work, also where it does not fit: it is not lost. */
  keep(caller: string, file: NewFile): Promise<KeptFile>;
  /** Bytes that a caller's files may still grow by; 0 when it has all the files it may have. */
  room(caller: string): number;
  /** The newest first. */
  list(caller: string): readonly KeptFile[];
  /** @throws GatewayError `file_not_found` */
  find(caller: string, id: string): KeptFile;
  /** @throws GatewayError `file_not_found` */
  read(caller: string, id: string): Uint8Array;
  /** @throws GatewayError `file_not_found` */
  remove(caller: string, id: string): Promise<void>;
}

export const MOST_FILE_BYTES = 16 * 1024 * 1024;
const MOST_FILES = 256;
const MOST_CALLER_BYTES = 128 * 1024 * 1024;
const MOST_BYTES = 1024 * 1024 * 1024;
const CHUNK_BYTES = 512 * 1024;
const PREFIX = 'file/';

export function createFileBook(parts: {
  readonly records: RecordStore;
  readonly clock: Clock;
  readonly random: Random;
}): FileBook {
  const { records, clock, random } = parts;
  const files = new Map<string, Map<string, KeptFile>>();
  for (const key of records.keys(PREFIX)) {
    const [, caller = '', id = ''] = key.split('/');
    const kept = records.get(key);
    if (kept !== undefined) mapOf(caller).set(id, JSON.parse(new TextDecoder().decode(kept)) as KeptFile);
  }

  function mapOf(caller: string): Map<string, KeptFile> {
    let own = files.get(caller);
    if (own === undefined) {
      own = new Map();
      files.set(caller, own);
    }
    return own;
  }

  const sizeOf = (own: ReadonlyMap<string, KeptFile>) =>
    [...own.values()].reduce((sum, { bytes }) => sum + bytes, 0);
  const chunkKey = (id: string, index: number) => `data/${id}/${String(index).padStart(6, '0')}`;

  /** What was being written when a gateway stopped belongs to no file. */
  const whole = new Set([...files.values()].flatMap((own) => [...own.keys()]));
  const lost = [...records.keys('data/')].filter((key) => !whole.has(key.split('/')[1] ?? ''));
  const cleared = Promise.all(lost.map((key) => records.delete(key)));
  // Awaited before the first write, where a failure is told.
  cleared.catch(() => undefined);

  function find(caller: string, id: string): KeptFile {
    const found = files.get(caller)?.get(id);
    if (found !== undefined) return found;
    throw new GatewayError({ code: 'file_not_found' }, `There is no file ${id.slice(0, 60)} of yours here.`);
  }

  const sizeOfAll = () => [...files.values()].reduce((sum, map) => sum + sizeOf(map), 0);

  function requireRoom(caller: string, bytes: number): void {
    const own = mapOf(caller);
    const full = (unit: 'bytes' | 'files', limit: number, left: number | null, why: string) =>
      new GatewayError(
        { code: 'storage_full', limit, unit, left: left === null ? null : Math.max(left, 0) },
        `This file does not fit: ${why}. ${left === null ? 'Split it.' : 'No time makes room: delete files you do not need.'}`,
      );
    if (bytes > MOST_FILE_BYTES)
      throw full('bytes', MOST_FILE_BYTES, null, `a file may have ${MOST_FILE_BYTES} bytes`);
    if (own.size >= MOST_FILES)
      throw full('files', MOST_FILES, 0, `you have ${own.size} files, of ${MOST_FILES}`);
    const mine = MOST_CALLER_BYTES - sizeOf(own);
    if (bytes > mine)
      throw full(
        'bytes',
        MOST_CALLER_BYTES,
        mine,
        `your files may have ${MOST_CALLER_BYTES} bytes together, of which ${Math.max(mine, 0)} are left`,
      );
    const all = MOST_BYTES - sizeOfAll();
    if (bytes > all) throw full('bytes', MOST_BYTES, all, `this gateway keeps ${MOST_BYTES} bytes for all`);
  }

  async function write(caller: string, { filename, purpose, data }: NewFile): Promise<KeptFile> {
    const id = `file-${bytesToHex(random.bytes(12))}`;
    const createdAt = Math.floor(clock.nowMs() / 1000);
    const file: KeptFile = { id, filename, purpose, bytes: data.length, createdAt };
    // Counted before it is written, so that files sent at once do not overrun the bounds together.
    mapOf(caller).set(id, file);
    try {
      for (let at = 0; at < data.length; at += CHUNK_BYTES) {
        await records.set(chunkKey(id, at / CHUNK_BYTES), data.slice(at, at + CHUNK_BYTES));
      }
      await records.set(`${PREFIX}${caller}/${id}`, new TextEncoder().encode(JSON.stringify(file)));
    } catch (error) {
      mapOf(caller).delete(id);
      throw error;
    }
    return file;
  }

  return {
    async add(caller, file) {
      await cleared;
      requireRoom(caller, file.data.length);
      return write(caller, file);
    },
    async keep(caller, file) {
      await cleared;
      return write(caller, file);
    },
    room(caller) {
      const own = mapOf(caller);
      const left = Math.min(MOST_CALLER_BYTES - sizeOf(own), MOST_BYTES - sizeOfAll());
      return own.size >= MOST_FILES ? 0 : Math.max(left, 0);
    },
    list: (caller) => [...(files.get(caller)?.values() ?? [])].reverse(),
    find,
    read(caller, id) {
      const { bytes } = find(caller, id);
      const data = new Uint8Array(bytes);
      for (let at = 0; at < bytes; at += CHUNK_BYTES) {
        data.set(records.get(chunkKey(id, at / CHUNK_BYTES)) ?? new Uint8Array(0), at);
      }
      return data;
    },
    async remove(caller, id) {
      const { bytes } = find(caller, id);
      files.get(caller)?.delete(id);
      await records.delete(`${PREFIX}${caller}/${id}`);
      for (let at = 0; at < bytes; at += CHUNK_BYTES) await records.delete(chunkKey(id, at / CHUNK_BYTES));
    },
  };
}
