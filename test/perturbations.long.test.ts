import { expect, it } from 'vitest';
import { describeWithCometbft } from '../packages/chain/test/comet/describe-with-cometbft.ts';
import { expectSound } from './e2e/expect-sound.ts';
import { manifestsOf } from './e2e/manifest.ts';

describeWithCometbft('a network of processes, perturbed for long', () => {
  it.each(manifestsOf('long'))(
    '%s',
    async (name, manifest) => {
      expect((await expectSound(name, manifest)).height).toBeGreaterThan(manifest.blocksAfter);
    },
    1_800_000,
  );
});
