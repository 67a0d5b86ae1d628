import { accountIdToAddress, bytesToHex } from '@cairn/core';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { accounts, channels, type SubKeyLimits, subKeys } from '../../src/index.ts';
import { aCall } from '../support/calls.ts';
import { aChain, aKey, CAIRN, type TestChain, type TestKey } from '../support/chain.ts';
import { openChannel } from '../support/channels.ts';
import { brokenInvariants } from '../support/invariants.ts';
import { aKeyChain, rotate } from '../support/keys.ts';

const [owner, agent, shop, stranger] = [aKey(1), aKey(2), aKey(3), aKey(4)];
const DAY = 10n;
let chain: TestChain;

const limitsOf = (change: Partial<SubKeyLimits> = {}): SubKeyLimits => ({
  perCall: 10n * CAIRN,
  perDay: 20n * CAIRN,
  total: 50n * CAIRN,
  expirySlot: 1_000n,
  messages: ['accounts.transfer', 'channels.open', 'channels.topUp'],
  payees: [],
  models: [],
  ...change,
});
const set = (change: Partial<SubKeyLimits> = {}, key = agent) =>
  chain.send(owner, 'accounts.setSubKey', { key: key.account, limits: limitsOf(change) });
const spend = (call: ReturnType<typeof aCall>, from = agent) =>
  chain.send(from, 'accounts.spendAs', { owner: owner.account, call });
const pay = (amount: bigint, to = shop) => aCall('accounts.transfer', { to: to.account, amount });
const spent = () => subKeys.get(chain.view, owner.account, agent.account)?.spent;

beforeEach(() => {
  chain = aChain({ funded: [owner, agent, shop, stranger], parameters: { subKeyDaySlots: DAY } });
});

