import { describe, expect, it } from 'vitest';
import { cometbft } from '../packages/chain/test/comet/cometbft.ts';
import { manifestsOf } from './e2e/manifest.ts';
import { runManifest } from './e2e/run-manifest.ts';

const seed = Number(process.env.CAIRN_TEST_SEED ?? Date.now() % 1_000_000);

describe.skipIf(cometbft === null)('a network of processes, perturbed', () => {
  it.each(manifestsOf('quick'))(
    '%s',
    async (name, manifest) => {
      const verdict = await runManifest(manifest, seed, (what) => process.stderr.write(`${name} ${what}\n`));
      const said = `seed ${seed}: ${JSON.stringify(verdict)}`;
      process.stderr.write(`${name} ${said}\n`);
      expect(verdict, said).toMatchObject({ differences: [], lost: [], repeated: [] });
      expect(verdict.acknowledged, said).toBeGreaterThan(0);
      expect(verdict.longestStallMs, said).toBeLessThanOrEqual(manifest.longestStallSeconds * 1_000);
    },
    400_000,
  );
});
