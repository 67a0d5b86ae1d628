import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { list, struct, u32, u64 } from '@cairn/core';
import { createSealingKey, type SealCrypto, type SealingKey } from '@cairn/protocol';
import { readJsonFile, writeJsonFile } from '../data/data-folder.ts';
import { readOrCreateKeyFile } from '../data/key-file.ts';

/** Most keys kept besides the current one; the oldest goes first. */
const MOST_RETIRED = 8;

const indexShape = struct('SealingKeyIndex', {
  current: u32,
  /** Keys that still open, the newest first, and the slot from which each is needed no more. */
  retired: list(struct('RetiredKey', { number: u32, untilSlot: u64 }), MOST_RETIRED),
});

/** The sealing keys of one provider: the one its record names and those it named before. */
export interface SealingKeyring {
  readonly current: SealingKey;
  /** The current one first. */
  keys(): readonly SealingKey[];
  /**
   * Makes a new key the current one. The old one still opens until `untilSlot`: when the last offer that stood
   * with it has expired.
   */
  rotate(untilSlot: bigint): Promise<SealingKey>;
  /** Deletes retired keys whose time is over: what was sealed to them can then be opened by nobody. */
  dropExpired(slot: bigint): Promise<number>;
}

/**
 * Opens the sealing keys in a folder of role keys, `sealing-<number>.key`, each of them 32 secret bytes that only
 * the owner may read. The first is made on first use.
 *
 * @throws NodeError `KEY_FILE_MALFORMED`, `KEY_FILE_READABLE`, `DATA_FOLDER_MALFORMED`
 */
export async function openSealingKeys(folder: string, crypto: SealCrypto): Promise<SealingKeyring> {
  const indexPath = join(folder, 'sealing.json');
  const nameOf = (number: number) => `sealing-${number}`;
  const open = async (number: number) =>
    createSealingKey(crypto, await readOrCreateKeyFile(folder, nameOf(number)));

  const stored = await readJsonFile(indexPath);
  let index = stored === undefined ? { current: 1, retired: [] } : indexShape.fromJson(stored);
  let current = await open(index.current);
  let retired = await Promise.all(index.retired.map(async ({ number }) => open(number)));

  async function write(next: typeof index): Promise<void> {
    const gone = index.retired.filter(({ number }) => !next.retired.some((kept) => kept.number === number));
    await writeJsonFile(indexPath, indexShape.toJson(next));
    index = next;
    for (const { number } of gone) await rm(join(folder, `${nameOf(number)}.key`), { force: true });
  }

  return {
    get current() {
      return current;
    },
    keys: () => [current, ...retired],
    async rotate(untilSlot) {
      const number = index.current + 1;
      const next = await open(number);
      const before = { number: index.current, untilSlot };
      await write({ current: number, retired: [before, ...index.retired].slice(0, MOST_RETIRED) });
      retired = [current, ...retired].slice(0, MOST_RETIRED);
      current = next;
      return next;
    },
    async dropExpired(slot) {
      const isKept = index.retired.map(({ untilSlot }) => untilSlot > slot);
      const kept = index.retired.filter((_, at) => isKept[at]);
      const dropped = index.retired.length - kept.length;
      if (dropped === 0) return 0;
      retired = retired.filter((_, at) => isKept[at]);
      await write({ ...index, retired: kept });
      return dropped;
    },
  };
}
