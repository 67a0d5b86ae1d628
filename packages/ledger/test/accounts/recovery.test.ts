import { accountIdToAddress, compareBytes } from '@cairn/core';
import { beforeEach, describe, expect, it } from 'vitest';
import { recoveries } from '../../src/index.ts';
import { aCall } from '../support/calls.ts';
import { aKey, CAIRN, type TestChain, type TestKey } from '../support/chain.ts';
import { brokenInvariants } from '../support/invariants.ts';
import {
  aChange,
  aKeyChain,
  changeOf,
  DELAY,
  FREEZE,
  guard,
  isMarkedFrozen,
  keyOf,
  RECOVERY_DELAY,
  speaking,
} from '../support/keys.ts';

const [alice, bob, stranger] = [aKey(1), aKey(2), aKey(3)];
const guardians = [aKey(4), aKey(5), aKey(6)] as const;
const [fresh, thief] = [aKey(11), aKey(12)];
let chain: TestChain;

beforeEach(() => {
  chain = aKeyChain([alice, bob, stranger, ...guardians]);
  guard(chain, alice, guardians, 2);
});

const own = { account: alice.account };
const send = (from: TestKey, name: string, message: unknown) => chain.send(from, `accounts.${name}`, message);
const pay = (from: TestKey) => send(from, 'transfer', { to: bob.account, amount: 1n });
const vote = (guardian: TestKey, newKey: TestKey) =>
  send(guardian, 'approveRecovery', { ...own, newKey: newKey.account });
const announce = (newKey: TestKey) => send(alice, 'announceKeyChange', { newKey: newKey.account });
const freeze = () => {
  expect(announce(thief)).toBe(null);
  expect(send(alice, 'disputeKeyChange', own)).toBe(null);
};
const sorted = (...keys: TestKey[]) => keys.map(({ account }) => account).sort(compareBytes);

