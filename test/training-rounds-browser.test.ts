import { createNativeCrypto } from '@cairn/chain';
import { describe, expect, it } from 'vitest';
import { describeWithChromium, servePage } from '../packages/node/test/light/browser.ts';
import { digestRounds } from '../packages/proving/test/training/rounds-digest.ts';
import type { TrainedRounds } from './support/training-rounds-page.ts';

describe('three rounds of four trainers', () => {
  it('leave the same updates, traces and weights each time', async () => {
    const one = await digestRounds(createNativeCrypto());
    expect(one.map(({ kind }) => kind)).toEqual(['sparse', 'dense']);
    expect(await digestRounds(createNativeCrypto())).toEqual(one);
  });
});

describeWithChromium('three rounds of four trainers in a browser', () => {
  it('leave the same updates, traces and weights as in Node', async () => {
    await using page = await servePage(new URL('support/training-rounds-page.ts', import.meta.url));
    const told = (await page.open({})) as TrainedRounds;
    const digests = await digestRounds(createNativeCrypto());
    expect(told).toMatchObject({ agent: expect.stringMatching(/Chrom/), digests });
  }, 240_000);
});
