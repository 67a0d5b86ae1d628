import { EngineError } from '../errors.ts';

export function downloadCut(
  url: string,
  doneBytes: number,
  totalBytes: number | null,
  cause?: unknown,
): EngineError {
  return new EngineError(
    { code: 'DOWNLOAD_CUT', url, doneBytes, totalBytes },
    `The download of ${url} broke off at ${doneBytes} of ${totalBytes ?? 'an unknown number of'} bytes. ` +
      'What came is kept; run the same again to go on.',
    { cause },
  );
}

export function downloadCancelled(url: string, doneBytes: number): EngineError {
  return new EngineError(
    { code: 'DOWNLOAD_CANCELLED', url, doneBytes },
    `The download of ${url} was cancelled at ${doneBytes} bytes. Run the same again to go on.`,
  );
}

export function downloadRefused(url: string, status: number): EngineError {
  return new EngineError(
    { code: 'DOWNLOAD_REFUSED', url, status },
    `${url} does not give the file (status ${status}). It may need an account, or the server may be unwell.`,
  );
}

export function diskFull(
  path: string,
  neededBytes: number,
  freeBytes: number | null,
  cause?: unknown,
): EngineError {
  const told =
    freeBytes === null ? 'the disk is full' : `${neededBytes} bytes are needed and ${freeBytes} are free`;
  return new EngineError(
    { code: 'DISK_FULL', path, neededBytes, freeBytes },
    `${path} does not fit: ${told}. Free some space and run the same again.`,
    { cause },
  );
}
