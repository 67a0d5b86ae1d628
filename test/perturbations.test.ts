import { expect, it } from 'vitest';
import { describeWithCometbft } from '../packages/chain/test/comet/describe-with-cometbft.ts';
import { expectSound } from './e2e/expect-sound.ts';
import { manifestsOf } from './e2e/manifest.ts';

describeWithCometbft('a network of processes, perturbed', () => {
  it.each(manifestsOf('quick'))(
    '%s',
    async (name, manifest) => {
      expect((await expectSound(name, manifest)).height).toBeGreaterThan(manifest.blocksAfter);
    },
    400_000,
  );
});
