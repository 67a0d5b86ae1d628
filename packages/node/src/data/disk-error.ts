import { NodeError } from '../errors.ts';

/** Turns a file system error into one that says what to do; any other error stays as it is. */
export function describeDiskError(path: string, cause: unknown): unknown {
  const code = (cause as NodeJS.ErrnoException).code;
  switch (code) {
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
    case 'ENOTDIR':
    case 'EEXIST':
    case 'EISDIR':
    // A parent is missing and cannot be made, as below /proc.
    case 'ENOENT':
      return new NodeError(
        { code: 'DATA_FOLDER_NOT_WRITABLE', path },
        `${path} cannot be written (${code}). Choose another data folder with --data, or change its permissions.`,
        { cause },
      );
    case 'ENOSPC':
    case 'EDQUOT':
      return new NodeError(
        { code: 'DISK_FULL', path },
        `The disk of ${path} is full. Nothing was lost; free some space or choose another folder with --data.`,
        { cause },
      );
    default:
      return cause;
  }
}
