import { it } from 'vitest';
import { describeWithCometbft } from './describe-with-cometbft.ts';
import { expectSameRoot, recordRun } from './recorded-run.ts';

describeWithCometbft('10,000 blocks recorded from CometBFT', () => {
  it('end in the same root by the solo driver', async () => {
    await expectSameRoot(await recordRun(10_000, 1_700));
  });
});
