import { sha256 } from '@noble/hashes/sha2.js';
import { expect, it } from 'vitest';
import { bytesToHex, utf8ToBytes } from '../../src/index.ts';
import vectors from '../vectors/ed25519-adversarial.json' with { type: 'json' };
import { makeAdversarialCases, writeVectors } from './adversarial.ts';

/** SHA-256 of all adversarial signatures and their verdicts. */
const GOLDEN = 'b7f9cc84ee7d7991823cfaf4dfc844258da02db8a519dfddc11fac78c2df1061';

it('makes the same signatures as the vectors file', () => {
  expect(writeVectors()).toEqual(vectors);
});

it('keeps the signatures and their verdicts for ever', () => {
  const all = [...vectors.adversarial, vectors.adversarialVerdicts].join('\n');
  expect(bytesToHex(sha256(utf8ToBytes(all)))).toBe(GOLDEN);
});

it('covers every pair of cosets with accepted and refused signatures', () => {
  const cases = makeAdversarialCases();
  expect(cases.length).toBe(512);
  const accepted = cases.filter(({ valid }) => valid);
  expect(accepted.length).toBe(104);
});
