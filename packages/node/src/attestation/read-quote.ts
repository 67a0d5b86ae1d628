import { open } from 'node:fs/promises';
import { NodeError } from '../errors.ts';
import { MAX_QUOTE_BYTES } from './check-quote.ts';

/**
 * The quote that the setting `quote` names; null when it names none. What it says is for those who ask to check: the
 * machine that shows it gains nothing by believing it.
 *
 * @throws NodeError `CONFIG_INVALID` for a file that cannot be read, or that nobody would take
 */
export async function readQuote(path: string): Promise<Uint8Array | null> {
  if (path === '') return null;
  const bytes = await readFirst(path, MAX_QUOTE_BYTES + 1);
  if (bytes.length === 0) throw refused(path, 'is empty');
  if (bytes.length > MAX_QUOTE_BYTES) throw refused(path, `has more than ${MAX_QUOTE_BYTES} bytes`);
  return bytes;
}

async function readFirst(path: string, most: number): Promise<Uint8Array> {
  try {
    await using file = await open(path);
    const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(most) });
    return new Uint8Array(buffer.subarray(0, bytesRead));
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === undefined) throw cause;
    throw refused(path, `cannot be read (${code})`, cause);
  }
}

function refused(path: string, reason: string, cause?: unknown): NodeError {
  return new NodeError(
    { code: 'CONFIG_INVALID', key: 'quote', value: path },
    `The setting quote names ${path}, which ${reason}. Name a file with a quote, or leave the setting out.`,
    { cause },
  );
}
