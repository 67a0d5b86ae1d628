import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { accountIdToAddress, createPureCrypto } from '@cairn/core';
import { digestFile } from '@cairn/engines';
import { findCardFault, modelCardShape } from '@cairn/sdk';
import {
  countParameters,
  createInitialWeights,
  createRelease,
  modelTensors,
  trainByteTokenizer,
} from '@cairn/training';
import { describe, expect, it } from 'vitest';

const crypto = createPureCrypto();
const owner = accountIdToAddress(new Uint8Array(32).fill(7));

describe('the card of a release', () => {
  it('is one the registry takes, and names its files as providers will find them', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'cairn-release-'));
    const tokenizer = await trainByteTokenizer(['abc abc abd abd'], { vocab: 262 });
    const model = {
      ...({ architecture: 'llama', layers: 2, width: 128, heads: 4, kvHeads: 2, hidden: 512 } as const),
      ...{ vocab: tokenizer.model.tokens.length, context: 64, tied: false },
    };
    try {
      await createRelease(
        {
          crypto,
          keep: (path, bytes) => writeFile(join(folder, path), bytes),
          evaluate: async (file) => [{ task: 'letters', file, right: 3, trials: 4, how: 'A test.' }],
        },
        {
          facts: {
            ...{
              name: 'cairn/letters',
              version: '1.0.0',
              description: 'Letters.',
              licence: 'Apache-2.0',
              model,
            },
            ...{ prompt: 'plain', tasks: ['letters'], languages: ['en'], royaltyBps: 250 },
            ...{ data: [], run: null, contributors: [], heldOutLoss: null, evaluations: [] },
            parents: [{ id: '11'.repeat(32), name: 'cairn/parent', licence: 'MIT' }],
            origin: null,
            weightRoot: '22'.repeat(32),
          },
          weights: createInitialWeights(crypto, Uint8Array.of(1), modelTensors(model)),
          tokenizer,
          types: ['f32', 'q8_0'],
        },
      );
      const written = JSON.parse(await readFile(join(folder, 'card.json'), 'utf8'));
      const artifacts = written.artifacts.map(({ file: _, ...artifact }: { file: string }) => artifact);
      const card = modelCardShape.fromJson({ ...written, artifacts, owner });
      expect(findCardFault(card)).toBeNull();
      expect(card.parameters).toBe(BigInt(countParameters(modelTensors(model))));
      expect(artifacts.length).toBe(3);
      for (const artifact of artifacts) {
        const { sizeBytes, ...hashes } = await digestFile(join(folder, artifact.path));
        expect(artifact).toMatchObject({ ...hashes, sizeBytes: String(sizeBytes) });
      }
      // Larger than one chunk, so that the tree has more than a leaf.
      expect(Number(artifacts[0].sizeBytes)).toBeGreaterThan(1 << 20);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
