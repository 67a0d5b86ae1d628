import { describe, it } from 'vitest';
import { cometbft } from './cometbft.ts';
import { expectSameRoot, recordRun } from './recorded-run.ts';

describe.skipIf(cometbft === null)('10,000 blocks recorded from CometBFT', () => {
  it('end in the same root by the solo driver', async () => {
    await expectSameRoot(await recordRun(10_000, 1_700));
  });
});
