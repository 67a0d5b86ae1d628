import { createNativeSealCrypto } from '@cairn/chain';
import { bytesToHex } from '@cairn/core';
import { callFunction } from '@cairn/sdk';
import { describe, expect, it } from 'vitest';
import { openSealingKeys } from '../../src/sealing/sealing-keys.ts';
import { aFolder } from '../data/parts.ts';
import { aSealingKey } from '../miner/parts.ts';
import { aMarket } from './market.ts';
import { aComputeTown, textOf } from './parts.ts';

const ECHO = "export const handle = ({ text }) => 'heard ' + text";

describe.each(['x25519', 'x-wing'] as const)('a call sealed by %s', (sealing) => {
  it('comes, is paid and says how it was sealed', async () => {
    await using town = await aComputeTown({ source: ECHO, sealing });
    const { answer, receipt, sealed } = await town.call('a secret');
    expect(textOf(answer.output)).toContain('a secret');
    expect(sealed).toBe(sealing);
    expect(receipt.receipt.price).toBeGreaterThan(0n);
    expect((await town.call('another')).sealed).toBe(sealing);
  });
});

describe('a sealed call', () => {
  it('leaves neither its input nor its output on the wire', async () => {
    const wire: string[] = [];
    await using town = await aComputeTown({
      source: ECHO,
      sealing: 'x25519',
      network: {
        onFrame({ bytes }) {
          wire.push(Buffer.from(bytes).toString('latin1'));
          return 'pass';
        },
      },
    });
    await town.call('a secret');
    expect(wire.length).toBeGreaterThan(3);
    expect(wire.join('')).not.toContain('secret');
    expect(wire.join('')).not.toContain('heard');
  });

  it('goes in clear to a provider without a key, and not at all when sealing is required', async () => {
    await using town = await aComputeTown({ source: ECHO });
    expect((await town.call('one')).sealed).toBeUndefined();
    await using strict = await aComputeTown({ source: ECHO, sealing: 'x25519' });
    strict.sealingKeys.clear();
    const request = {
      place: strict.place,
      input: new Uint8Array(1),
      maxWork: 10,
      idempotencyKey: 'x',
      seal: 'required',
    } as const;
    await expect(callFunction(strict.callParts, request)).rejects.toMatchObject({ code: 'SEAL_REQUIRED' });
    expect(strict.pool.state.calls).toBe(0);
  });

  it('may be sealed to a new key that its provider was given', async () => {
    const sealing = await openSealingKeys(aFolder(), createNativeSealCrypto());
    const market = await aMarket({ sealing });
    const first = sealing.current;
    await market.during(market.provider.rotateSealing!());
    const { sealing: named } = await market.chain.ledger.query<{ sealing: { x25519: string } }>(
      'registry_provider',
      { account: market.address },
    );
    expect(named.x25519).toBe(bytesToHex(sealing.current.public.x25519));
    expect(sealing.keys()).toEqual([sealing.current, first]);
  });

  it('tells a caller whose key is not the provider’s to read the record again', async () => {
    await using town = await aComputeTown({ source: ECHO, sealing: 'x-wing' });
    town.sealingKeys.set(bytesToHex(town.place.provider), aSealingKey('someone else').public);
    await expect(town.call('one')).rejects.toMatchObject({
      code: 'PROVIDER_REFUSED',
      problem: { refusal: 'SEALING_KEY_UNKNOWN' },
    });
    expect(town.pool.state.calls).toBe(0);
  });
});
