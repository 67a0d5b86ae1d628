import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { prepareInterop } from '../../src/test-command/prepare-interop.ts';
import type { ProcessResult } from '../../src/test-command/run-process.ts';

async function aCheckout(lock: string | null) {
  const root = await mkdtemp(join(tmpdir(), 'cairn-interop-'));
  const folder = join(root, 'interop');
  await mkdir(join(folder, 'node_modules'), { recursive: true });
  if (lock !== null) await writeFile(join(folder, 'package-lock.json'), lock);
  const ran: (readonly string[])[] = [];
  const prepare = (result: ProcessResult = { exitCode: 0, output: '' }) =>
    prepareInterop(
      root,
      async (command, args, { cwd }) => {
        ran.push([command, ...args, cwd]);
        return result;
      },
      () => undefined,
    );
  return { folder, ran, prepare };
}

describe('the stock clients of the long tests', () => {
  it('are installed from their lock file, without scripts, once', async () => {
    const { folder, ran, prepare } = await aCheckout('{}');
    expect(await prepare()).toBeNull();
    expect(await prepare()).toBeNull();
    expect(ran).toHaveLength(1);
    expect(ran[0]?.slice(1, 3)).toEqual(['ci', '--ignore-scripts']);
    expect(ran[0]?.at(-1)).toBe(folder);
    await writeFile(join(folder, 'package-lock.json'), '{"other":1}');
    await prepare();
    expect(ran).toHaveLength(2);
  });

  it('that npm cannot install are named, and tried again', async () => {
    const { ran, prepare } = await aCheckout('{}');
    expect(await prepare({ exitCode: 1, output: 'no network' })).toContain('no network');
    expect(await prepare()).toBeNull();
    expect(ran).toHaveLength(2);
  });

  it('are nothing to a checkout without them', async () => {
    const { ran, prepare } = await aCheckout(null);
    expect(await prepare()).toBeNull();
    expect(ran).toHaveLength(0);
  });
});
