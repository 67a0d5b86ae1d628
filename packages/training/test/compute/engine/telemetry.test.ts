import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { aFolder } from '../../support/folder.ts';

const CHILD = fileURLToPath(new URL('../../support/telemetry-child.ts', import.meta.url));

/** Makes an engine in a process that knows no other place to keep anything. */
async function makeEngine(where: string, path: string): Promise<void> {
  // Nothing of this process's environment, which may forbid it already.
  const env = { HOME: path, TMPDIR: path, XDG_CACHE_HOME: path, PATH: process.env.PATH };
  await promisify(execFile)(process.execPath, ['--conditions=source', CHILD, where], { env });
}

describe('ONNX Runtime', () => {
  it.each(['main', 'thread'])(
    'on the %s keeps no id and no events to be sent to its maker',
    async (where) => {
      await using folder = await aFolder();
      await makeEngine(where, folder.path);
      expect(await readdir(folder.path, { recursive: true })).toEqual([]);
    },
  );

  it('is not loaded on a thread of a process that did not forbid them', async () => {
    await using folder = await aFolder();
    const failure = makeEngine('careless thread', folder.path);
    await expect(failure).rejects.toThrow('call forbidTelemetry() before this thread is started');
    expect(await readdir(folder.path, { recursive: true })).toEqual([]);
  });
});
