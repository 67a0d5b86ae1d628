import { TrainingError } from '../errors.ts';
import type { RunLibrary } from './run-desk.ts';

/**
 * A blob that was fetched a moment ago. One that is damaged on disk is gone from the library once it was read, so the
 * next try fetches it again.
 *
 * @throws TrainingError `BLOB_NOT_FETCHED`
 */
export async function readFetched(library: Pick<RunLibrary, 'get'>, id: string): Promise<Uint8Array> {
  const bytes = await library.get(id);
  if (bytes !== null) return bytes;
  throw new TrainingError(
    { code: 'BLOB_NOT_FETCHED', id },
    `Blob ${id} was damaged here, or went away. It is fetched again.`,
  );
}
