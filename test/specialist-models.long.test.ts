import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { evaluateFile } from '../examples/specialists/evaluate.ts';
import { aSpecialistModel, SPECIALIST_MODELS } from './support/specialist-models.ts';

describe.each(SPECIALIST_MODELS)('the model that a network made for $task', ({ task, folder }) => {
  const { card, tokenizer, specialist } = aSpecialistModel(folder, task);

  it('is as often right as its card claims', { timeout: 600_000 }, async () => {
    for (const { path, sha256 } of card.artifacts) {
      const claims = card.evaluations.filter(({ artifact }) => artifact === sha256);
      const questions = claims.find(({ task: of }) => of === task)!.trials;
      const options = { specialist, tokenizer, questions, say: () => undefined };
      for (const { task: of, right, trials } of await evaluateFile(join(folder, path), path, options)) {
        const claim = claims.find((each) => each.task === of)!;
        expect(trials, of).toBe(claim.trials);
        // Another processor rounds otherwise: one answer in a hundred may be another, and one of a few.
        expect(Math.abs(right - claim.right), `${path} ${of}`).toBeLessThanOrEqual(Math.max(1, trials / 100));
      }
    }
  });
});
