import { readFile, writeFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { replayRecorded } from '../../src/index.ts';
import { crypto } from '../parts.ts';
import { describeWithCometbft } from './describe-with-cometbft.ts';
import { expectSameRoot, recordRun } from './recorded-run.ts';

describeWithCometbft('blocks recorded from CometBFT', () => {
  it('end in the same root by the solo driver; changed ones do not', async () => {
    const run = await recordRun(40, 60);
    await expectSameRoot(run);

    const bytes = await readFile(run.path);
    // A node that was killed leaves half a record.
    await writeFile(run.path, Buffer.concat([bytes, bytes.subarray(0, 100)]));
    await expectSameRoot(run);

    // A genesis that gives one pebble less.
    const salted = {
      ...run.genesis,
      funds: run.genesis.funds.map((fund) => ({ ...fund, amount: fund.amount - 1n })),
    };
    await expect(replayRecorded({ crypto }, { ...run, genesis: salted })).rejects.toMatchObject({
      code: 'REPLAY_DIFFERS',
    });
  });
});
