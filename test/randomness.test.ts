import { readFileSync } from 'node:fs';
import { createNativeCrypto } from '@cairn/chain';
import { utf8ToBytes } from '@cairn/core';
import { describe, expect, it } from 'vitest';
import { nextSeed } from '../packages/ledger/src/yuma/seed.ts';
import { createSeededRandom } from '../packages/proving/src/simulation/seeded-random.ts';
import { seedBias } from './support/seed-bias.ts';

const PAGE = new URL('../docs/guide/randomness.md', import.meta.url);
const CHANCES = [1 / 2, 1 / 16, 1 / 256];
const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;

function rowOf(salts: number): string {
  const cells = CHANCES.map((p) => seedBias(salts, p)).map(
    ({ chance, withheld }) => `${percent(chance)}, ${withheld.toFixed(2)}`,
  );
  return `| ${salts} | ${(2 ** salts).toLocaleString('en-US')} | ${cells.join(' | ')} |`;
}

describe('the bias of a seed', () => {
  it('is what the guide says', () => {
    const rows = readFileSync(PAGE, 'utf8')
      .split('\n')
      .filter((line) => /^\| \d+ \|/.test(line));
    expect(rows).toEqual([0, 1, 2, 3, 4, 8, 12].map(rowOf));
  });

  it('is what an adversary gets who tries all its choices on the rule of the ledger', () => {
    const crypto = createNativeCrypto();
    const random = createSeededRandom(19);
    const [trials, salts, p] = [3_000, 3, 1 / 16];
    let wins = 0;
    let withheld = 0;
    for (let trial = 0; trial < trials; trial++) {
      const seed = crypto.sha256(utf8ToBytes(`trial ${trial}`));
      const honest = [random.bytes(32), random.bytes(32)];
      const own = Array.from({ length: salts }, () => random.bytes(32));
      const choices = Array.from({ length: 2 ** salts }, (_, shown) =>
        own.filter((_, at) => (shown >> at) & 1),
      ).sort((a, b) => b.length - a.length);
      const found = choices.find(
        (shown) => nextSeed(crypto, seed, [...honest, ...shown], BigInt(trial))[0]! < 256 * p,
      );
      if (found === undefined) continue;
      wins += 1;
      withheld += salts - found.length;
    }
    const expected = seedBias(salts, p);
    // Three standard deviations of 3,000 trials are below 0.03.
    expect(Math.abs(wins / trials - expected.chance)).toBeLessThan(0.03);
    expect(Math.abs(withheld / trials - expected.withheld)).toBeLessThan(0.06);
  });

  it('is nothing without a salt, and never more than one bit for each', () => {
    for (const p of CHANCES) {
      expect(seedBias(0, p).chance).toBeCloseTo(p, 12);
      for (let salts = 1; salts <= 16; salts++) {
        const { chance, choices } = seedBias(salts, p);
        expect(chance, `${salts} salts, ${p}`).toBeLessThanOrEqual(choices * p);
      }
    }
  });
});
