import { createHash } from 'node:crypto';
import { imageRefused } from './manifest.ts';

/**
 * Passes on what comes, as long as it is no more than announced, and ends well only when it hashes to its name.
 *
 * @param sizeBytes bytes there must be; null when only `mostBytes` bound them.
 * @throws EngineError `IMAGE_REFUSED`
 */
export async function* readExactly(
  parts: AsyncIterable<Uint8Array>,
  digest: string,
  mostBytes: number,
  sizeBytes: number | null = null,
): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256');
  const most = sizeBytes ?? mostBytes;
  let received = 0;
  for await (const part of parts) {
    received += part.length;
    if (received > most) throw imageRefused(`part ${digest} has more than ${most} bytes`);
    hash.update(part);
    yield part;
  }
  if (sizeBytes !== null && received !== sizeBytes)
    throw imageRefused(`part ${digest} has ${received} bytes where ${sizeBytes} were announced`);
  const got = hash.digest('hex');
  if (got !== digest) throw imageRefused(`part ${digest} came with the hash ${got}`);
}

/** All of it at once, for what is small. @throws as {@link readExactly} */
export async function readSmall(
  parts: AsyncIterable<Uint8Array>,
  digest: string,
  mostBytes: number,
  sizeBytes: number | null = null,
): Promise<Uint8Array> {
  const kept: Uint8Array[] = [];
  for await (const part of readExactly(parts, digest, mostBytes, sizeBytes)) kept.push(part);
  return Uint8Array.from(Buffer.concat(kept));
}
