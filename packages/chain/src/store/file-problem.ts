import { ChainError } from '../errors.ts';

/** A file system error in our words; anything else is returned as it is. */
export function fileProblem(path: string, error: unknown): unknown {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  const text = error instanceof Error ? error.message : String(error);
  if (
    code === 'EACCES' ||
    code === 'EPERM' ||
    code === 'EROFS' ||
    /permission denied|read-only/i.test(text)
  ) {
    return new ChainError(
      { code: 'NO_PERMISSION', path },
      `${path} cannot be written (${text}). Give this user write permission, or choose another folder with --data.`,
      { cause: error },
    );
  }
  if (code === 'ENOSPC' || code === 'EDQUOT' || /no space left|MDB_MAP_FULL|disk quota/i.test(text)) {
    return new ChainError(
      { code: 'DISK_FULL', path },
      `There is no space left for ${path} (${text}). Free some and start again: nothing acknowledged is lost.`,
      { cause: error },
    );
  }
  return error;
}
