import { createCipheriv, createDecipheriv, createHmac, hkdfSync } from 'node:crypto';
import { bytesToUtf8, concatBytes, type Random, utf8ToBytes } from '@cairn/core';
import type { RecordStore } from '@cairn/protocol';
import type { KeptAnswer } from './idempotency.ts';

/** A used key as it is on disk. */
export interface KeptEntry {
  /** Caller and key. */
  readonly name: string;
  /** Hash of what was asked. */
  readonly binding: string;
  readonly atMs: number;
  readonly state: 'running' | 'kept' | 'gone';
  readonly answer: KeptAnswer | null;
}

/** Used keys and their answers on disk, under a key of this node: who reads the disk alone learns how many there are. */
export interface KeptStore {
  /** Returns when it is durable. */
  save(entry: KeptEntry): Promise<void>;
  remove(name: string): Promise<void>;
  /** The oldest first. What does not open, because another key wrote it or it is damaged, is removed. */
  load(): KeptEntry[];
}

const PREFIX = 'gateway/kept/';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** @param secret 32 bytes that this node keeps. */
export function createKeptStore(
  { records, random }: { readonly records: RecordStore; readonly random: Random },
  secret: Uint8Array,
): KeptStore {
  const derive = (purpose: string) =>
    new Uint8Array(hkdfSync('sha256', secret, '', `cairn/kept/${purpose}/v1`, 32));
  const sealKey = derive('seal');
  const nameKey = derive('name');
  const keyOf = (name: string) => PREFIX + createHmac('sha256', nameKey).update(name).digest('hex');

  function seal(place: string, entry: KeptEntry): Uint8Array {
    const nonce = random.bytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', sealKey, nonce).setAAD(utf8ToBytes(place));
    const sealed = concatBytes(cipher.update(JSON.stringify(entry), 'utf8'), cipher.final());
    return concatBytes(nonce, sealed, cipher.getAuthTag());
  }

  function open(place: string, bytes: Uint8Array): KeptEntry | null {
    if (bytes.length < NONCE_BYTES + TAG_BYTES) return null;
    const nonce = bytes.subarray(0, NONCE_BYTES);
    const decipher = createDecipheriv('aes-256-gcm', sealKey, nonce)
      .setAAD(utf8ToBytes(place))
      .setAuthTag(bytes.subarray(-TAG_BYTES));
    const sealed = bytes.subarray(NONCE_BYTES, -TAG_BYTES);
    try {
      return JSON.parse(bytesToUtf8(concatBytes(decipher.update(sealed), decipher.final()))) as KeptEntry;
    } catch {
      // Another key, or damage: the tag says no more than that.
      return null;
    }
  }

  return {
    save: ({ name, binding, atMs, state, answer }) =>
      records.set(keyOf(name), seal(keyOf(name), { name, binding, atMs, state, answer })),
    remove: (name) => records.delete(keyOf(name)),
    load() {
      const found: KeptEntry[] = [];
      for (const place of [...records.keys(PREFIX)]) {
        const bytes = records.get(place);
        const entry = bytes === undefined ? null : open(place, bytes);
        if (entry !== null) found.push(entry);
        else records.delete(place).catch(() => undefined);
      }
      return found.sort((one, other) => one.atMs - other.atMs);
    },
  };
}