describe('accounts.setRecovery', () => {
  it('names guardians that take over after the delay, the first ones too', () => {
    const [next] = [aKey(7)];
    expect(send(bob, 'setRecovery', { guardians: [next!.account], threshold: 1 })).toBe(null);
    const message = { account: bob.account, newKey: fresh.account };
    expect(send(stranger, 'approveRecovery', message)).toBe('NOT_GUARDIAN');
    const found = chain.query('accounts_keys', { address: accountIdToAddress(bob.account) });
    expect(found.recovery.current.guardians).toEqual([]);
    expect(found.recovery.next.guardians.guardians).toEqual([accountIdToAddress(next!.account)]);
  });

  it('leaves the old guardians in office until then, and can be taken back', () => {
    expect(send(alice, 'setRecovery', { guardians: [thief.account], threshold: 1 })).toBe(null);
    expect(vote(guardians[0], fresh)).toBe(null);
    expect(send(alice, 'clearKeyChange', own)).toBe(null);
    chain.advance(Number(DELAY) + 1);
    expect(vote(guardians[1], fresh)).toBe(null);
    expect(changeOf(chain, alice)?.origin).toBe('recovery');
  });

  it('forgets votes of guardians that were replaced', () => {
    expect(vote(guardians[0], fresh)).toBe(null);
    guard(chain, alice, [guardians[0], guardians[1]], 2);
    expect(vote(guardians[1], fresh)).toBe(null);
    expect(changeOf(chain, alice)).toBe(undefined);
    expect(vote(guardians[0], fresh)).toBe(null);
    expect(changeOf(chain, alice)?.origin).toBe('recovery');
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('gives the deposit back when guardians were removed', () => {
    guard(chain, alice, [], 0);
    expect(vote(guardians[0], fresh)).toBe('NOT_GUARDIAN');
    expect(send(alice, 'clearKeyChange', own)).toBe(null);
    expect(recoveries.get(chain.view, alice.account)).toBe(undefined);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it.each([
    ['guardians out of order', () => sorted(bob, stranger).reverse(), 1, 'GUARDIANS_UNSORTED'],
    ['one guardian twice', () => [bob.account, bob.account], 1, 'GUARDIANS_UNSORTED'],
    ['itself', () => [alice.account], 1, 'GUARDIAN_IS_SENDER'],
    ['a threshold of none', () => [bob.account], 0, 'THRESHOLD_UNFIT'],
    ['a threshold above all', () => [bob.account], 2, 'THRESHOLD_UNFIT'],
    ['a threshold without guardians', () => [], 1, 'THRESHOLD_UNFIT'],
  ])('refuses %s', (_, ids, threshold, code) => {
    expect(send(alice, 'setRecovery', { guardians: ids(), threshold })).toBe(code);
  });
});

describe('a recovery', () => {
  it('starts with enough votes for one key and takes effect after its delay', async () => {
    expect(vote(stranger, fresh)).toBe('NOT_GUARDIAN');
    expect(vote(guardians[0], fresh)).toBe(null);
    expect(vote(guardians[0], fresh)).toBe(null);
    expect(vote(guardians[1], thief)).toBe(null);
    expect(changeOf(chain, alice)).toBe(undefined);
    expect(vote(guardians[2], fresh)).toBe(null);
    expect(vote(guardians[1], fresh)).toBe('KEY_CHANGE_PENDING');
    const change = await aChange(chain, alice, fresh);
    chain.advance(Number(RECOVERY_DELAY) - 3);
    expect(send(stranger, 'changeKey', change)).toBe('KEY_CHANGE_EARLY');
    expect(send(stranger, 'changeKey', change)).toBe(null);
    expect(pay(alice)).toBe('KEY_CHANGED');
    expect(pay(speaking(alice, fresh))).toBe(null);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('is stopped by the key, which is thereby not lost', () => {
    vote(guardians[0], thief);
    vote(guardians[1], thief);
    expect(send(alice, 'clearKeyChange', own)).toBe('KEY_CHANGE_UNKNOWN');
    expect(send(alice, 'disputeKeyChange', own)).toBe(null);
    expect(changeOf(chain, alice)).toBe(undefined);
    expect(isMarkedFrozen(chain, alice)).toBe(false);
    expect(vote(guardians[2], thief)).toBe(null);
    expect(changeOf(chain, alice)).toBe(undefined);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('comes before a change that the key announced', () => {
    announce(thief);
    vote(guardians[0], fresh);
    expect(changeOf(chain, alice)?.newKey).toEqual(thief.account);
    vote(guardians[1], fresh);
    expect(changeOf(chain, alice)).toMatchObject({ newKey: fresh.account, origin: 'recovery' });
    expect(announce(thief)).toBe('KEY_CHANGE_PENDING');
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('of an account that was emptied is paid for by the guardian, and for ever', async () => {
    const fee = chain.preview([
      { from: alice, name: 'accounts.transfer', message: { to: bob.account, amount: CAIRN } },
    ]).results[0]!.fee;
    const all = chain.spendable(alice) - fee;
    expect(send(alice, 'transfer', { to: bob.account, amount: all })).toBe(null);
    vote(guardians[0], fresh);
    vote(guardians[1], fresh);
    expect(changeOf(chain, alice)?.payer).toEqual(guardians[1].account);
    chain.advance(Number(RECOVERY_DELAY));
    expect(send(stranger, 'changeKey', await aChange(chain, alice, fresh))).toBe(null);
    expect(send(guardians[1], 'close', { beneficiary: bob.account })).toBe('ACCOUNT_HAS_RECORDS');
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('needs a key that does not speak already', () => {
    expect(vote(guardians[0], alice)).toBe('KEY_UNCHANGED');
  });
});

describe('a dispute over an announced change, with guardians', () => {
  it('freezes the account: nobody moves anything, not even for a fee', () => {
    freeze();
    const { results } = chain.block([
      { from: alice, name: 'accounts.transfer', message: { to: bob.account, amount: 1n } },
      { from: alice, name: 'accounts.clearKeyChange', message: own },
    ]);
    expect(results.map(({ problem, fee }) => [problem?.code, fee])).toEqual([
      ['ACCOUNT_FROZEN', 0n],
      ['ACCOUNT_FROZEN', 0n],
    ]);
    expect(send(stranger, 'clearKeyChange', own)).toBe('ACCOUNT_FROZEN');
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('freezes what the thief sent into the same block after it', () => {
    announce(thief);
    const { results } = chain.block([
      { from: alice, name: 'accounts.disputeKeyChange', message: own },
      { from: alice, name: 'accounts.transfer', message: { to: thief.account, amount: CAIRN } },
    ]);
    expect(results.map(({ problem }) => problem?.code ?? null)).toEqual([null, 'ACCOUNT_FROZEN']);
  });

  it('is a call for help in one transaction, with no way to do something after it', () => {
    const help = [
      aCall('accounts.announceKeyChange', { newKey: fresh.account }),
      aCall('accounts.disputeKeyChange', own),
    ];
    const andPay = [...help, aCall('accounts.transfer', { to: bob.account, amount: 1n })];
    expect(send(alice, 'batch', { calls: andPay })).toBe('ACCOUNT_FROZEN');
    expect(isMarkedFrozen(chain, alice)).toBe(false);
    expect(send(alice, 'batch', { calls: help })).toBe(null);
    expect(pay(alice)).toBe('ACCOUNT_FROZEN');
  });

  it('drops guardians that a thief had named and votes cast before', () => {
    expect(send(alice, 'setRecovery', { guardians: [thief.account], threshold: 1 })).toBe(null);
    vote(guardians[0], thief);
    freeze();
    chain.advance(Number(DELAY));
    vote(guardians[1], thief);
    expect(changeOf(chain, alice)).toBe(undefined);
    expect(recoveries.get(chain.view, alice.account)?.current.guardians).toHaveLength(3);
  });

  it('is ruled upon by the guardians at once: another key', async () => {
    freeze();
    vote(guardians[0], fresh);
    vote(guardians[1], fresh);
    expect(changeOf(chain, alice)?.origin).toBe('ruling');
    expect(send(stranger, 'changeKey', await aChange(chain, alice, fresh))).toBe(null);
    expect(keyOf(chain, alice)).toEqual(fresh.account);
    expect(isMarkedFrozen(chain, alice)).toBe(false);
    expect(pay(alice)).toBe('KEY_CHANGED');
    expect(pay(speaking(alice, fresh))).toBe(null);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('is ruled upon by the guardians at once: the key stays', () => {
    freeze();
    vote(guardians[0], alice);
    expect(pay(alice)).toBe('ACCOUNT_FROZEN');
    vote(guardians[2], alice);
    expect(pay(alice)).toBe(null);
    expect(announce(fresh)).toBe(null);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('leaves the new key as long as a freeze to agree to a ruling', async () => {
    freeze();
    chain.advance(Number(FREEZE) - 3);
    vote(guardians[0], fresh);
    vote(guardians[1], fresh);
    chain.advance(Number(FREEZE) - 3);
    expect(pay(alice)).toBe('ACCOUNT_FROZEN');
    expect(send(stranger, 'changeKey', await aChange(chain, alice, fresh))).toBe(null);
  });

  it('ends by itself when guardians are silent, and a calm follows: nobody is locked out for ever', () => {
    freeze();
    chain.advance(Number(FREEZE));
    expect(pay(alice)).toBe(null);
    expect(announce(thief)).toBe('KEY_CHANGE_TOO_SOON');
    expect(send(stranger, 'clearKeyChange', own)).toBe(null);
    expect(isMarkedFrozen(chain, alice)).toBe(false);
    chain.advance(Number(DELAY));
    expect(announce(thief)).toBe(null);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('lets guardians still change the key by a recovery after a freeze that ended by itself', () => {
    freeze();
    chain.advance(Number(FREEZE));
    vote(guardians[0], fresh);
    vote(guardians[1], fresh);
    expect(changeOf(chain, alice)?.origin).toBe('recovery');
  });
});
