import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runCrashTest } from '../../src/index.ts';

const isLong = process.env.CAIRN_TEST_LONG === '1';
const KILLS = isLong ? 100 : 8;
const SEED = isLong ? Date.now() % 1_000_000 : 41;

describe('a chain that is killed under load', () => {
  it(`has the root of an uninterrupted replay and every acknowledged transaction after ${KILLS} kills (seed ${SEED})`, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'cairn-crash-'));
    try {
      const result = await runCrashTest({ folder, kills: KILLS, seed: SEED });
      expect(result.kills).toBe(KILLS);
      expect(result.acknowledged, `seed ${SEED}`).toBeGreaterThan(KILLS);
      expect(result.height).toBeGreaterThan(KILLS);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }, 600_000);
});
