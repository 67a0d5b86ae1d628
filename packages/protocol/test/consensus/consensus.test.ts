import { bytesToHex, createPureCrypto, decode, encode, utf8ToBytes, verifyConsensusVote } from '@cairn/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  commitHash,
  consensusAddress,
  headerHash,
  lightBlockShape,
  merkleRoot,
  sortValidators,
  validatorsHash,
  voteSignBytes,
} from '../../src/index.ts';
import { recordedBlocks } from './cometbft-compliance.ts';

const crypto = createPureCrypto();
const blocks = recordedBlocks();
const heightOf = ({ header }: (typeof blocks)[number]) => `height ${header.height}`;

describe('blocks that CometBFT made', () => {
  it('hash to what it signed', () => {
    for (const block of blocks) {
      expect(bytesToHex(headerHash(crypto, block.header)), heightOf(block)).toBe(
        bytesToHex(block.commit.blockId.hash),
      );
    }
  });

  it('name the hash of their validators, in their order', () => {
    for (const block of blocks) {
      const { header, validators } = block;
      expect(
        validatorsHash(crypto, sortValidators(crypto, [...validators].reverse())),
        heightOf(block),
      ).toEqual(header.validatorsHash);
    }
  });

  it('name the hash of the votes for the block before, absent ones and ones for no block included', () => {
    const pairs = blocks.flatMap((block, index) => {
      const next = blocks[index + 1];
      return next !== undefined && next.header.height === block.header.height + 1n ? [[block, next]] : [];
    });
    const flags = pairs.flatMap(([block]) => block!.commit.signatures.map(({ flag }) => flag));
    expect([...new Set(flags)].sort()).toEqual(['absent', 'commit', 'nil']);
    for (const [block, next] of pairs)
      expect(commitHash(crypto, block!.commit.signatures), heightOf(block!)).toEqual(
        next!.header.lastCommitHash,
      );
  });

  it('carry votes that hold by the rule of CometBFT, each by its address', () => {
    for (const { header, commit, validators } of blocks) {
      for (const [index, { flag, validatorAddress, time, signature }] of commit.signatures.entries()) {
        if (flag !== 'commit') continue;
        const { publicKey } = validators[index]!;
        expect(consensusAddress(crypto, publicKey)).toEqual(validatorAddress);
        const signed = voteSignBytes(header.chainId, commit, time);
        expect(verifyConsensusVote(publicKey, signed, signature)).toBe(true);
        const later = voteSignBytes(header.chainId, commit, { ...time, nanos: time.nanos ^ 1 });
        expect(verifyConsensusVote(publicKey, later, signature)).toBe(false);
      }
    }
  });

  it('are written and read whole', () => {
    for (const block of blocks) {
      expect(decode(lightBlockShape, encode(lightBlockShape, block))).toEqual(block);
      expect(lightBlockShape.fromJson(JSON.parse(JSON.stringify(lightBlockShape.toJson(block))))).toEqual(
        block,
      );
    }
  });
});

describe('the root of a list', () => {
  it('is the hash of nothing for no items', () => {
    expect(bytesToHex(merkleRoot(crypto, []))).toBe(
      'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    );
  });

  it('depends on every item and on their order', () => {
    const texts = fc.uniqueArray(fc.string({ maxLength: 8 }), { minLength: 2, maxLength: 20 });
    fc.assert(
      fc.property(texts, fc.nat(), (items, pick) => {
        const bytes = items.map(utf8ToBytes);
        const root = bytesToHex(merkleRoot(crypto, bytes));
        const changed = bytes.map((item, index) =>
          index === pick % bytes.length ? Uint8Array.of(...item, 1) : item,
        );
        expect(bytesToHex(merkleRoot(crypto, changed))).not.toBe(root);
        expect(bytesToHex(merkleRoot(crypto, [...bytes].reverse()))).not.toBe(root);
      }),
    );
  });
});
