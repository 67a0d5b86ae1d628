import { describe, expect, it } from 'vitest';
import { cometbft } from '../packages/chain/test/comet/cometbft.ts';
import { expectSound } from './e2e/expect-sound.ts';
import { manifestsOf } from './e2e/manifest.ts';

describe.skipIf(cometbft === null)('a network of processes, perturbed', () => {
  it.each(manifestsOf('quick'))(
    '%s',
    async (name, manifest) => {
      expect((await expectSound(name, manifest)).height).toBeGreaterThan(manifest.blocksAfter);
    },
    400_000,
  );
});
