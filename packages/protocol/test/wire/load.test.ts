import { createEd25519Signer, createPureCrypto } from '@cairn/core';
import { describe, expect, it } from 'vitest';
import {
  decodeSignedLoad,
  encodeSignedLoad,
  type Load,
  loadSignBytes,
  ProtocolError,
  type SignedLoad,
  verifyLoad,
} from '../../src/index.ts';

const crypto = createPureCrypto();
const chainId = new Uint8Array(32).fill(1);
const signer = createEd25519Signer(new Uint8Array(32).fill(2));
const load: Load = {
  provider: new Uint8Array(32).fill(3),
  peerKey: signer.publicKey,
  artifact: new Uint8Array(32).fill(4),
  queueLength: 5,
  inFlight: 6,
  tokensPerSecondMilli: 7000,
  slot: 8n,
};
const sign = async (said: Load): Promise<SignedLoad> => ({
  load: said,
  signature: await signer.sign(loadSignBytes(chainId, said)),
});

describe('signed load', () => {
  it('is read as it was written, and verified', async () => {
    const signed = await sign(load);
    expect(decodeSignedLoad(encodeSignedLoad(signed))).toEqual(signed);
    expect(verifyLoad(crypto, chainId, signed)).toBe(true);
  });

  it('does not hold on another chain, nor with any field changed', async () => {
    const { signature } = await sign(load);
    expect(verifyLoad(crypto, new Uint8Array(32), { load, signature })).toBe(false);
    const changes: Partial<Load>[] = [
      { provider: load.artifact },
      { peerKey: load.artifact },
      { artifact: load.provider },
      { queueLength: 0 },
      { inFlight: 0 },
      { tokensPerSecondMilli: 7001 },
      { slot: 9n },
    ];
    for (const change of changes) {
      const changed = { load: { ...load, ...change }, signature };
      expect(verifyLoad(crypto, chainId, changed), Object.keys(change).join()).toBe(false);
    }
  });

  it('has one length, and other bytes are refused', async () => {
    const bytes = encodeSignedLoad(await sign(load));
    for (const wrong of [bytes.subarray(1), new Uint8Array([...bytes, 0]), new Uint8Array(0)]) {
      expect(() => decodeSignedLoad(wrong), `${wrong.length} bytes`).toThrow(ProtocolError);
    }
  });
});
