import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { provideCometbft } from '../../src/index.ts';
import { aFolder } from '../data/parts.ts';

/** A program that says what it is told to. */
async function aProgram(folder: string, says: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, 'cometbft');
  await writeFile(path, `#!/bin/sh\necho '${says}'\n`);
  await chmod(path, 0o755);
  return path;
}

describe('the CometBFT program', () => {
  it('is the one that is named', async () => {
    const path = await aProgram(aFolder(), '0.38.25');
    expect(await provideCometbft({ path, environment: {} })).toBe(path);
  });

  it('is refused in another version, with what to install', async () => {
    const path = await aProgram(aFolder(), '0.40.0');
    await expect(provideCometbft({ path, environment: {} })).rejects.toThrow(
      /is CometBFT 0\.40\.0, this network runs 0\.38\.25\. .*go install github\.com\/cometbft/,
    );
  });

  it('is said to be missing when what is named is not there', async () => {
    await expect(provideCometbft({ path: '/nowhere/cometbft', environment: {} })).rejects.toMatchObject({
      code: 'COMETBFT_MISSING',
    });
  });

  it('is looked for in the cache, then on the path, and one of another version is passed over', async () => {
    const [cache, wrong, right] = [aFolder(), aFolder(), aFolder()];
    await aProgram(wrong, '1.0.1');
    const onPath = await aProgram(right, 'v0.38.25');
    const environment = { CAIRN_CACHE: cache, PATH: `${wrong}:${right}` };
    expect(await provideCometbft({ path: '', environment })).toBe(onPath);
    const cached = await aProgram(join(cache, 'cometbft-0.38.25'), '0.38.25');
    expect(await provideCometbft({ path: '', environment })).toBe(cached);
  });

  it('is nowhere without a path: what to install is said', async () => {
    const environment = { CAIRN_CACHE: aFolder() };
    await expect(provideCometbft({ path: '', environment })).rejects.toThrow('Install it: with Go');
  });
});
