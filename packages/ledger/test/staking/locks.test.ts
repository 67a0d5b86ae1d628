import { accountIdToAddress } from '@cairn/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { accounts, clock, holdings, hotkeyLocks, tokenLocks } from '../../src/index.ts';
import { addTokenDividend } from '../../src/staking/token-stake.ts';
import { aCall } from '../support/calls.ts';
import type { TestChain, TestKey } from '../support/chain.ts';
import { brokenInvariants } from '../support/invariants.ts';
import { ann, aStakingChain, ben, CAIRN, east, owner, west, worthOf } from '../support/staking.ts';

const QUICK = { stakeUnlockSlots: 100n, stakeMaturitySlots: 100n, dissolutionNoticeSlots: 3n };
const STAKED = 1_000_000n;
const at = { netuid: 1, hotkey: east.account };

/** Ann and Ben with tokens of subnet 1 staked to east. */
async function aChainWithTokens(parameters: Record<string, bigint> = {}): Promise<TestChain> {
  const chain = await aStakingChain({ ...QUICK, ...parameters });
  const buy = { netuid: 1, amount: CAIRN, limitPrice: null, minOut: 0n, isPartialAllowed: false };
  for (const key of [ann, ben, owner]) {
    expect(chain.send(key, 'pools.buy', buy)).toBeNull();
    expect(chain.send(key, 'staking.stakeTokens', { ...at, amount: STAKED })).toBeNull();
  }
  return chain;
}

const lock = (chain: TestChain, from: TestKey, amount: bigint, isPerpetual = true) =>
  chain.send(from, 'staking.lockStake', { ...at, amount, isPerpetual });

const lockOf = (chain: TestChain, from: TestKey) =>
  chain.query('staking_locks', { coldkey: accountIdToAddress(from.account), after: null, limit: 0 })[0];

