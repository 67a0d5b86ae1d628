import { describe, expect, it } from 'vitest';
import { ChainError } from '../src/index.ts';
import { fileProblem } from '../src/store/file-problem.ts';

const systemError = (code: string, message: string) => Object.assign(new Error(message), { code });

describe('an error of the file system', () => {
  it.each([
    ['NO_PERMISSION', systemError('EACCES', 'EACCES: permission denied')],
    ['NO_PERMISSION', systemError('EROFS', 'EROFS: read-only file system')],
    ['NO_PERMISSION', new Error('Permission denied')],
    ['DISK_FULL', systemError('ENOSPC', 'ENOSPC: no space left on device')],
    ['DISK_FULL', new Error('No space left on device')],
    ['DISK_FULL', new Error('MDB_MAP_FULL: Environment mapsize limit reached')],
  ])('becomes %s with advice', (code, error) => {
    const known = fileProblem('/data/chain', error);
    expect(known).toBeInstanceOf(ChainError);
    expect((known as ChainError).problem).toEqual({ code, path: '/data/chain' });
    expect((known as ChainError).cause).toBe(error);
  });

  it('stays as it is when it is none of ours', () => {
    const error = new Error('something else');
    expect(fileProblem('/data/chain', error)).toBe(error);
  });
});