describe('a sub-key', () => {
  it('spends its owner’s money and pays its own fee', () => {
    set();
    const before = [chain.spendable(owner), chain.spendable(shop), chain.spendable(agent)] as const;
    expect(spend(pay(CAIRN))).toBe(null);
    expect(chain.spendable(owner)).toBe(before[0] - CAIRN);
    expect(chain.spendable(shop)).toBe(before[1] + CAIRN);
    expect(chain.spendable(agent) < before[2]).toBe(true);
    expect(spent()).toBe(CAIRN);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('counts what leaves the account to the pebble: a channel with its bond, nothing for oneself', () => {
    set();
    const before = chain.spendable(owner);
    expect(spend(aCall('channels.open', { payee: shop.account, netuid: 1, deposit: CAIRN }))).toBe(null);
    expect(spent()).toBe(before - chain.spendable(owner));
    expect(spent()! > CAIRN).toBe(true);
    const so = spent();
    expect(spend(pay(CAIRN, owner))).toBe(null);
    expect(spent()).toBe(so);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('stops exactly at each cap', () => {
    set({ perCall: 3n, perDay: 5n, total: 9n });
    // To the first slot of a day.
    chain.block([], 8);
    expect(spend(pay(4n))).toBe('SUB_KEY_CALL_CAP');
    expect(spend(pay(3n))).toBe(null);
    expect(spend(pay(3n))).toBe('SUB_KEY_DAY_CAP');
    expect(spend(pay(2n))).toBe(null);
    expect(spend(pay(1n))).toBe('SUB_KEY_DAY_CAP');
    chain.block([], 10);
    expect(spend(pay(3n))).toBe(null);
    expect(spend(pay(2n))).toBe('SUB_KEY_TOTAL_CAP');
    expect(spend(pay(1n))).toBe(null);
    chain.block([], 10);
    expect(spend(pay(1n))).toBe('SUB_KEY_TOTAL_CAP');
    expect(spent()).toBe(9n);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('spends until its last slot', () => {
    set({ expirySlot: 4n });
    chain.advance(2);
    expect(spend(pay(1n))).toBe(null);
    expect(spend(pay(1n))).toBe('SUB_KEY_EXPIRED');
    expect(chain.query('accounts_subKeys', { owner: accountIdToAddress(owner.account) })).toMatchObject([
      { isVoid: false, isExpired: true },
    ]);
  });

  it('runs nothing but what it may, not even inside what it may', () => {
    set({ messages: ['accounts.transfer'] });
    const refused = [
      aCall('channels.open', { payee: shop.account, netuid: 1, deposit: 1n }),
      aCall('accounts.close', { beneficiary: agent.account }),
      aCall('accounts.batch', { calls: [pay(1n)] }),
      aCall('accounts.setSubKey', { key: agent.account, limits: limitsOf({ total: 2n ** 63n }) }),
      aCall('accounts.announceKeyChange', { newKey: agent.account }),
      { messageId: 999, message: new Uint8Array(1) },
    ];
    for (const call of refused) expect(spend(call), `${call.messageId}`).toBe('SUB_KEY_MESSAGE');
    expect(spend({ messageId: 1, message: new Uint8Array(1) })).toBe('CALL_MALFORMED');
    expect(spend(pay(200_000n * CAIRN))).toBe('BALANCE_TOO_LOW');
  });

  it('pays only whom it may, through channels too', () => {
    const [toShop, toStranger] = [openChannel(chain, owner, shop), openChannel(chain, owner, stranger)];
    set({ payees: [shop.account] });
    expect(spend(pay(1n))).toBe(null);
    expect(spend(pay(1n, agent))).toBe('SUB_KEY_PAYEE');
    expect(spend(aCall('channels.open', { payee: shop.account, netuid: 1, deposit: 1n }))).toBe(null);
    expect(spend(aCall('channels.open', { payee: stranger.account, netuid: 1, deposit: 1n }))).toBe(
      'SUB_KEY_PAYEE',
    );
    expect(spend(aCall('channels.topUp', { channel: toShop, amount: 1n }))).toBe(null);
    expect(spend(aCall('channels.topUp', { channel: toStranger, amount: 1n }))).toBe('SUB_KEY_PAYEE');
    expect(spend(aCall('channels.topUp', { channel: new Uint8Array(32), amount: 1n }))).toBe(
      'CHANNEL_UNKNOWN',
    );
    expect(channels.get(chain.view, bytesToHex(toStranger))!.deposited).toBe(10n * CAIRN);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('is nobody else’s, and ends when owner or key say so', () => {
    set();
    expect(spend(pay(1n), stranger)).toBe('SUB_KEY_UNKNOWN');
    const named = { owner: owner.account, key: agent.account };
    expect(chain.send(stranger, 'accounts.removeSubKey', named)).toBe('NOT_SUB_KEY_PARTY');
    expect(chain.send(agent, 'accounts.removeSubKey', named)).toBe(null);
    expect(chain.send(owner, 'accounts.removeSubKey', named)).toBe('SUB_KEY_UNKNOWN');
    expect(spend(pay(1n))).toBe('SUB_KEY_UNKNOWN');
    expect(accounts.get(chain.view, owner.account)!.records).toBe(0);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('keeps its count when it is set again, and may be given less than it spent', () => {
    set();
    spend(pay(5n));
    expect(set({ total: 3n })).toBe(null);
    expect(spent()).toBe(5n);
    expect(spend(pay(1n))).toBe('SUB_KEY_TOTAL_CAP');
    expect(set({ total: 6n })).toBe(null);
    expect(spend(pay(1n))).toBe(null);
    expect(accounts.get(chain.view, owner.account)!.records).toBe(1);
  });

  it('refuses limits that make no sense', () => {
    expect(set({}, owner)).toBe('SUB_KEY_IS_OWNER');
    expect(set({ expirySlot: 1n })).toBe('SUB_KEY_EXPIRED');
    expect(set({ messages: [] })).toBe('SUB_KEY_MESSAGES_UNFIT');
    expect(set({ messages: ['accounts.transfer', 'accounts.transfer'] })).toBe('SUB_KEY_MESSAGES_UNFIT');
  });

  it('is void once its owner has another key: a thief may have set it', async () => {
    chain = aKeyChain([owner, agent, shop]);
    set();
    const now = await rotate(chain, owner, aKey(20));
    expect(spend(pay(1n))).toBe('SUB_KEY_VOID');
    const listed = chain.query('accounts_subKeys', { owner: accountIdToAddress(owner.account) });
    expect(listed).toMatchObject([{ key: accountIdToAddress(agent.account), isVoid: true }]);
    const message = { key: agent.account, limits: limitsOf() };
    expect(chain.send(now, 'accounts.setSubKey', message)).toBe(null);
    expect(spend(pay(1n))).toBe(null);
  });

  it('keeps its owner’s account from being closed', () => {
    set();
    expect(chain.send(owner, 'accounts.close', { beneficiary: shop.account })).toBe('ACCOUNT_HAS_RECORDS');
  });
});

describe('the caps of sub-keys', () => {
  it('are never passed in any order of setting, spending, waiting and removing', () => {
    const keys: readonly TestKey[] = [agent, stranger];
    const amount = fc.bigInt(0n, 12n);
    const step = fc.oneof(
      {
        weight: 2,
        arbitrary: fc.record({
          kind: fc.constant('set' as const),
          key: fc.nat(1),
          perCall: amount,
          perDay: amount,
          total: fc.bigInt(0n, 40n),
        }),
      },
      {
        weight: 8,
        arbitrary: fc.record({
          kind: fc.constant('pay' as const),
          key: fc.nat(1),
          amount,
          isBatch: fc.boolean(),
        }),
      },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('remove' as const), key: fc.nat(1) }) },
      {
        weight: 2,
        arbitrary: fc.record({ kind: fc.constant('wait' as const), slots: fc.integer({ min: 1, max: 9 }) }),
      },
    );
    let paid = 0;
    fc.assert(
      fc.property(fc.array(step, { minLength: 10, maxLength: 40 }), (steps) => {
        chain = aChain({ funded: [owner, agent, shop, stranger], parameters: { subKeyDaySlots: DAY } });
        let slot = 0n;
        // What a careful owner would reckon for itself.
        const books = keys.map(() => ({ limits: limitsOf(), spent: 0n, byDay: new Map<bigint, bigint>() }));
        for (const action of steps) {
          if (action.kind === 'wait') {
            chain.block([], action.slots);
            slot += BigInt(action.slots);
            continue;
          }
          const key = keys[action.key]!;
          const book = books[action.key]!;
          slot += 1n;
          if (action.kind === 'set') {
            const { perCall, perDay, total } = action;
            if (set({ perCall, perDay, total }, key) === null)
              book.limits = limitsOf({ perCall, perDay, total });
            continue;
          }
          if (action.kind === 'remove') {
            chain.send(owner, 'accounts.removeSubKey', { owner: owner.account, key: key.account });
            books[action.key] = { limits: limitsOf(), spent: 0n, byDay: new Map() };
            continue;
          }
          const before = chain.spendable(shop);
          const message = { owner: owner.account, call: pay(action.amount) };
          const code = action.isBatch
            ? chain.send(key, 'accounts.batch', {
                calls: [aCall('accounts.spendAs', message), aCall('accounts.spendAs', message)],
              })
            : chain.send(key, 'accounts.spendAs', message);
          const moved = chain.spendable(shop) - before;
          const times = action.isBatch ? 2n : 1n;
          expect(moved).toBe(code === null ? action.amount * times : 0n);
          if (code !== null) continue;
          paid += 1;
          const day = slot / DAY;
          book.spent += moved;
          book.byDay.set(day, (book.byDay.get(day) ?? 0n) + moved);
          expect(action.amount <= book.limits.perCall, 'per call').toBe(true);
          expect(book.byDay.get(day)! <= book.limits.perDay, 'per day').toBe(true);
          expect(book.spent <= book.limits.total, 'in all').toBe(true);
        }
        expect(brokenInvariants(chain)).toEqual([]);
      }),
      { numRuns: 40 },
    );
    // How many of forty random histories pay is chance; that some do is what shows the caps at work.
    expect(paid).toBeGreaterThan(5);
  });
});
