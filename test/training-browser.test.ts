import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { describeWithChromium, servePage } from '../packages/node/test/light/browser.ts';
import type { ExactDigest } from '../packages/training/test/support/exact-digest.ts';
import { ortBinary } from '../packages/training/test/support/ort-binary.ts';
import type { Trained } from './support/training-page.ts';

const child = fileURLToPath(
  new URL('../packages/training/test/support/exact-digest-child.ts', import.meta.url),
);

/** Trains in a Node process of its own. */
async function inNode(): Promise<ExactDigest[]> {
  const { stdout } = await promisify(execFile)(process.execPath, ['--conditions=source', child]);
  return JSON.parse(stdout);
}

describe('five steps of exact training', () => {
  it('leave the same bits in two processes', async () => {
    const [one, other] = [await inNode(), await inNode()];
    expect(one).toHaveLength(2);
    expect(one[0]?.engineClass).toMatch(/^[0-9a-f]{64}$/);
    expect(other).toEqual(one);
  }, 120_000);
});

describeWithChromium('five steps of exact training in a browser', () => {
  it('leave the same bits as in Node', async () => {
    await using page = await servePage(new URL('support/training-page.ts', import.meta.url));
    const told = (await page.open({ wasm: `/@fs${ortBinary}` })) as Trained;
    expect(told).toMatchObject({ agent: expect.stringMatching(/Chrom/), digests: await inNode() });
  }, 240_000);
});
