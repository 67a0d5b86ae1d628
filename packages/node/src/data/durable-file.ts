import { randomBytes } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describeDiskError } from './disk-error.ts';
import { makeFolder } from './make-folder.ts';

/**
 * Replaces a file so that a crash leaves the old or the new content, never a part: temporary file,
 * flush, rename, flush of the folder.
 *
 * @throws NodeError `DISK_FULL`, `DATA_FOLDER_NOT_WRITABLE`
 */
export async function writeFileDurably(path: string, bytes: Uint8Array, mode = 0o600): Promise<void> {
  try {
    await replaceFile(path, bytes, mode);
  } catch (error) {
    throw describeDiskError(path, error);
  }
}

async function replaceFile(path: string, bytes: Uint8Array, mode: number): Promise<void> {
  const folder = dirname(path);
  await makeFolder(folder);
  const temporary = join(folder, `.${process.pid}-${randomBytes(8).toString('hex')}.tmp`);
  try {
    const file = await open(temporary, 'wx', mode);
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  const directory = await open(folder, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
