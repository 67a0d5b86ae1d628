import { join } from 'node:path';
import { accountIdToAddress } from '@cairn/core';
import { digestFile } from '@cairn/engines';
import { findCardFault, modelCardShape } from '@cairn/sdk';
import { describe, expect, it } from 'vitest';
import { askFile } from '../examples/specialists/ask.ts';
import { aSpecialistModel, SPECIALIST_MODELS } from './support/specialist-models.ts';

const owner = accountIdToAddress(new Uint8Array(32).fill(7));

describe.each(SPECIALIST_MODELS)('the model that a network made for $task', ({ task, folder, known }) => {
  const { card, tokenizer, specialist, page } = aSpecialistModel(folder, task);

  it('has a card that the registry takes, of the files beside it', async () => {
    const artifacts = card.artifacts.map(({ file: _, ...artifact }) => artifact);
    expect(findCardFault(modelCardShape.fromJson({ ...card, artifacts, owner }))).toBeNull();
    for (const artifact of artifacts) {
      const { sizeBytes, ...hashes } = await digestFile(join(folder, artifact.path));
      expect(artifact).toMatchObject({ ...hashes, sizeBytes: String(sizeBytes) });
    }
  });

  it('claims for each file how often it was right, and its page says the same', () => {
    expect(card.evaluations.map(({ task: of }) => of)).toEqual(
      card.artifacts.flatMap(() => [task, `${task}.refusals`, `${task}.by-hand`]),
    );
    for (const { right, trials } of card.evaluations) {
      expect(right).toBeLessThanOrEqual(trials);
      expect(page).toContain(
        trials >= 100 ? `${((100 * right) / trials).toFixed(1)} %` : `${right} of ${trials}`,
      );
    }
  });

  it('answers through llama.cpp what its page shows', async () => {
    const examples = known.map((question) => {
      const example = specialist.wild.find((each) => each.question === question);
      expect(example, question).toBeDefined();
      return example!;
    });
    for (const { path } of card.artifacts) {
      const asked = await askFile(join(folder, path), specialist, tokenizer, { known: examples });
      expect(asked.known, path).toEqual({ right: known.length, trials: known.length, wrong: [] });
    }
    for (const { question, answer } of examples) expect(page).toContain(`| ${question} | \`${answer}\` |`);
  });
});
