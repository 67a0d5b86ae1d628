import { accountIdToAddress, bytesToHex } from '@cairn/core';
import { describe, expect, it } from 'vitest';
import { accounts, type Call, callHashOf, type Purpose, proxies } from '../../src/index.ts';
import { aCall } from '../support/calls.ts';
import { aChain, aKey, CAIRN, type TestChain, type TestKey, testCrypto } from '../support/chain.ts';
import { anApproval, propose, TEAM_ACCOUNT } from '../support/delegation.ts';
import { brokenInvariants } from '../support/invariants.ts';

const [alice, bob, carol, dora] = [aKey(1), aKey(2), aKey(3), aKey(4)];
const pay = (to: TestKey, amount: bigint) => aCall('accounts.transfer', { to: to.account, amount });
const batch = (...calls: Call[]) => aCall('accounts.batch', { calls });
const stake = aCall('staking.stake', { hotkey: alice.account, amount: CAIRN });
const anEntry = (delegate: TestKey, purpose: Purpose, delaySlots = 0) => ({
  delegate: delegate.account,
  purpose,
  delaySlots,
});
const adding = (delegate: TestKey, purpose: Purpose, delaySlots = 0) =>
  aCall('accounts.addProxy', anEntry(delegate, purpose, delaySlots));

/** Bob is Alice's delegate. */
function aPair(purpose: Purpose, delaySlots = 0, parameters: Record<string, bigint> = {}): TestChain {
  const chain = aChain({ funded: [alice, bob, carol], parameters });
  expect(chain.send(alice, 'accounts.addProxy', anEntry(bob, purpose, delaySlots))).toBeNull();
  return chain;
}
const run = (chain: TestChain, call: Call, from = bob, owner = alice) =>
  chain.send(from, 'accounts.proxy', { owner: owner.account, call });
const announce = (chain: TestChain, call: Call, from = bob, owner = alice) =>
  chain.send(from, 'accounts.announceProxyCall', {
    owner: owner.account,
    callHash: callHashOf(testCrypto, call),
  });
const drop = (chain: TestChain, call: Call, from: TestKey) =>
  chain.send(from, 'accounts.rejectProxyCall', {
    owner: alice.account,
    delegate: bob.account,
    callHash: callHashOf(testCrypto, call),
  });
const recordsOf = (chain: TestChain, key: TestKey) => accounts.get(chain.view, key.account)!.records;

