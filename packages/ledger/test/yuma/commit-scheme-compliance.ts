import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CommitScheme, SecretWeights } from '../../src/yuma/commit-scheme.ts';
import { testCrypto } from '../support/chain.ts';

const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 });
const secret: fc.Arbitrary<SecretWeights> = fc
  .record({
    netuid: fc.nat(65_535),
    mechanism: fc.nat(15),
    validator: fc.uint8Array({ minLength: 32, maxLength: 32 }),
    epoch: fc.nat(0xffff_ffff),
    row: fc.array(fc.record({ uid: fc.nat(4_095), value: fc.nat(65_535) }), { maxLength: 64 }),
    version: fc.nat(0xffff_ffff),
    salt: bytes32,
  })
  .map(({ row, ...rest }) => ({
    ...rest,
    uids: row.map(({ uid }) => uid),
    values: row.map(({ value }) => value),
  }));

/** What every scheme has to keep: a commitment opens to what it was made of, and to nothing else. */
export function describeCommitScheme(
  scheme: CommitScheme,
  commit: (weights: SecretWeights) => Uint8Array,
): void {
  describe(`the commit scheme ${scheme.name}`, () => {
    it('opens to what was committed', () => {
      fc.assert(
        fc.property(secret, (weights) => {
          expect(scheme.isCommitmentTo(testCrypto, commit(weights), weights)).toBe(true);
        }),
        { seed: 20_260_901, numRuns: 50 },
      );
    });

    it('opens to nothing else, whichever part differs', () => {
      fc.assert(
        fc.property(secret, secret, (weights, other) => {
          const commitment = commit(weights);
          for (const [name, value] of Object.entries(other)) {
            const changed = { ...weights, [name]: value };
            const isSame = String(value) === String(weights[name as keyof SecretWeights]);
            expect(scheme.isCommitmentTo(testCrypto, commitment, changed), name).toBe(isSame);
          }
          expect(scheme.isCommitmentTo(testCrypto, weights.salt, weights)).toBe(false);
          expect(scheme.isCommitmentTo(testCrypto, new Uint8Array(0), weights)).toBe(false);
        }),
        { seed: 20_260_902, numRuns: 50 },
      );
    });
  });
}
