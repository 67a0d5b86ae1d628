import { type FileHandle, open } from 'node:fs/promises';
import { EngineError, reasonOf } from '../errors.ts';
import { type GgufHeader, GgufIncomplete, GgufMalformed, parseGgufHeader } from './gguf-header.ts';

const FIRST_READ_BYTES = 1 << 20;
const MAX_HEADER_BYTES = 1 << 28;

export interface GgufFile extends GgufHeader {
  readonly path: string;
  readonly sizeBytes: number;
}

/**
 * Opens a model file, reads its header and checks that every tensor lies inside the file. Reads the header
 * only, so it takes milliseconds whatever the size.
 *
 * @throws EngineError `MODEL_FILE_MISSING`, `MODEL_FILE_CORRUPT`
 */
export async function readGgufFile(path: string): Promise<GgufFile> {
  const file = await openModel(path);
  try {
    const stats = await file.stat();
    if (!stats.isFile()) throw corrupt(path, 'it is not a regular file');
    const header = await readHeader(file, path, stats.size);
    if (header.dataEndBytes > stats.size) {
      const missing = header.dataEndBytes - stats.size;
      throw corrupt(path, `it is cut: ${stats.size} bytes are there, ${missing} are missing`);
    }
    if (header.tensorCount === 0) throw corrupt(path, 'it holds no tensors');
    return { ...header, path, sizeBytes: stats.size };
  } finally {
    await file.close();
  }
}

async function openModel(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r');
  } catch (error) {
    const isAbsent = ['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '');
    throw new EngineError(
      { code: 'MODEL_FILE_MISSING', path },
      isAbsent
        ? `There is no model file at ${path}. Check the path, or fetch the model first.`
        : `The model file ${path} cannot be opened: ${reasonOf(error)}.`,
      { cause: error },
    );
  }
}

async function readHeader(file: FileHandle, path: string, sizeBytes: number): Promise<GgufHeader> {
  for (let wanted = FIRST_READ_BYTES; ; wanted *= 4) {
    const length = Math.min(wanted, sizeBytes);
    const bytes = new Uint8Array(length);
    let got = 0;
    while (got < length) {
      const { bytesRead } = await file.read(bytes, got, length - got, got);
      if (bytesRead === 0) break;
      got += bytesRead;
    }
    try {
      return parseGgufHeader(bytes.subarray(0, got));
    } catch (error) {
      if (error instanceof GgufMalformed) throw corrupt(path, error.message);
      if (!(error instanceof GgufIncomplete)) throw error;
      if (length === sizeBytes) throw corrupt(path, `it is cut inside its header, at byte ${sizeBytes}`);
      if (wanted >= MAX_HEADER_BYTES)
        throw corrupt(path, `its header is longer than ${MAX_HEADER_BYTES} bytes`);
    }
  }
}

function corrupt(path: string, reason: string): EngineError {
  return new EngineError(
    { code: 'MODEL_FILE_CORRUPT', path, reason },
    `${path} is not a usable GGUF model: ${reason}. Fetch it again.`,
  );
}
