import { createEd25519Signer } from '@cairn/core';
import { describe, expect, it } from 'vitest';
import { NetworkError, peerKeyOf, peerNameOf } from '../src/index.ts';
import { aNetwork, seedOf } from './support/networks.ts';

describe('the name of a peer', () => {
  it('is made from its key, and gives the key back', () => {
    for (let number = 0; number < 20; number++) {
      const key = createEd25519Signer(seedOf(number)).publicKey;
      expect(peerNameOf(key)).toMatch(/^12D3KooW/);
      expect(peerKeyOf(peerNameOf(key)), `key ${number}`).toEqual(key);
    }
  });

  it('is the same after a restart with the same seed, and the one that the key gives', async () => {
    const identity = seedOf(77);
    const names: string[] = [];
    for (let start = 0; start < 2; start++) {
      await using network = await aNetwork({}, { identity });
      names.push(network.peer);
    }
    const expected = peerNameOf(createEd25519Signer(identity).publicKey);
    expect(names).toEqual([expected, expected]);
  });

  it.each([
    ['too short a key', new Uint8Array(31)],
    ['a key of small order', new Uint8Array(32)],
    ['a key that is not canonical', new Uint8Array(32).fill(255)],
  ])('is not given to %s', (_, key) => {
    expect(() => peerNameOf(key)).toThrow(NetworkError);
  });

  it.each(['', 'nobody', '12D3KooW', 'QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N', 'a'.repeat(10_000)])(
    'gives no key when it is %j',
    (name) => {
      expect(peerKeyOf(name)).toBeNull();
    },
  );

  it('cannot be made from a seed of another length', async () => {
    await expect(aNetwork({}, { identity: new Uint8Array(16) })).rejects.toMatchObject({
      code: 'IDENTITY_MALFORMED',
    });
  });
});
