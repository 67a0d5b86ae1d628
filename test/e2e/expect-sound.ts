import { expect } from 'vitest';
import type { Manifest } from './manifest.ts';
import { runManifest } from './run-manifest.ts';
import type { Verdict } from './verdict.ts';

/** Runs a manifest, with the seed of `CAIRN_TEST_SEED` if there is one, and tells how it went, with the seed. */
export async function expectSound(name: string, manifest: Manifest): Promise<Verdict> {
  const seed = Number(process.env.CAIRN_TEST_SEED ?? Date.now() % 1_000_000);
  const say = (what: string) => process.stderr.write(`${name} (seed ${seed}) ${what}\n`);
  say(manifest.about);
  const verdict = await runManifest(manifest, seed, say);
  const said = `seed ${seed}: ${JSON.stringify(verdict)}`;
  say(said);
  expect(verdict, said).toMatchObject({ differences: [], lost: [], repeated: [] });
  expect(verdict.acknowledged, said).toBeGreaterThan(0);
  expect(verdict.longestStallMs, said).toBeLessThanOrEqual(manifest.longestStallSeconds * 1_000);
  return verdict;
}