describe('a delegate without a delay', () => {
  it('runs a call of its purpose for the owner, at its own fee', () => {
    const chain = aPair('transfer');
    const [ofAlice, ofCarol] = [chain.spendable(alice), chain.spendable(carol)];
    const message = { owner: alice.account, call: pay(carol, 5n * CAIRN) };
    const [result] = chain.block([{ from: bob, name: 'accounts.proxy', message }]).results;
    expect(result!.events.map(({ name }) => name)).toEqual(['accounts.transferred', 'accounts.proxyCallRan']);
    expect(chain.spendable(alice)).toBe(ofAlice - 5n * CAIRN);
    expect(chain.spendable(carol)).toBe(ofCarol + 5n * CAIRN);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('runs nothing of another purpose, in a batch or in batches of batches neither', () => {
    const chain = aPair('transfer');
    const before = chain.spendable(carol);
    const allowed = pay(carol, CAIRN);
    for (const call of [stake, batch(stake), batch(batch(stake)), batch(allowed, stake)])
      expect(run(chain, call)).toBe('CALL_NOT_PERMITTED');
    expect(chain.spendable(carol)).toBe(before);
    expect(run(chain, batch(allowed, batch(allowed)))).toBeNull();
    expect(chain.spendable(carol)).toBe(before + 2n * CAIRN);
  });

  it('for all but transfers neither pays nor opens a channel', () => {
    const chain = aPair('nonTransfer');
    const channel = aCall('channels.open', { payee: bob.account, netuid: 1, deposit: CAIRN });
    expect(run(chain, pay(bob, CAIRN))).toBe('CALL_NOT_PERMITTED');
    expect(run(chain, channel)).toBe('CALL_NOT_PERMITTED');
    expect(run(chain, aCall('accounts.close', { beneficiary: bob.account }))).toBe('CALL_NOT_PERMITTED');
  });

  it('changes no proxies of the owner unless its purpose is any', () => {
    for (const purpose of ['nonTransfer', 'transfer', 'staking', 'governance'] as const) {
      const chain = aPair(purpose);
      for (const call of [adding(dora, 'any'), aCall('accounts.removeProxy', { delegate: bob.account })]) {
        expect(run(chain, call)).toBe('CALL_NOT_PERMITTED');
        expect(run(chain, batch(call))).toBe('CALL_NOT_PERMITTED');
      }
      expect(proxies.of(chain.view, alice.account)).toHaveLength(1);
    }
    const chain = aPair('any');
    expect(run(chain, adding(dora, 'staking'))).toBeNull();
    expect(proxies.of(chain.view, alice.account)).toHaveLength(2);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('gains nothing by another account of the owner: a narrow purpose does not reach into a second proxy', () => {
    const chain = aPair('staking');
    chain.send(carol, 'accounts.addProxy', anEntry(alice, 'any'));
    const through = aCall('accounts.proxy', { owner: carol.account, call: pay(bob, CAIRN) });
    expect(run(chain, through)).toBe('CALL_NOT_PERMITTED');
  });

  it('carries the purpose of every proxy on the way: the narrowest counts', () => {
    const chain = aPair('any');
    chain.send(carol, 'accounts.addProxy', anEntry(alice, 'staking'));
    const through = (call: Call) => aCall('accounts.proxy', { owner: carol.account, call });
    expect(run(chain, through(pay(bob, CAIRN)))).toBe('CALL_NOT_PERMITTED');
    expect(run(chain, through(batch(pay(bob, CAIRN))))).toBe('CALL_NOT_PERMITTED');
    expect(run(chain, through(pay(bob, CAIRN)), bob, alice)).toBe('CALL_NOT_PERMITTED');
  });

  it('and another that name each other run no loop', () => {
    const chain = aPair('any');
    chain.send(bob, 'accounts.addProxy', anEntry(alice, 'any'));
    const around = (owner: TestKey, call: Call) => aCall('accounts.proxy', { owner: owner.account, call });
    const three = around(bob, around(alice, pay(carol, 1n)));
    expect(run(chain, three)).toBeNull();
    expect(run(chain, around(bob, around(alice, three)))).toBe('CALLS_TOO_DEEP');
  });

  it('is nobody else, and no longer one when it was removed', () => {
    const chain = aPair('any');
    expect(run(chain, pay(carol, 1n), carol)).toBe('PROXY_UNKNOWN');
    expect(run(chain, pay(carol, 1n), alice, bob)).toBe('PROXY_UNKNOWN');
    expect(chain.send(alice, 'accounts.removeProxy', { delegate: bob.account })).toBeNull();
    expect(chain.send(alice, 'accounts.removeProxy', { delegate: bob.account })).toBe('PROXY_UNKNOWN');
    expect(run(chain, pay(carol, 1n))).toBe('PROXY_UNKNOWN');
    expect(recordsOf(chain, alice)).toBe(0);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('announces nothing', () => {
    expect(announce(aPair('any'), pay(carol, 1n))).toBe('PROXY_HAS_NO_DELAY');
  });

  it('that ends its own rights in a batch still finishes no second call', () => {
    const chain = aPair('any');
    const remove = aCall('accounts.removeProxy', { delegate: bob.account });
    const again = aCall('accounts.proxy', { owner: alice.account, call: pay(bob, 1n) });
    const calls = [aCall('accounts.proxy', { owner: alice.account, call: remove }), again];
    expect(chain.send(bob, 'accounts.batch', { calls })).toBe('PROXY_UNKNOWN');
  });
});

describe('the delegates of an account', () => {
  it('are others, each once, and at most twenty', () => {
    const chain = aPair('staking');
    const add = (key: TestKey) => chain.send(alice, 'accounts.addProxy', anEntry(key, 'any'));
    expect(add(alice)).toBe('PROXY_IS_OWNER');
    expect(add(bob)).toBe('PROXY_KNOWN');
    for (let n = 0; n < 19; n += 1) expect(add(aKey(100 + n))).toBeNull();
    expect(add(aKey(200))).toBe('PROXIES_FULL');
    expect(recordsOf(chain, alice)).toBe(20);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('keep it from being closed', () => {
    const chain = aPair('any');
    const close = { beneficiary: carol.account };
    expect(chain.send(alice, 'accounts.close', close)).toBe('ACCOUNT_HAS_RECORDS');
    expect(run(chain, aCall('accounts.close', close))).toBe('ACCOUNT_HAS_RECORDS');
    const end = batch(
      aCall('accounts.removeProxy', { delegate: bob.account }),
      aCall('accounts.close', close),
    );
    expect(run(chain, end)).toBeNull();
    expect(accounts.get(chain.view, alice.account)).toBeUndefined();
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('can be named by a multisig account, and be one', () => {
    const chain = aPair('transfer');
    chain.send(alice, 'accounts.transfer', { to: TEAM_ACCOUNT, amount: 10n * CAIRN });
    const add = aCall('accounts.addProxy', anEntry(dora, 'transfer'));
    const first = propose(chain, add);
    const approve = (call: Call, proposal: Uint8Array) =>
      chain.send(bob, 'accounts.approveMultisig', anApproval(call, { proposal, isShown: true }));
    expect(approve(add, first)).toBeNull();
    chain.send(alice, 'accounts.transfer', { to: dora.account, amount: CAIRN });
    const team = { ...carol, account: TEAM_ACCOUNT };
    expect(run(chain, pay(carol, CAIRN), dora, team)).toBeNull();
    chain.send(carol, 'accounts.addProxy', { ...anEntry(dora, 'transfer'), delegate: TEAM_ACCOUNT });
    const call = aCall('accounts.proxy', { owner: carol.account, call: pay(dora, CAIRN) });
    const before = chain.spendable(carol);
    expect(approve(call, propose(chain, call))).toBeNull();
    expect(chain.spendable(carol)).toBe(before - CAIRN);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('are listed with what they announced', () => {
    const chain = aPair('transfer', 5);
    const call = pay(carol, CAIRN);
    announce(chain, call);
    expect(chain.query('accounts_proxies', { owner: accountIdToAddress(alice.account) })).toMatchObject([
      {
        delegate: accountIdToAddress(bob.account),
        purpose: 'transfer',
        delaySlots: 5,
        announced: [{ callHash: bytesToHex(callHashOf(testCrypto, call)) }],
      },
    ]);
  });
});

describe('a delegate with a delay', () => {
  it('runs a call once its delay has passed, once for each announcement', () => {
    const chain = aPair('transfer', 5);
    const call = pay(carol, CAIRN);
    expect(run(chain, call)).toBe('ANNOUNCEMENT_UNKNOWN');
    expect(announce(chain, call)).toBeNull();
    expect(announce(chain, call)).toBe('CALL_ANNOUNCED');
    expect(recordsOf(chain, bob)).toBe(1);
    expect(brokenInvariants(chain)).toEqual([]);
    expect(run(chain, call)).toBe('ANNOUNCEMENT_TOO_EARLY');
    chain.advance(2);
    expect(run(chain, pay(bob, CAIRN))).toBe('ANNOUNCEMENT_UNKNOWN');
    expect(run(chain, call)).toBeNull();
    expect(run(chain, call)).toBe('ANNOUNCEMENT_UNKNOWN');
    expect(recordsOf(chain, bob)).toBe(0);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('runs nothing that the owner rejected, or that it took back itself', () => {
    const chain = aPair('transfer', 2);
    const call = pay(carol, CAIRN);
    announce(chain, call);
    expect(drop(chain, call, carol)).toBe('NOT_OWNER_OR_DELEGATE');
    expect(drop(chain, call, alice)).toBeNull();
    expect(drop(chain, call, alice)).toBe('ANNOUNCEMENT_UNKNOWN');
    chain.advance(3);
    expect(run(chain, call)).toBe('ANNOUNCEMENT_UNKNOWN');
    announce(chain, call);
    expect(drop(chain, call, bob)).toBeNull();
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('keeps an announcement whose call is refused', () => {
    const chain = aPair('transfer', 2);
    const call = pay(carol, 200_000n * CAIRN);
    announce(chain, call);
    chain.advance(3);
    expect(run(chain, call)).toBe('BALANCE_TOO_LOW');
    expect(recordsOf(chain, bob)).toBe(1);
  });

  it('is held to its purpose, whatever it announced', () => {
    const chain = aPair('staking', 2);
    announce(chain, batch(pay(bob, CAIRN)));
    chain.advance(3);
    expect(run(chain, batch(pay(bob, CAIRN)))).toBe('CALL_NOT_PERMITTED');
  });

  it('has its announcements for a time, then they make room', () => {
    const chain = aPair('transfer', 2, { proxyAnnouncementSlots: 20n });
    for (let n = 1n; n <= 16n; n += 1n) expect(announce(chain, pay(carol, n))).toBeNull();
    expect(announce(chain, pay(carol, 17n))).toBe('ANNOUNCEMENTS_FULL');
    chain.advance(22);
    expect(run(chain, pay(carol, 16n))).toBe('ANNOUNCEMENT_EXPIRED');
    expect(announce(chain, pay(carol, 17n))).toBeNull();
    expect(recordsOf(chain, bob)).toBe(1);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('loses its announcements with its rights: named again for more, it begins anew', () => {
    const chain = aPair('staking', 2);
    const call = pay(bob, CAIRN);
    announce(chain, call);
    chain.send(alice, 'accounts.removeProxy', { delegate: bob.account });
    expect(recordsOf(chain, bob)).toBe(0);
    chain.send(alice, 'accounts.addProxy', anEntry(bob, 'transfer', 2));
    chain.advance(3);
    expect(run(chain, call)).toBe('ANNOUNCEMENT_UNKNOWN');
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('for anything cannot name itself or a friend with less notice than it has to give', () => {
    const chain = aPair('any', 3);
    const calls = [
      adding(dora, 'any', 2),
      batch(adding(dora, 'staking', 0)),
      batch(aCall('accounts.removeProxy', { delegate: bob.account }), adding(bob, 'any', 0)),
      adding(dora, 'any', 3),
    ];
    for (const call of calls) announce(chain, call);
    chain.advance(4);
    expect(calls.map((call) => run(chain, call))).toEqual([
      'PROXY_DELAY_TOO_SHORT',
      'PROXY_DELAY_TOO_SHORT',
      'PROXY_DELAY_TOO_SHORT',
      null,
    ]);
  });

  it('cannot close its account while it has announcements', () => {
    const chain = aPair('transfer', 5);
    announce(chain, pay(carol, CAIRN));
    expect(chain.send(bob, 'accounts.close', { beneficiary: carol.account })).toBe('ACCOUNT_HAS_RECORDS');
  });
});
