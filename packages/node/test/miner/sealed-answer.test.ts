import { bytesToHex } from '@cairn/core';
import { priceOf } from '@cairn/ledger';
import { decodeClientFrame, encodeFrame } from '@cairn/protocol';
import { describe, expect, it } from 'vitest';
import { ask, gather, words } from './asking.ts';
import { aPrice, aSealingKey, aTown } from './parts.ts';

describe.each(['x25519', 'x-wing'] as const)('an answer sealed by %s', (sealing) => {
  it('comes, is paid to the pebble and says how it was sealed', async () => {
    const town = await aTown({ sealing });
    const { text, end } = await gather(ask(town, 'one two three'));
    expect(text).toBe('one two three');
    expect(end.sealed).toBe(sealing);
    expect(end.receipt.receipt.price).toBe(priceOf(aPrice, 3, 0, 3));
    const again = await gather(ask(town, words(300)));
    expect(again.text).toBe(words(300));
  });
});

describe('sealing', () => {
  it('goes in clear to a provider without a key, unless it is required', async () => {
    const town = await aTown({ sealMode: 'prefer' });
    expect((await gather(ask(town, 'one'))).end.sealed).toBeUndefined();
    const strict = await aTown({ sealMode: 'required' });
    await expect(gather(ask(strict, 'one'))).rejects.toMatchObject({ code: 'SEAL_REQUIRED' });
    expect(strict.ledger.channels.size).toBe(0);
  });

  it('is not given up when the ledger names a key that cannot be sealed to', async () => {
    const town = await aTown({ sealing: 'x25519' });
    const keys = { x25519: new Uint8Array(32), xWing: new Uint8Array(0) };
    town.sealingKeys.set(bytesToHex(town.miner.account), keys);
    await expect(gather(ask(town, 'one'))).rejects.toMatchObject({ code: 'SEALING_KEY_UNFIT' });
  });

  it('tells a payer whose key is not the provider’s to read the record again', async () => {
    const town = await aTown({ sealing: 'x-wing' });
    town.sealingKeys.set(bytesToHex(town.miner.account), aSealingKey('someone else').public);
    await expect(gather(ask(town, 'one'))).rejects.toMatchObject({
      code: 'PROVIDER_REFUSED',
      problem: { refusal: 'SEALING_KEY_UNKNOWN' },
    });
  });

  it('is told before the question leaves, which stays when nobody wants it any more', async () => {
    let sent = 0;
    const onFrame = ({ from }: { readonly from: string }) => {
      if (from === 'payer') sent += 1;
      return 'pass' as const;
    };
    const town = await aTown({ sealing: 'x-wing', network: { onFrame } });
    const told: unknown[] = [];
    await gather(ask(town, 'one', { onOpening: (how) => told.push({ ...how, sent }) }));
    expect(told).toEqual([{ sealed: 'x-wing', sent: 0 }]);
    sent = 0;
    const onOpening = () => {
      throw new Error('not wanted');
    };
    await expect(gather(ask(town, 'two', { onOpening }))).rejects.toThrow('not wanted');
    expect(sent).toBe(0);
    expect((await gather(ask(town, 'three'))).text).toBe('three');
  });

  it('leaves nothing in clear but who pays for what', async () => {
    const opened: string[] = [];
    const town = await aTown({
      sealing: 'x25519',
      network: {
        onFrame({ from, bytes }) {
          if (from === 'payer') opened.push(decodeClientFrame(bytes).type);
          else expect(bytes[0] === 1 || bytes[0] === 2).toBe(true);
          return 'pass';
        },
      },
    });
    await gather(ask(town, words(100)));
    expect(opened[0]).toBe('sealed-open');
    expect(new Set(opened.slice(1))).toEqual(new Set(['voucher']));
  });

  it('seals what a provider says of a request it has opened', async () => {
    const clear: string[] = [];
    const town = await aTown({
      sealing: 'x25519',
      network: {
        onFrame({ from, bytes }) {
          if (from === 'miner') clear.push(new TextDecoder().decode(bytes));
          return 'pass';
        },
      },
    });
    await expect(gather(ask(town, words(5000)))).rejects.toMatchObject({
      problem: { refusal: 'CONTEXT_TOO_SMALL' },
    });
    expect(clear.join('')).not.toContain('CONTEXT');
  });

  it.each([
    [
      'flips a bit',
      (bytes: Uint8Array) => bytes.map((byte, at) => (at === 60 ? byte ^ 1 : byte)),
      'PROVIDER_BROKE_PROTOCOL',
    ],
    [
      'says that a piece is the last',
      (bytes: Uint8Array) => bytes.map((byte, at) => (at === 0 ? 2 : byte)),
      'PROVIDER_BROKE_PROTOCOL',
    ],
    ['puts its own words in', () => new TextEncoder().encode('hello'), 'PROVIDER_BROKE_PROTOCOL'],
  ])('shows a relay that %s', async (_, change, code) => {
    const town = await aTown({
      sealing: 'x25519',
      network: {
        onFrame: ({ from, index, bytes }) =>
          from === 'miner' && index === 3 ? { frame: change(bytes) } : 'pass',
      },
    });
    await expect(gather(ask(town, words(50)))).rejects.toMatchObject({ code });
  });

  it('takes no answer in clear that a relay has made up, and pays nothing for it', async () => {
    const terms = { promptTokens: 1, trancheTokens: 0, prepayTokens: 8, missed: [] };
    for (const forged of [
      encodeFrame({ type: 'accepted', ...terms }),
      encodeFrame({ type: 'delta', text: 'lies', tokens: 1, tokenIds: null, logprobs: null }),
      encodeFrame({ type: 'receipt', receipt: new Uint8Array(8) }),
    ]) {
      let paid = 0;
      const town = await aTown({
        sealing: 'x25519',
        network: {
          onFrame({ from, index }) {
            if (from === 'payer' && index > 0) paid += 1;
            return from === 'miner' && index === 0 ? { frame: forged } : 'pass';
          },
        },
      });
      await expect(gather(ask(town, words(50)))).rejects.toMatchObject({ code: 'PROVIDER_BROKE_PROTOCOL' });
      expect(paid).toBe(0);
    }
  });

  it('shows a relay that cuts the answer off before its receipt', async () => {
    const town = await aTown({
      sealing: 'x25519',
      network: { onFrame: ({ from, index }) => (from === 'miner' && index === 5 ? 'cut' : 'pass') },
    });
    await expect(gather(ask(town, words(50)))).rejects.toMatchObject({ code: 'PROVIDER_LOST' });
  });

  it('shows a relay that swaps two pieces', async () => {
    let held: Uint8Array | null = null;
    const town = await aTown({
      sealing: 'x25519',
      network: {
        onFrame({ from, index, bytes }) {
          if (from !== 'miner') return 'pass';
          if (index === 2) held = bytes;
          return index === 3 && held !== null ? { frame: held } : 'pass';
        },
      },
    });
    await expect(gather(ask(town, words(50)))).rejects.toMatchObject({ code: 'PROVIDER_BROKE_PROTOCOL' });
  });

  it('takes a request once: a relay that sends it again gets nothing', async () => {
    let opening: Uint8Array | null = null;
    const town = await aTown({
      sealing: 'x25519',
      network: {
        onFrame({ from, bytes }) {
          if (from === 'payer') opening ??= bytes;
          return 'pass';
        },
      },
    });
    await gather(ask(town, 'one two'));
    const relay = town.network.join('relay');
    const stream = await relay.dial('miner', '/cairn/infer/1');
    await stream.write(opening ?? new Uint8Array());
    const told = new TextDecoder().decode((await stream.read()) ?? new Uint8Array());
    expect(told).toContain('REQUEST_REPLAYED');
  });

  it('takes no request that was sealed for another channel or another hash', async () => {
    let opening: Uint8Array | null = null;
    const town = await aTown({
      sealing: 'x25519',
      network: {
        onFrame({ from, bytes }) {
          if (from === 'payer') opening ??= bytes;
          return 'pass';
        },
      },
    });
    await gather(ask(town, 'one two'));
    const frame = decodeClientFrame(opening ?? new Uint8Array());
    if (frame.type !== 'sealed-open') throw new Error('it was not sealed');
    const relay = town.network.join('relay');
    const stream = await relay.dial('miner', '/cairn/infer/1');
    await stream.write(encodeFrame({ ...frame, requestHash: new Uint8Array(32) }));
    const told = new TextDecoder().decode((await stream.read()) ?? new Uint8Array());
    expect(told).toContain('REQUEST_FORGED');
  });
});
