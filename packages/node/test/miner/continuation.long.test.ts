import { describe, expect, it } from 'vitest';
import { killProviders } from './breaking-town.ts';

describe('a provider that is killed in the middle of an answer', () => {
  it('a thousand times cuts no answer short and charges nothing twice', async () => {
    const seen = { truncated: 0, continued: 0, cuts: 0 };
    for (let seed = 1; seed <= 10; seed += 1) {
      const got = await killProviders(100, seed);
      seen.truncated += got.truncated;
      seen.continued += got.continued;
      seen.cuts += got.cuts;
    }
    expect(seen.truncated).toBe(0);
    expect(seen.cuts).toBeGreaterThan(1_000);
  });
});
