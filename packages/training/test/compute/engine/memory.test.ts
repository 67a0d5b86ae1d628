import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import {
  checkTrainerMemory,
  createOrtEngine,
  forecastTrainer,
  forecastTraining,
  type OrtModule,
} from '@cairn/training';
import { createNativeEngine } from '@cairn/training/node';
import { describe, expect, it } from 'vitest';
import { aManifest } from '../../support/manifest.ts';
import type { MeasuredMemory } from '../../support/memory-child.ts';
import { TINY_LLAMA } from '../../support/models.ts';

const child = fileURLToPath(new URL('../../support/memory-child.ts', import.meta.url));

/** The factor that `MemoryForecast` states. */
const FACTOR = 1.5;

describe('the forecast of memory', () => {
  it('names what is needed and what is free before anything is made', async () => {
    const ort = {} as OrtModule; // would fail at its first use
    const model = { ...TINY_LLAMA, width: 4096, hidden: 11_008, layers: 32, vocab: 32_000, context: 4096 };
    const opened = createOrtEngine(
      { ort, freeBytes: () => 8 * 2 ** 30 },
      { model, rows: 1, length: 2048, provider: 'cpu' },
    );
    await expect(opened).rejects.toMatchObject({
      problem: { code: 'MEMORY_TOO_LOW', freeBytes: 8 * 2 ** 30 },
    });
    await expect(opened).rejects.toThrow(/parameters \d+ MiB, gradients \d+ MiB, moments \d+ MiB/);
  });

  it('counts four numbers for each trained parameter, and one for a frozen one', async () => {
    const shape = { model: TINY_LLAMA, rows: 2, length: 8, threads: 1 };
    await using whole = await createNativeEngine(shape);
    const { parameters, gradients, moments } = whole.memory;
    expect([gradients, moments]).toEqual([parameters, 2 * parameters]);
    const adapter = { rank: 1, alpha: 1, targets: ['q_proj'] };
    await using adapted = await createNativeEngine({ ...shape, adapter });
    expect(adapted.memory.gradients).toBe(4 * 2 * (16 + 16));
    expect(adapted.memory.activations).toBeLessThan(whole.memory.activations);
  });

  it('of a trainer counts the weights of earlier rounds too, and refuses before anything is fetched', () => {
    const sparse = aManifest();
    const { parameters, total } = forecastTraining(sparse.model, sparse.batch);
    const trainer = forecastTrainer(sparse);
    // Of these three for the state that is hashed for the trace of an exact run.
    expect(trainer.kept).toBe(12 * parameters);
    expect(forecastTrainer(aManifest({ engine: 'tolerant' })).kept).toBe(9 * parameters);
    expect(forecastTrainer(aManifest({ codec: 'dense' })).kept).toBe(18 * parameters);
    // Two as they are read in, and two as they are kept for the next round.
    const tolerant = aManifest({ engine: 'tolerant' });
    const keeping = { ...tolerant, inner: { ...tolerant.inner, keepsMoments: true } };
    expect(forecastTrainer(keeping).kept).toBe(13 * parameters);
    expect(trainer.total).toBe(total + trainer.kept);
    const here = { freeBytes: trainer.total, isOnDevice: false };
    expect(() => checkTrainerMemory(sparse, here)).not.toThrow();
    const less = { ...here, freeBytes: trainer.total - 1 };
    expect(() => checkTrainerMemory(sparse, less)).toThrow(
      /needs about \d+ MiB .*and \d+ MiB are free\. Nothing was bonded\..*--ignore-memory/,
    );
    expect(() => checkTrainerMemory(sparse, { ...less, isOnDevice: true })).not.toThrow();
  });

  it.each([
    ['many activations', { width: 64, hidden: 176, layers: 3, vocab: 512, rows: 16, length: 256 }],
    ['many parameters', { width: 384, hidden: 1024, layers: 5, vocab: 2048, rows: 2, length: 32 }],
  ])(
    'is within a factor of 1.5 of what is used with %s',
    async (_, shape) => {
      const args = ['--conditions=source', child, JSON.stringify(shape)];
      const { stdout } = await promisify(execFile)(process.execPath, args);
      const { forecast, usedBytes } = JSON.parse(stdout) as MeasuredMemory;
      const ratio = usedBytes / forecast.total;
      expect(ratio, `${usedBytes} used, ${JSON.stringify(forecast)}`).toBeLessThan(FACTOR);
      expect(ratio, `${usedBytes} used, ${JSON.stringify(forecast)}`).toBeGreaterThan(1 / FACTOR);
    },
    120_000,
  );
});
