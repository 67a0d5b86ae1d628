import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { anImage, aProgramImage } from '../image/image-parts.ts';
import { aHost, anOrder, ask, aTemporaryFolder, TESTER } from './container-parts.ts';

describe('a container', () => {
  it('serves calls, is measured, reaches nothing, and ends when it breaks a limit', async () => {
    const folder = await aTemporaryFolder();
    const image = await aProgramImage(TESTER, folder, { name: 'tester' });
    const host = aHost(folder);
    const prepared = await host.prepare(anOrder(image));
    const instance = await prepared.start();
    try {
      expect(await ask(instance, 'echo hi')).toMatchObject({ fault: null, text: 'hi' });
      expect(await ask(instance, 'fail on purpose')).toMatchObject({ fault: 'THREW', message: 'on purpose' });
      // The same container, told nothing of what was before but by itself.
      expect(await ask(instance, 'count')).toMatchObject({ text: '3' });

      const { text: seen } = await ask(instance, 'look');
      const said = seen.split('\n');
      expect(said).toEqual(
        expect.arrayContaining([
          'uid 65534 gid 65534',
          'CapEff: 0000000000000000',
          'CapBnd: 0000000000000000',
          'NoNewPrivs: 1',
          expect.stringMatching(/^write \/made: .*read-only/),
          expect.stringMatching(/^write \/run\/cairn\/made: .*read-only/),
          'write /tmp/made: <nil>',
          'network network is unreachable',
          'interfaces 1',
        ]),
      );
      const scratch = Number(/^scratch (\d+)$/m.exec(seen)?.[1]);
      expect(scratch).toBeGreaterThan(0);
      expect(scratch).toBeLessThanOrEqual(16 * 1024 * 1024);
      expect(seen).not.toMatch(/env .*(proxy|PATH=\/root|TOKEN|KEY)/i);

      // A fork bomb reaches the number of processes, and the container goes on.
      expect((await ask(instance, 'fork')).text).toMatch(
        /^\d+ processes, then: resource temporarily unavailable$/,
      );

      // Work that is not paid for stands still, and goes on when it is.
      const grants: number[] = [];
      const burnt = await ask(instance, 'burn 400', {
        granted: 50,
        grant: async (work) => {
          grants.push(work);
          return 60_000;
        },
      });
      expect(burnt).toMatchObject({ fault: null, text: 'burnt' });
      expect(grants).toHaveLength(1);
      expect(grants[0]).toBeGreaterThanOrEqual(50);
      expect(burnt.work).toBeGreaterThanOrEqual(grants[0]!);

      const hog = await ask(instance, 'eat');
      expect(hog).toMatchObject({ fault: 'MEMORY_EXCEEDED', message: expect.stringMatching(/more memory/) });
      expect(instance.isAlive).toBe(false);
    } finally {
      await instance[Symbol.asyncDispose]();
      await prepared.release();
    }
    expect(await readdir(join(folder, 'containers'))).toEqual([]);
  });

  it('is refused with what is missing, before anything runs', async () => {
    const folder = await aTemporaryFolder();
    const image = anImage({ settings: { Labels: { 'network.cairn.network': 'outbound' } } });
    const host = aHost(folder);
    await expect(host.prepare(anOrder(image))).rejects.toThrow(
      /asks for the network, and this provider gives none/,
    );
    await expect(host.prepare(anOrder(image, { digest: '0'.repeat(64) }))).rejects.toThrow();
    await expect(host.prepare(anOrder(image, { gpus: 99 }))).rejects.toThrow(
      /wants 99 GPUs, and nvidia-smi finds/,
    );
    const bare = aHost(folder, { environment: { PATH: folder } });
    await expect(bare.prepare(anOrder(anImage()))).rejects.toMatchObject({
      code: 'CONTAINER_RUNTIME_MISSING',
      message: expect.stringContaining('podman: not installed; docker: not installed'),
    });
  });
});
