import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createContainerHost } from '@cairn/engines';
import { expect, it, onTestFinished } from 'vitest';
import {
  anImage,
  aProgramImage,
  canRunImages,
  writeArchive,
} from '../packages/engines/test/image/image-parts.ts';
import { aMarket, aRequest } from '../packages/node/test/compute/market.ts';
import { realClock, realTimer, textOf } from '../packages/node/test/compute/parts.ts';

const SHOUT = new URL('../examples/functions/shout/main.go', import.meta.url);

async function aFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'cairn-image-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

const aHost = (folder: string, environment: Record<string, string | undefined>) =>
  createContainerHost(
    { timer: realTimer, clock: realClock, random: { bytes: (length) => randomBytes(length) }, environment },
    { folder: join(folder, 'containers') },
  );

const spec = {
  ...aRequest('').spec,
  name: 'shout',
  kind: 'image' as const,
  resources: { cpuMilli: 1_000, memoryMib: 64, timeMs: 20_000, gpus: 0 },
};

if (canRunImages)
  it('an image from scratch is published, bid for, called, billed by its CPU time, and gone after its lease', {
    timeout: 180_000,
  }, async () => {
    const folder = await aFolder();
    const image = await aProgramImage(SHOUT, folder, { name: 'shout' });
    const containers = aHost(folder, process.env);
    const { tenant, provider, during } = await aMarket({ containers });
    const code = await tenant.publishImage(await writeArchive(folder, image));
    expect(code).toMatchObject({
      digest: Uint8Array.from(Buffer.from(image.digest, 'hex')),
      repository: null,
    });
    const deployed = await during(tenant.deploy(aRequest('', { spec, code, waitMs: 60_000 })));
    expect(deployed.bids).toBe(1);
    const { answer, receipt } = await during(tenant.call('shout', new TextEncoder().encode('hi'), 5_000));
    expect(answer).toMatchObject({ fault: null });
    expect(textOf(answer.output)).toBe('HI');
    expect(answer.coldStartMs).toBeGreaterThan(0);
    expect(receipt.receipt.price).toBe(50n + BigInt(answer.work) * 1_000n);
    expect(provider.logs(deployed.deployment)).toEqual(['a call of 2 bytes\n']);
    await during(tenant.stop('shout'));
    await during(expect.poll(() => provider.hosted().size, { timeout: 20_000 }).toBe(0));
  });

it('an image gets no bid where nothing runs it, and its owner is told what each runtime said', async () => {
  const folder = await aFolder();
  const { tenant, during } = await aMarket({ containers: aHost(folder, { PATH: folder }) });
  const code = await tenant.publishImage(await writeArchive(folder, anImage()));
  await expect(during(tenant.deploy(aRequest('', { spec, code })))).rejects.toMatchObject({
    code: 'NO_BIDS',
    message: expect.stringMatching(/podman: not installed; docker: not installed/),
  });
});
