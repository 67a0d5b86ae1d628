import { type DownloadParts, type DownloadProgress, digestFile, downloadFile } from '@cairn/engines';
import { readJsonFile, writeJsonFile } from '../data/data-folder.ts';

/** Which file lies beside this note. */
interface DownloadNote {
  readonly url: string;
  /** Hex. */
  readonly sha256: string;
}

export interface DownloadOnceOptions {
  readonly url: string;
  readonly path: string;
  readonly onProgress?: (progress: DownloadProgress) => void;
}

/**
 * Fetches a file to `path` unless what came from this address before is still there, byte for byte.
 *
 * @throws EngineError as `downloadFile`
 */
export async function downloadOnce(parts: DownloadParts, options: DownloadOnceOptions): Promise<void> {
  const { url, path } = options;
  const notePath = `${path}.json`;
  const note = (await readJsonFile(notePath)) as Partial<DownloadNote> | undefined;
  if (note?.url === url && note.sha256 === (await sha256Of(path))) return;
  const { sha256 } = await downloadFile(parts, options);
  await writeJsonFile(notePath, { url, sha256 } satisfies DownloadNote);
}

async function sha256Of(path: string): Promise<string | null> {
  try {
    return (await digestFile(path)).sha256;
  } catch {
    // Not there or not to be read: then it is fetched, which says what is wrong with the place.
    return null;
  }
}
