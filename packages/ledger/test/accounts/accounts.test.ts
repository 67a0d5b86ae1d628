import { bytesToHex, encode } from '@cairn/core';
import { describe, expect, it } from 'vitest';
import { accounts, closeShape, type StateChange } from '../../src/index.ts';
import { aChain, aKey, CAIRN, type TestChain } from '../support/chain.ts';
import { brokenInvariants } from '../support/invariants.ts';
import { aBody, executeBytes, signedBytes } from '../support/signed.ts';

const alice = aKey(1);
const bob = aKey(2);
const carol = aKey(3);
const DEPOSIT = 200_000n;

const aPair = (parameters: Record<string, bigint> = {}) => aChain({ funded: [alice, bob], parameters });
const accountOf = (chain: TestChain, key: typeof alice) => accounts.get(chain.view, key.account);

describe('accounts.transfer', () => {
  it('moves the amount and takes a fee that is recycled', () => {
    const chain = aPair();
    const before = [chain.spendable(alice), chain.spendable(bob)] as const;
    const { results } = chain.block([
      { from: alice, name: 'accounts.transfer', message: { to: bob.account, amount: 5n } },
    ]);
    expect(chain.spendable(bob)).toBe(before[1] + 5n);
    expect(chain.spendable(alice)).toBe(before[0] - 5n - results[0]!.fee);
    expect(results[0]!.fee > 0n).toBe(true);
    expect(chain.supply().recycled).toBe(results[0]!.fee);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('costs only the fee when it goes to oneself, even of everything', () => {
    const chain = aPair();
    const fee = chain.preview([
      { from: alice, name: 'accounts.transfer', message: { to: alice.account, amount: 1n } },
    ]).results[0]!.fee;
    const all = chain.spendable(alice) - fee;
    expect(chain.send(alice, 'accounts.transfer', { to: alice.account, amount: all })).toBe(null);
    expect(chain.spendable(alice)).toBe(all);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('opens an account that keeps its deposit, and refuses less than that', () => {
    const chain = aPair();
    expect(chain.send(alice, 'accounts.transfer', { to: carol.account, amount: DEPOSIT - 1n })).toBe(
      'BELOW_ACCOUNT_DEPOSIT',
    );
    expect(accountOf(chain, carol)).toBe(undefined);
    expect(chain.send(alice, 'accounts.transfer', { to: carol.account, amount: DEPOSIT })).toBe(null);
    expect(accountOf(chain, carol)).toEqual({
      nonce: 2n << 20n,
      spendable: 0n,
      deposit: DEPOSIT,
      records: 0,
      isKeyChanged: false,
      isFrozen: false,
    });
    expect(chain.send(alice, 'accounts.transfer', { to: carol.account, amount: 1n })).toBe(null);
    expect(chain.spendable(carol)).toBe(1n);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it.each([
    ['nothing', 0n, 'AMOUNT_ZERO'],
    ['more than there is', 100_001n * CAIRN, 'BALANCE_TOO_LOW'],
    ['the largest number there is', 2n ** 64n - 1n, 'BALANCE_TOO_LOW'],
  ])('refuses to send %s, and keeps the fee and the nonce of it', (_, amount, code) => {
    const chain = aPair();
    const before = chain.spendable(alice);
    const outcome = chain.block([
      { from: alice, name: 'accounts.transfer', message: { to: bob.account, amount } },
    ]);
    expect(outcome.results[0]!.problem?.code).toBe(code);
    expect(chain.spendable(alice)).toBe(before - outcome.results[0]!.fee);
    expect(accountOf(chain, alice)!.nonce).toBe(1n);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('lets an account with nothing but its deposit do nothing', () => {
    const chain = aPair();
    chain.send(alice, 'accounts.transfer', { to: carol.account, amount: DEPOSIT });
    expect(chain.send(carol, 'accounts.transfer', { to: alice.account, amount: 1n })).toBe('BALANCE_TOO_LOW');
    expect(chain.send(carol, 'accounts.close', { beneficiary: alice.account })).toBe('BALANCE_TOO_LOW');
  });
});

describe('accounts.close', () => {
  it('gives everything with the deposit to the beneficiary', () => {
    const chain = aPair();
    const before = chain.spendable(bob);
    const had = chain.spendable(alice);
    const { results } = chain.block([
      { from: alice, name: 'accounts.close', message: { beneficiary: bob.account } },
    ]);
    expect(results[0]!.problem).toBe(null);
    expect(accountOf(chain, alice)).toBe(undefined);
    expect(chain.spendable(bob)).toBe(before + had + DEPOSIT - results[0]!.fee);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('opens the account of a beneficiary that has none', () => {
    const chain = aPair();
    expect(chain.send(alice, 'accounts.close', { beneficiary: carol.account })).toBe(null);
    expect(accountOf(chain, carol)!.deposit).toBe(DEPOSIT);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('refuses itself as beneficiary and an account that owns records', () => {
    const chain = aPair();
    expect(chain.send(alice, 'accounts.close', { beneficiary: alice.account })).toBe('BENEFICIARY_IS_SENDER');
    chain.send(alice, 'channels.open', { payee: bob.account, netuid: 1, deposit: CAIRN });
    expect(chain.send(alice, 'accounts.close', { beneficiary: bob.account })).toBe('ACCOUNT_HAS_RECORDS');
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('never lets an old transaction run again when somebody opens the account once more', async () => {
    const chain = aPair();
    const gift = await signedBytes(alice, aBody(chain, alice, { to: bob.account, amount: CAIRN }));
    keep(chain, executeBytes(chain, [gift], { height: 1 }).changes);
    const close = aBody(chain, alice, {
      messageId: 2,
      message: encode(closeShape, { beneficiary: bob.account }),
    });
    keep(chain, executeBytes(chain, [await signedBytes(alice, close)], { height: 2 }).changes);
    expect(accountOf(chain, alice)).toBe(undefined);
    const reopen = aBody(chain, bob, { to: alice.account, amount: 50n * CAIRN });
    const opened = executeBytes(chain, [await signedBytes(bob, reopen), gift], { height: 3 });
    expect(opened.results.map(({ problem }) => problem?.code)).toEqual([undefined, 'ACCOUNT_UNKNOWN']);
    keep(chain, opened.changes);
    const again = executeBytes(chain, [gift], { height: 4 });
    expect(again.results.map(({ problem }) => problem?.code)).toEqual(['NONCE_STALE']);
  });

  it('leaves later transactions of the block without an account, their fees paid', async () => {
    const chain = aPair();
    const close = aBody(chain, alice, {
      messageId: 2,
      message: encode(closeShape, { beneficiary: bob.account }),
    });
    const txs = [
      await signedBytes(alice, close),
      await signedBytes(alice, { ...close, nonce: close.nonce + 1n }),
    ];
    const { results } = executeBytes(chain, txs, { height: 1 });
    expect(results.map(({ problem }) => problem?.code ?? null)).toEqual([null, 'ACCOUNT_CLOSED']);
    expect(results.every(({ fee }) => fee > 0n)).toBe(true);
  });

  it('is opened by a transfer for the next block, not for this one', async () => {
    const chain = aPair();
    const open = aBody(chain, bob, { to: carol.account, amount: 10n * CAIRN });
    const gift = { ...aBody(chain, carol, { to: alice.account, amount: CAIRN }), nonce: 1n << 20n };
    const txs = [await signedBytes(bob, open), await signedBytes(carol, gift)];
    const opened = executeBytes(chain, txs, { height: 1 });
    expect(opened.results.map(({ problem }) => problem?.code ?? null)).toEqual([null, 'ACCOUNT_UNKNOWN']);
    keep(chain, opened.changes);
    expect(executeBytes(chain, [txs[1]!], { height: 2 }).results[0]!.ok).toBe(true);
  });

  it('closes in the block after it opened, and opens again above all nonces it used', () => {
    const chain = aPair();
    chain.send(alice, 'accounts.transfer', { to: carol.account, amount: CAIRN });
    chain.send(carol, 'accounts.transfer', { to: carol.account, amount: 1n });
    const used = accountOf(chain, carol)!.nonce;
    const { results } = chain.block([
      { from: carol, name: 'accounts.close', message: { beneficiary: alice.account } },
      { from: alice, name: 'accounts.transfer', message: { to: carol.account, amount: CAIRN } },
    ]);
    expect(results.map(({ problem }) => problem?.code ?? null)).toEqual([null, null]);
    expect(accountOf(chain, carol)!.nonce > used).toBe(true);
  });
});

describe('the record of an account', () => {
  it('is worth at least the bytes it keeps', () => {
    const chain = aPair();
    const id = bytesToHex(alice.account);
    const key = `accounts/account/${id}`;
    const sizeBytes = key.length + chain.view.get(key)!.length;
    expect(DEPOSIT >= BigInt(sizeBytes) * 1_000n, `${sizeBytes} bytes`).toBe(true);
  });
});

function keep({ store }: TestChain, changes: readonly StateChange[]): void {
  for (const { key, value } of changes) {
    if (value === null) store.delete(key);
    else store.set(key, value);
  }
}
