import { createPureCrypto } from '@cairn/core';
import { headerHash } from '@cairn/protocol';
import { openLightClient } from '@cairn/sdk';
import { describe, expect, it } from 'vitest';
import { recordedBlocks } from '../packages/protocol/test/consensus/cometbft-compliance.ts';

const crypto = createPureCrypto();

describe('a light client', () => {
  it('follows a chain that CometBFT made, over a change of its validators', async () => {
    const blocks = recordedBlocks();
    const [first, last] = [blocks[0]!, blocks.at(-1)!];
    const client = await openLightClient(
      {
        crypto,
        clock: { nowMs: () => Number(last.header.time.seconds + 60n) * 1_000 },
        primary: {
          name: 'recorded',
          lightBlock: async (height) => blocks.find(({ header }) => header.height === height) ?? null,
        },
      },
      {
        chainId: first.header.chainId,
        trusted: { height: first.header.height, hash: headerHash(crypto, first.header) },
      },
    );
    for (const { header } of blocks) await client.update(header.height);
    expect(client.latest.header.height).toBe(80n);
    expect(client.latest.validators.map(({ power }) => power)).toEqual([7n, 1n, 1n, 1n]);
  });
});
