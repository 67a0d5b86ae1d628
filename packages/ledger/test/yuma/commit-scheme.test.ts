import { describe, expect, it } from 'vitest';
import { weightsCommitment } from '../../src/index.ts';
import { commitSchemeOf } from '../../src/yuma/commit-scheme.ts';
import { testCrypto } from '../support/chain.ts';
import { describeCommitScheme } from './commit-scheme-compliance.ts';

describeCommitScheme(commitSchemeOf(1)!, (weights) => weightsCommitment(testCrypto, weights));

describeCommitScheme(commitSchemeOf(2)!, (weights) => weightsCommitment(testCrypto, weights));

describe('commitSchemeOf', () => {
  it('knows no scheme of a number that none has', () => {
    expect([0, 3, 99].map(commitSchemeOf)).toEqual([null, null, null]);
  });
});
