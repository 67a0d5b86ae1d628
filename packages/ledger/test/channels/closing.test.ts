import { bytesToHex } from '@cairn/core';
import { beforeEach, describe, expect, it } from 'vitest';
import { channels } from '../../src/index.ts';
import { aChain, aKey, CAIRN, type TestChain } from '../support/chain.ts';
import { aClaim, artifact, openChannel } from '../support/channels.ts';
import { brokenInvariants } from '../support/invariants.ts';

const payer = aKey(1);
const payee = aKey(2);
const stranger = aKey(3);
const WINDOW = 10n;

let chain: TestChain;
let id: Uint8Array;
const held = () => channels.get(chain.view, bytesToHex(id));

beforeEach(() => {
  chain = aChain({ funded: [payer, payee, stranger], parameters: { channelDisputeBlocks: WINDOW } });
  id = openChannel(chain, payer, payee);
});

/** What a call does to the spendable money of an account. */
async function gain(of: typeof payer, act: () => Promise<void> | void): Promise<bigint> {
  const before = chain.spendable(of);
  await act();
  return chain.spendable(of) - before;
}

describe('closing', () => {
  it('lets the payee claim until the channel is finalised, in the window and after it', async () => {
    expect(chain.send(payer, 'channels.startClose', { channel: id })).toBe(null);
    await expectClaim(CAIRN, null);
    chain.advance(Number(WINDOW) + 5);
    await expectClaim(2n * CAIRN, null);
    expect(chain.send(payee, 'channels.finalise', { channel: id })).toBe(null);
    await expectClaim(3n * CAIRN, 'CHANNEL_UNKNOWN');
  });

  it.each([
    ['payer', payer],
    ['payee', payee],
  ] as const)('is started by the %s', (_, key) => {
    expect(chain.send(key, 'channels.startClose', { channel: id })).toBe(null);
    expect(chain.send(key, 'channels.startClose', { channel: id })).toBe('CHANNEL_CLOSING');
  });

  it('is not started by strangers nor for channels that are none', () => {
    expect(chain.send(stranger, 'channels.startClose', { channel: id })).toBe('NOT_A_PARTY');
    expect(chain.send(payer, 'channels.startClose', { channel: artifact(1) })).toBe('CHANNEL_UNKNOWN');
    expect(chain.send(payer, 'channels.finalise', { channel: artifact(1) })).toBe('CHANNEL_UNKNOWN');
    expect(chain.send(payer, 'channels.finalise', { channel: id })).toBe('CHANNEL_OPEN');
  });

  it('lasts as many blocks as the parameter says, and then a stranger can release the money', async () => {
    const bond = held()!.recordDeposit;
    chain.send(payer, 'channels.startClose', { channel: id });
    chain.advance(Number(WINDOW) - 2);
    expect(chain.send(stranger, 'channels.finalise', { channel: id })).toBe('DISPUTE_WINDOW_OPEN');
    const got = await gain(payer, () => {
      expect(chain.send(stranger, 'channels.finalise', { channel: id })).toBe(null);
    });
    expect(got).toBe(10n * CAIRN + bond);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('lets the payer close its account once the channel is gone, not before', () => {
    expect(chain.send(payer, 'accounts.close', { beneficiary: stranger.account })).toBe(
      'ACCOUNT_HAS_RECORDS',
    );
    chain.send(payer, 'channels.startClose', { channel: id });
    chain.advance(Number(WINDOW));
    expect(chain.send(stranger, 'channels.finalise', { channel: id })).toBe(null);
    expect(chain.send(payer, 'accounts.close', { beneficiary: stranger.account })).toBe(null);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('counts blocks and not slots: a pause of the chain does not shorten the window', () => {
    chain.send(payer, 'channels.startClose', { channel: id });
    chain.block([], 10_000);
    expect(chain.send(stranger, 'channels.finalise', { channel: id })).toBe('DISPUTE_WINDOW_OPEN');
  });
});

describe('a channel with every artifact it can have', () => {
  it('stays within the bytes that its bond paid for', async () => {
    const totals = Array.from({ length: 32 }, (_, n) => ({ artifact: artifact(n), amount: CAIRN / 32n }));
    const claim = await aClaim(chain, id, payer, (CAIRN / 32n) * 32n, { totals });
    expect(chain.send(payee, 'channels.claim', claim)).toBe(null);
    const keys = [...chain.store.keys()].filter((key) => key.includes(bytesToHex(id)));
    const sizeBytes = keys.reduce((sum, key) => sum + key.length + chain.store.get(key)!.length, 0);
    expect(keys.length).toBe(3);
    expect(held()!.recordDeposit >= BigInt(sizeBytes) * 1_000n, `${sizeBytes} bytes`).toBe(true);
  });
});

async function expectClaim(cumulative: bigint, code: string | null): Promise<void> {
  const claim = await aClaim(chain, id, payer, cumulative);
  expect(chain.send(payee, 'channels.claim', claim)).toBe(code);
}
