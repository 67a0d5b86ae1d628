import { describe, expect, it } from 'vitest';
import { createCometLightBlocks } from '../../src/comet/light-blocks.ts';
import type { CometRpc } from '../../src/index.ts';

/** CometBFT that refuses every question with these words. */
const refusing = (message: string): CometRpc => ({
  call: async () => ({ ok: false, message }),
  close: () => undefined,
});

describe('light blocks of CometBFT', () => {
  it('are none of a height that is to come', async () => {
    const light = createCometLightBlocks(
      refusing('height 9 must be less than or equal to the current blockchain height 8'),
    );
    expect(await light.at(9)).toBe(null);
  });

  it('name the oldest that is kept when one was pruned', async () => {
    const light = createCometLightBlocks(refusing('height 5 is not available, lowest height is 20'));
    await expect(light.at(5)).rejects.toMatchObject({
      problem: { code: 'BLOCK_NOT_KEPT', height: 5, oldest: 20 },
      message: expect.stringContaining('has them from 20 on'),
    });
  });
});
