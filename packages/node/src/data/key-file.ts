import { randomBytes } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { NodeError } from '../errors.ts';
import { writeFileDurably } from './durable-file.ts';

const pathOf = (folder: string, name: string) => join(folder, `${name}.key`);

/**
 * The 32-byte secret of a role's key, made on first use. The file is hexadecimal and only the owner may read it:
 * roles sign without a person present, so it has no passphrase. People's money belongs in a wallet.
 *
 * @throws NodeError `KEY_FILE_MALFORMED`, `KEY_FILE_READABLE`
 */
export async function readOrCreateKeyFile(folder: string, name: string): Promise<Uint8Array> {
  const known = await readKeyFile(folder, name);
  if (known !== null) return known;
  const secret = randomBytes(32);
  await writeFileDurably(pathOf(folder, name), new TextEncoder().encode(`${secret.toString('hex')}\n`));
  return new Uint8Array(secret);
}

/** As `readOrCreateKeyFile`, but null when there is no such file. */
export async function readKeyFile(folder: string, name: string): Promise<Uint8Array | null> {
  const path = pathOf(folder, name);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EISDIR') throw malformed(path);
    if (code !== 'ENOENT') throw error;
    return null;
  }
  if (process.platform !== 'win32' && ((await stat(path)).mode & 0o077) !== 0) {
    throw new NodeError(
      { code: 'KEY_FILE_READABLE', path },
      `The key file ${path} can be read by others. Run chmod 600 on it.`,
    );
  }
  if (!/^[0-9a-f]{64}\n?$/.test(text)) throw malformed(path);
  return new Uint8Array(Buffer.from(text.trim(), 'hex'));
}

function malformed(path: string): NodeError {
  return new NodeError(
    { code: 'KEY_FILE_MALFORMED', path },
    `The key file ${path} is damaged. Restore it from a backup.`,
  );
}
