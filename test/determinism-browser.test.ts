import { genesisShape } from '@cairn/ledger';
import { simulateLedger } from '@cairn/proving';
import { expect, it } from 'vitest';
import { describeWithChromium, servePage } from '../packages/node/test/light/browser.ts';
import { type Recording, recordBlock } from '../packages/proving/src/determinism/recording.ts';
import type { Replayed } from './support/replay-page.ts';

const SEED = 8;
const BLOCKS = 40;

/** The other rows are in packages/proving/test/determinism/matrix.test.ts, over the same blocks. */
describeWithChromium(`${BLOCKS} blocks of all modules, seed ${SEED}, in a browser`, () => {
  it('come out the same as in Node', async () => {
    const blocks: ReturnType<typeof recordBlock>[] = [];
    let genesis: unknown;
    const { roots } = simulateLedger({
      seed: SEED,
      blocks: BLOCKS,
      onBlock(block, begunWith) {
        genesis = genesisShape.toJson(begunWith);
        blocks.push(recordBlock(block));
      },
    });
    const recording: Recording = { genesis, blocks };
    await using page = await servePage(new URL('support/replay-page.ts', import.meta.url), recording);
    const { agent, failed, roots: inBrowser } = (await page.open({})) as Replayed;
    expect(failed).toBe(null);
    expect(agent).toMatch(/Chrom/);
    expect(inBrowser).toHaveLength(BLOCKS);
    expect(inBrowser).toEqual(roots);
  }, 240_000);
});
