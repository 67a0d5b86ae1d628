import { createNativeCrypto } from '@cairn/chain';
import { createInitialWeights, modelTensors } from '@cairn/training';
import { describe, expect, it } from 'vitest';
import {
  measureNanogpt,
  NANOGPT_RECIPE,
  summariseNanogpt,
  type TrainTogether,
  type TrainTogetherTask,
} from '../../../src/bench/train/nanogpt.ts';

/** 36 characters in turns. */
const TEXT = Array.from({ length: 2_000 }, (_, index) => ((index * 7) % 36).toString(36)).join('');
const STEPS = 2;

/** Peers that were asked to train, and did not get far. */
function peersThatBegin() {
  const tasks: TrainTogetherTask[] = [];
  const together: TrainTogether = async (task, onRound) => {
    tasks.push(task);
    onRound(1, 1);
    const tensors = modelTensors({ ...task.recipe.model, vocab: 37 });
    const weights = createInitialWeights(createNativeCrypto(), Uint8Array.of(1), tensors);
    return { weights, bytes: 5, refused: { updates: 1, of: 4 } };
  };
  return { tasks, together };
}

describe('the bench of a published recipe', () => {
  it('hands peers the training split alone, and measures what they give back on the validation split', async () => {
    const { tasks, together } = peersThatBegin();
    const runs = await measureNanogpt({ text: TEXT, seeds: 1, steps: STEPS, threads: 1, together });
    expect(runs.map(({ part, bytes }) => [part, bytes])).toEqual([
      ['single', 0],
      ['four', 5],
      ['fourEqualTokens', 5],
    ]);
    expect(tasks.map(({ text }) => text === TEXT.slice(0, 1_800))).toEqual([true, true]);
    expect(tasks.map(({ recipe }) => recipe.batch.rows)).toEqual([12, 3]);
    expect(tasks.map(({ recipe }) => recipe.inner.moments)).toEqual(['restart', 'keep']);
    for (const { recipe, trainers } of tasks) {
      expect(trainers).toBe(4);
      expect(recipe.rounds * recipe.inner.steps).toBeGreaterThanOrEqual(STEPS);
      expect(recipe.model).toEqual(NANOGPT_RECIPE.model);
    }
    // Untrained weights know nothing: the logarithm of 36 characters and the mark, about.
    expect(runs[1]!.valLoss).toBeGreaterThan(3);
    expect(runs[1]!.valLoss).toBeLessThan(4.5);
  });

  it('makes no run again that is known, and says what is promised of the rest', async () => {
    const { tasks, together } = peersThatBegin();
    const known = (['single', 'four', 'fourEqualTokens'] as const).map((part) => ({
      ...{ part, seed: 1, steps: STEPS, valLoss: 1.7, bytes: 0, refused: null, seconds: 1 },
    }));
    const runs = await measureNanogpt({ text: TEXT, seeds: 1, steps: STEPS, threads: 1, together, known });
    expect(tasks).toEqual([]);
    expect(summariseNanogpt(runs, STEPS)).toMatchObject({
      single: { valLoss: 1.7, target: 1.88 },
      four: { valLoss: 1.7, target: 1.8 },
      fourEqualTokens: { valLoss: 1.7, target: 1.74 },
    });
  });
});
