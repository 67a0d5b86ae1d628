import { accountIdToAddress, bytesToHex } from '@cairn/core';
import { describe, expect, it } from 'vitest';
import {
  accounts,
  agenda,
  agendaCell,
  type Call,
  callHashOf,
  clock,
  PARAMETERS,
  scheduledIdOf,
} from '../../src/index.ts';
import { aCall } from '../support/calls.ts';
import { aChain, aKey, CAIRN, type TestChain, type TestKey, testCrypto } from '../support/chain.ts';
import { plan, ranIn } from '../support/delegation.ts';
import { brokenInvariants } from '../support/invariants.ts';

const [alice, bob, carol] = [aKey(1), aKey(2), aKey(3)];
const pay = (to: TestKey, amount: bigint) => aCall('accounts.transfer', { to: to.account, amount });
const batch = (...calls: Call[]) => aCall('accounts.batch', { calls });
const aTrio = (parameters: Record<string, bigint> = {}) =>
  aChain({ funded: [alice, bob, carol], parameters });
const recordsOf = (chain: TestChain, key: TestKey) => accounts.get(chain.view, key.account)!.records;

describe('a scheduled call', () => {
  it('runs at its slot and not before, by who scheduled it, and leaves nothing behind', () => {
    const chain = aTrio();
    chain.block();
    const before = [...chain.store.keys()];
    const paid = chain.spendable(bob);
    const id = plan(chain, 5n, pay(bob, CAIRN));
    expect(recordsOf(chain, alice)).toBe(1);
    expect(brokenInvariants(chain)).toEqual([]);
    const blocks = chain.advance(3);
    expect(blocks.map((block) => ranIn(block).length)).toEqual([0, 0, 1]);
    expect(ranIn(blocks[2]!)).toEqual([
      {
        scheduled: bytesToHex(id),
        owner: accountIdToAddress(alice.account),
        slot: '5',
        message: 'accounts.transfer',
        code: null,
        reason: null,
      },
    ]);
    expect(chain.spendable(bob)).toBe(paid + CAIRN);
    expect(recordsOf(chain, alice)).toBe(0);
    expect([...chain.store.keys()].filter((key) => !before.includes(key))).toEqual([agendaCell.key]);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('runs when a block passes its slot by', () => {
    const chain = aTrio();
    plan(chain, 5n, pay(bob, CAIRN));
    expect(ranIn(chain.block([], 9))).toHaveLength(1);
  });

  it('pays for its work in advance, at the price of that day, and the work of its run is recycled', () => {
    const chain = aTrio();
    const { fee } = chain.preview([
      { from: alice, name: 'accounts.schedule', message: { slot: 3n, call: pay(bob, CAIRN) } },
    ]).results[0]!;
    const [had, recycled] = [chain.spendable(alice), chain.supply().recycled];
    plan(chain, 3n, pay(bob, CAIRN));
    const prepaid = 2n * PARAMETERS.feePerWork.initial;
    const { deposit } = agenda.get(chain.view, agenda.ofSlot(chain.view, 3n)[0]!)!;
    expect(chain.spendable(alice)).toBe(had - fee - deposit - prepaid);
    chain.advance(2);
    expect(chain.spendable(alice)).toBe(had - fee - prepaid - CAIRN);
    expect(chain.supply().recycled).toBe(recycled + fee + prepaid);
  });

  it('that is refused says so in an event, keeps nothing and is not tried again', () => {
    const chain = aTrio();
    plan(chain, 3n, batch(pay(bob, CAIRN), pay(bob, 200_000n * CAIRN)));
    const paid = chain.spendable(bob);
    const [, ran] = chain.advance(2);
    expect(ranIn(ran!)).toMatchObject([{ code: 'BALANCE_TOO_LOW' }]);
    expect(ran!.events.some(({ name }) => name === 'accounts.transferred')).toBe(false);
    expect(chain.spendable(bob)).toBe(paid);
    expect(ranIn(chain.block())).toEqual([]);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('that a later version does not know gives its price and its deposit back', () => {
    const chain = aTrio();
    const had = chain.spendable(alice);
    const { fee } = chain.preview([
      { from: alice, name: 'accounts.schedule', message: { slot: 3n, call: pay(bob, CAIRN) } },
    ]).results[0]!;
    for (const [call, code] of [
      [{ messageId: 999, message: new Uint8Array(3) }, 'MESSAGE_UNKNOWN'],
      [{ messageId: 1, message: new Uint8Array(3) }, 'CALL_MALFORMED'],
    ] as const) {
      const before = chain.spendable(alice);
      const id = plan(chain, clock.get(chain.view).slot + 2n, pay(bob, CAIRN));
      const record = agenda.get(chain.view, id)!;
      chain.edit((state) => agenda.table.set(state, bytesToHex(id), { ...record, call }));
      const [block] = chain.advance(1);
      expect(ranIn(block!)).toMatchObject([{ code, message: null }]);
      expect(chain.spendable(alice)).toBe(before - fee);
    }
    expect(chain.spendable(alice)).toBe(had - 2n * fee);
    expect(recordsOf(chain, alice)).toBe(0);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('may close the account that scheduled it', () => {
    const chain = aTrio();
    const close = aCall('accounts.close', { beneficiary: bob.account });
    plan(chain, 3n, close);
    expect(chain.send(alice, 'accounts.close', { beneficiary: bob.account })).toBe('ACCOUNT_HAS_RECORDS');
    chain.advance(1);
    expect(accounts.get(chain.view, alice.account)).toBeUndefined();
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('may schedule and cancel others, of its own slot too', () => {
    const chain = aTrio();
    const { nonce } = accounts.get(chain.view, alice.account)!;
    const second = scheduledIdOf(testCrypto, chain.chainId, alice.account, nonce + 1n);
    plan(
      chain,
      4n,
      batch(
        aCall('accounts.cancelScheduled', { scheduled: second }),
        aCall('accounts.schedule', { slot: 5n, call: pay(carol, CAIRN) }),
      ),
    );
    plan(chain, 4n, pay(bob, CAIRN));
    const paid = [chain.spendable(bob), chain.spendable(carol)] as const;
    const blocks = chain.advance(3);
    expect(blocks.map((block) => ranIn(block).length)).toEqual([0, 1, 1]);
    expect([chain.spendable(bob), chain.spendable(carol)]).toEqual([paid[0], paid[1] + CAIRN]);
    expect(recordsOf(chain, alice)).toBe(0);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('runs after the transactions, so none of them finds its fee spent', () => {
    const chain = aTrio();
    const rest = 90_000n * CAIRN;
    plan(chain, 2n, pay(bob, rest));
    const outcome = chain.block([
      { from: alice, name: 'accounts.transfer', message: { to: carol.account, amount: rest } },
    ]);
    expect(outcome.results[0]!.ok).toBe(true);
    expect(ranIn(outcome)).toMatchObject([{ code: 'BALANCE_TOO_LOW' }]);
  });

  it('is taken back by who scheduled it, who gets its price and deposit back', () => {
    const chain = aTrio();
    const id = plan(chain, 50n, pay(bob, CAIRN));
    const { prepaid, deposit } = agenda.get(chain.view, id)!;
    const message = { scheduled: id };
    expect(chain.send(bob, 'accounts.cancelScheduled', message)).toBe('NOT_SCHEDULED_BY_SENDER');
    const before = chain.spendable(alice);
    const [result] = chain.block([{ from: alice, name: 'accounts.cancelScheduled', message }]).results;
    expect(chain.spendable(alice)).toBe(before - result!.fee + prepaid + deposit);
    expect(chain.send(alice, 'accounts.cancelScheduled', message)).toBe('SCHEDULED_UNKNOWN');
    chain.advance(50);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('is listed for its account', () => {
    const chain = aTrio();
    const id = plan(chain, 50n, pay(bob, CAIRN));
    expect(chain.query('accounts_scheduled', { owner: accountIdToAddress(alice.account) })).toMatchObject([
      { scheduled: bytesToHex(id), slot: '50', call: { messageId: 1 } },
    ]);
  });
});

describe('a delegate', () => {
  const proxied = (call: Call) => aCall('accounts.proxy', { owner: alice.account, call });
  const later = (call: Call) => aCall('accounts.schedule', { slot: 50n, call });

  it('cannot escape its purpose or its delay by scheduling', () => {
    const chain = aTrio();
    const named = (purpose: string, delaySlots: number) =>
      chain.send(alice, 'accounts.addProxy', { delegate: bob.account, purpose, delaySlots });
    named('transfer', 0);
    const call = later(
      aCall('accounts.addProxy', { delegate: carol.account, purpose: 'any', delaySlots: 0 }),
    );
    const run = (inner: Call) => chain.send(bob, 'accounts.proxy', { owner: alice.account, call: inner });
    expect(run(call)).toBe('CALL_NOT_PERMITTED');
    chain.send(alice, 'accounts.removeProxy', { delegate: bob.account });
    named('any', 1);
    for (const inner of [call, batch(call)]) {
      const callHash = callHashOf(testCrypto, inner);
      chain.send(bob, 'accounts.announceProxyCall', { owner: alice.account, callHash });
      chain.advance(1);
      expect(run(inner)).toBe('CALL_NOT_PERMITTED');
    }
  });

  it('that schedules its own proxy call needs its rights when the call runs', () => {
    const chain = aTrio();
    chain.send(alice, 'accounts.addProxy', { delegate: bob.account, purpose: 'transfer', delaySlots: 0 });
    plan(chain, 4n, proxied(pay(bob, CAIRN)), bob);
    chain.send(alice, 'accounts.removeProxy', { delegate: bob.account });
    expect(ranIn(chain.block())).toMatchObject([{ code: 'PROXY_UNKNOWN' }]);
  });
});
