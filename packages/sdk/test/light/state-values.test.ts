import { accountIdToAddress, encode } from '@cairn/core';
import { providerShape } from '@cairn/ledger';
import { describe, expect, it } from 'vitest';
import { describeStateValue, providerFromState, providerStateKey } from '../../src/index.ts';

describe('a provider in the state', () => {
  const account = new Uint8Array(32).fill(3);
  const provider = {
    account,
    sealing: { x25519: new Uint8Array(32).fill(4), xWing: new Uint8Array() },
    devices: [{ peerKey: new Uint8Array(32).fill(5), addresses: ['/dns4/a'], expirySlot: 9n }],
    region: 'de',
    recordDeposit: 1n,
  };
  const bytes = encode(providerShape, provider);

  it('is read from what was proved under its key', () => {
    expect(providerFromState(bytes)).toEqual(provider);
    expect(describeStateValue(providerStateKey(account), bytes)).toMatchObject({
      account: accountIdToAddress(account),
      region: 'de',
    });
  });

  it('is refused when it is anything else', () => {
    expect(() => providerFromState(bytes.slice(1))).toThrow();
    expect(() => providerFromState(Uint8Array.of(...bytes, 0))).toThrow();
  });
});