describe('staking.lockStake', () => {
  it('keeps tokens from being taken out, moved and given, and leaves the rest free', async () => {
    const chain = await aChainWithTokens();
    expect(lock(chain, ann, 600_000n)).toBeNull();
    const beyond = { ...at, amount: 400_001n };
    const ways = {
      'staking.unstakeTokens': {},
      'staking.moveStake': { from: east.account, to: west.account },
      'staking.transferStake': { to: ben.account },
    };
    for (const [name, more] of Object.entries(ways)) {
      expect(chain.send(ann, name, { ...beyond, ...more }), name).toBe('TOKENS_LOCKED');
      expect(chain.send(ann, name, { ...beyond, ...more, amount: null }), name).toBe('TOKENS_LOCKED');
      expect(chain.send(ann, name, { ...beyond, ...more, amount: 100_000n }), name).toBeNull();
    }
    expect(worthOf(chain, 1, ann, east)).toBe(700_000n);
    expect(lockOf(chain, ann)).toMatchObject({ locked: '600000', staked: '700000', free: '100000' });
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('cannot be passed by a batch, nor by what was locked at another hotkey', async () => {
    const chain = await aChainWithTokens();
    expect(lock(chain, ann, STAKED)).toBeNull();
    const elsewhere = { netuid: 1, hotkey: west.account, amount: 5n, isPerpetual: true };
    expect(chain.send(ann, 'staking.lockStake', elsewhere)).toBe('STAKE_TOO_LOW');
    const calls = [
      aCall('staking.unlock', at),
      aCall('staking.unstakeTokens', { ...at, amount: null }),
      aCall('staking.lockStake', { ...at, amount: 0n, isPerpetual: true }),
    ];
    expect(chain.send(ann, 'accounts.batch', { calls })).toBe('TOKENS_LOCKED');
    expect(lockOf(chain, ann)).toMatchObject({ locked: STAKED.toString(), isPerpetual: true });
    expect(chain.send(ben, 'staking.unstakeTokens', { ...at, amount: null })).toBeNull();
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('leaves dividends free: they are no part of what was locked', async () => {
    const chain = await aChainWithTokens();
    expect(lock(chain, ann, STAKED)).toBeNull();
    chain.edit((state) => {
      addTokenDividend(state, 1, east.account, 3n * STAKED);
      const held = holdings.get(state, ben.account, 1)!;
      holdings.set(state, ben.account, 1, { ...held, amount: held.amount - 3n * STAKED });
    });
    expect(lockOf(chain, ann).free).toBe(STAKED.toString());
    expect(chain.send(ann, 'staking.unstakeTokens', { ...at, amount: STAKED })).toBeNull();
    expect(chain.send(ann, 'staking.unstakeTokens', { ...at, amount: 2n })).toBe('TOKENS_LOCKED');
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('gains conviction with time while it is perpetual, up to what is locked', async () => {
    const chain = await aChainWithTokens();
    lock(chain, ann, STAKED);
    expect(lockOf(chain, ann)).toMatchObject({ locked: '1000000', conviction: '0', isPerpetual: true });
    chain.advance(100);
    expect(lockOf(chain, ann)).toMatchObject({ locked: '1000000', conviction: '632120' });
    chain.advance(2_000);
    expect(lockOf(chain, ann)).toMatchObject({ locked: '1000000', conviction: '999999' });
  });

  it('decays from the start unless perpetual, and frees itself to the last token', async () => {
    const chain = await aChainWithTokens();
    expect(lock(chain, ann, STAKED, false)).toBeNull();
    chain.advance(100);
    expect(lockOf(chain, ann)).toMatchObject({ locked: '367879', conviction: '367879', free: '632121' });
    expect(chain.send(ann, 'staking.unstakeTokens', { ...at, amount: 632_000n })).toBeNull();
    expect(chain.send(ann, 'staking.unlock', at)).toBe('LOCK_DECAYS');
    chain.advance(2_000);
    const { records } = accounts.get(chain.view, ann.account)!;
    expect(chain.send(ann, 'staking.unlock', at)).toBeNull();
    expect(lockOf(chain, ann)).toBeUndefined();
    expect(accounts.get(chain.view, ann.account)!.records).toBe(records - 1);
    expect(hotkeyLocks.get(chain.view, 1, east.account)).toBeUndefined();
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('is counted in full at once for the owner of the subnet', async () => {
    const chain = await aChainWithTokens();
    lock(chain, owner, 500_000n);
    expect(lockOf(chain, owner)).toMatchObject({ conviction: '500000', isOwner: true });
    lock(chain, owner, 100_000n);
    expect(lockOf(chain, owner)).toMatchObject({ conviction: '600000' });
  });

  it('can be added to and made perpetual, but made to decay only by unlocking', async () => {
    const chain = await aChainWithTokens();
    lock(chain, ann, 200_000n, false);
    expect(lock(chain, ann, 0n, false)).toBe('AMOUNT_ZERO');
    expect(lock(chain, ann, 0n, true)).toBeNull();
    expect(lock(chain, ann, 0n, true)).toBe('AMOUNT_ZERO');
    expect(lock(chain, ann, 10n, false)).toBe('LOCK_PERPETUAL');
    expect(lock(chain, ann, 100_000n)).toBeNull();
    const { locked } = lockOf(chain, ann);
    chain.advance(50);
    expect(lockOf(chain, ann).locked).toBe(locked);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('refuses root, more than is staked, dust, what is not there, and a subnet that ended', async () => {
    const chain = await aChainWithTokens();
    const named = { ...at, amount: 1_000n, isPerpetual: false };
    expect(chain.send(ann, 'staking.lockStake', { ...named, netuid: 0 })).toBe('NETUID_IS_ROOT');
    expect(chain.send(ann, 'staking.unlock', { ...at, netuid: 0 })).toBe('NETUID_IS_ROOT');
    expect(chain.send(ann, 'staking.lockStake', { ...named, netuid: 9 })).toBe('STAKE_TOO_LOW');
    expect(lock(chain, ann, STAKED + 1n)).toBe('STAKE_TOO_LOW');
    expect(lock(chain, ann, 99n)).toBe('LOCK_TOO_SMALL');
    expect(lock(chain, ann, 0n)).toBe('AMOUNT_ZERO');
    expect(chain.send(ann, 'staking.unlock', at)).toBe('LOCK_UNKNOWN');
    expect(lock(chain, ann, 600_000n)).toBeNull();
    expect(lock(chain, ann, 400_001n)).toBe('STAKE_TOO_LOW');
    expect(chain.send(owner, 'subnets.dissolve', { netuid: 1 })).toBeNull();
    chain.advance(3);
    expect(lock(chain, ann, 1_000n)).toBe('SUBNET_DISSOLVED');
    expect(chain.send(ann, 'staking.unlock', at)).toBe('SUBNET_DISSOLVED');
  });

  it('ends with its subnet: a claim pays locked tokens like others and returns the deposit', async () => {
    const chain = await aChainWithTokens();
    lock(chain, ann, STAKED);
    lock(chain, ben, STAKED, false);
    chain.send(owner, 'subnets.dissolve', { netuid: 1 });
    chain.advance(3);
    for (const { account } of [ann, ben, owner]) {
      const before = accounts.get(chain.view, account)!.spendable;
      const claim = { netuid: 1, holder: account, hotkey: east.account };
      expect(chain.send(ben, 'subnets.claimDissolved', claim)).toBeNull();
      const after = accounts.get(chain.view, account)!.spendable;
      if (account !== ben.account) expect(after > before).toBe(true);
      expect(brokenInvariants(chain)).toEqual([]);
    }
    expect([...tokenLocks.table.ids(chain.view)]).toEqual([]);
    expect([...hotkeyLocks.table.ids(chain.view)]).toEqual([]);
  });
});

describe('staking_convictions', () => {
  it('adds up the locks at each hotkey, decaying, perpetual and the owner alike', async () => {
    const chain = await aChainWithTokens();
    lock(chain, ann, 700_000n);
    lock(chain, ben, 600_000n, false);
    lock(chain, owner, 500_000n);
    chain.advance(40);
    const each = [ann, ben, owner].map((key) => lockOf(chain, key));
    const [sum] = chain.query('staking_convictions', { netuid: 1, after: null, limit: 0 });
    const total = (name: 'locked' | 'conviction') =>
      each.reduce((all, entry) => all + BigInt(entry[name]), 0n);
    expect(sum.locks).toBe(3);
    for (const name of ['locked', 'conviction'] as const) {
      const off = BigInt(sum[name]) - total(name);
      expect(off >= -3n && off <= 3n, `${name}: ${sum[name]}, ${total(name)}`).toBe(true);
    }
    expect(chain.query('staking_convictions', { netuid: 2, after: null, limit: 0 })).toEqual([]);
  });
});

describe('locks of staked tokens', () => {
  it('bear out their sums, their positions and their deposits through any history', async () => {
    const start = await aChainWithTokens();
    const saved = new Map(start.store);
    const step = fc.record({
      who: fc.constantFrom(ann, ben, owner),
      what: fc.constantFrom('lock', 'unlock', 'out', 'move', 'give', 'wait', 'add'),
      amount: fc.oneof(fc.bigInt({ min: 0n, max: 300n }), fc.bigInt({ min: 0n, max: STAKED })),
      isPerpetual: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 25 }), (steps) => {
        start.store.clear();
        for (const [key, value] of saved) start.store.set(key, value);
        for (const { who, what, amount, isPerpetual } of steps) {
          const part = amount % 7n === 0n ? null : amount;
          if (what === 'lock') lock(start, who, amount, isPerpetual);
          if (what === 'unlock') start.send(who, 'staking.unlock', at);
          if (what === 'add') start.send(who, 'staking.stakeTokens', { ...at, amount });
          if (what === 'out') start.send(who, 'staking.unstakeTokens', { ...at, amount: part });
          const move = { netuid: 1, from: east.account, to: west.account, amount: part };
          if (what === 'move') start.send(who, 'staking.moveStake', move);
          if (what === 'give')
            start.send(who, 'staking.transferStake', { ...at, to: ben.account, amount: part });
          if (what === 'wait') start.block([], 10);
          expect(brokenInvariants(start)).toEqual([]);
        }
      }),
      { numRuns: 40 },
    );
    expect(clock.get(start.view).slot > 0n).toBe(true);
  });
});
