import { accountIdToAddress } from '@cairn/core';
import { describe, expect, it } from 'vitest';
import { hotkeys, positions, tokenPools, tokenPositions, valueOfShares } from '../../src/index.ts';
import { aKey } from '../support/chain.ts';
import { brokenInvariants } from '../support/invariants.ts';
import { ann, aStakingChain, ben, CAIRN, east, west, worthOf } from '../support/staking.ts';

describe('staking.moveStake', () => {
  it('moves root stake from one hotkey to another at once, all or a part', async () => {
    const chain = await aStakingChain();
    expect(chain.send(ann, 'staking.stake', { hotkey: east.account, amount: 10n * CAIRN })).toBeNull();
    const move = { netuid: 0, from: east.account, to: west.account };
    expect(chain.send(ann, 'staking.moveStake', { ...move, amount: 4n * CAIRN })).toBeNull();
    expect([worthOf(chain, 0, ann, east), worthOf(chain, 0, ann, west)]).toEqual([6n * CAIRN, 4n * CAIRN]);
    expect(chain.send(ann, 'staking.moveStake', { ...move, amount: null })).toBeNull();
    expect(positions.get(chain.view, ann.account, east.account)).toBeUndefined();
    expect(worthOf(chain, 0, ann, west)).toBe(10n * CAIRN);
    expect(chain.supply().staked).toBe(10n * CAIRN);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('moves tokens too', async () => {
    const chain = await aStakingChain();
    chain.send(ann, 'pools.buy', {
      netuid: 1,
      amount: CAIRN,
      limitPrice: null,
      minOut: 0n,
      isPartialAllowed: false,
    });
    const amount = chain.tokens(ann);
    expect(chain.send(ann, 'staking.stakeTokens', { netuid: 1, hotkey: east.account, amount })).toBeNull();
    const move = { netuid: 1, from: east.account, to: west.account, amount: null };
    expect(chain.send(ann, 'staking.moveStake', move)).toBeNull();
    expect(tokenPositions.get(chain.view, ann.account, 1, east.account)).toBeUndefined();
    expect(worthOf(chain, 1, ann, west)).toBe(amount);
    expect(hotkeys.get(chain.view, east.account)?.tokenPools).toBe(0);
    expect(tokenPools.get(chain.view, 1, west.account).totalStake).toBe(amount);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('refuses hotkeys that are none, the same twice, too much, too little and dust that would stay', async () => {
    const chain = await aStakingChain();
    chain.send(ann, 'staking.stake', { hotkey: east.account, amount: CAIRN });
    const move = { netuid: 0, from: east.account, to: west.account, amount: null };
    const refused = (change: object) => chain.send(ann, 'staking.moveStake', { ...move, ...change });
    expect(refused({ to: ben.account })).toBe('HOTKEY_UNKNOWN');
    expect(refused({ from: ben.account })).toBe('HOTKEY_UNKNOWN');
    expect(refused({ to: east.account })).toBe('HOTKEYS_EQUAL');
    expect(refused({ amount: CAIRN + 1n })).toBe('STAKE_TOO_LOW');
    expect(refused({ amount: 0n })).toBe('AMOUNT_ZERO');
    expect(refused({ amount: 1n })).toBe('STAKE_TOO_SMALL');
    expect(refused({ amount: CAIRN - 1n })).toBe('REMAINDER_TOO_SMALL');
    expect(refused({ netuid: 1 })).toBe('STAKE_TOO_LOW');
    expect(chain.send(ben, 'staking.moveStake', move)).toBe('STAKE_TOO_LOW');
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('loses nothing to a hotkey whose one share was made worth 1,000 CAIRN: the rest stays where it was', async () => {
    const chain = await aStakingChain({ minStake: 0n });
    chain.send(ben, 'staking.stake', { hotkey: west.account, amount: 1n });
    chain.edit((state) => {
      const record = hotkeys.get(state, west.account)!;
      hotkeys.set(state, west.account, { ...record, totalStake: record.totalStake + 1_000n * CAIRN });
    });
    const amount = 1_999n * CAIRN;
    chain.send(ann, 'staking.stake', { hotkey: east.account, amount });
    const move = { netuid: 0, from: east.account, to: west.account, amount: null };
    expect(chain.send(ann, 'staking.moveStake', move)).toBeNull();
    const [stays, moved] = [worthOf(chain, 0, ann, east), worthOf(chain, 0, ann, west)];
    expect(moved > 1_000n * CAIRN && stays > 998n * CAIRN && stays + moved === amount).toBe(true);
  });
});

describe('staking.transferStake', () => {
  it('gives stake to another coldkey at the same hotkey, to one without an account too', async () => {
    const chain = await aStakingChain();
    const newcomer = aKey(77);
    chain.send(ann, 'staking.stake', { hotkey: east.account, amount: 10n * CAIRN });
    const gift = { netuid: 0, hotkey: east.account, to: newcomer.account };
    expect(chain.send(ann, 'staking.transferStake', { ...gift, amount: 3n * CAIRN })).toBeNull();
    expect([worthOf(chain, 0, ann, east), worthOf(chain, 0, newcomer, east)]).toEqual([
      7n * CAIRN,
      3n * CAIRN,
    ]);
    expect(brokenInvariants(chain)).toEqual([]);
    expect(chain.send(ann, 'staking.transferStake', { ...gift, amount: null })).toBeNull();
    expect(worthOf(chain, 0, newcomer, east)).toBe(10n * CAIRN);
    expect(valueOfShares(hotkeys.get(chain.view, east.account)!, 10n * CAIRN)).toBe(10n * CAIRN);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('refuses a gift to oneself, of an unknown hotkey, of more than there is, and of dust', async () => {
    const chain = await aStakingChain();
    chain.send(ann, 'staking.stake', { hotkey: east.account, amount: CAIRN });
    const gift = { netuid: 0, hotkey: east.account, to: ben.account, amount: null };
    const refused = (change: object) => chain.send(ann, 'staking.transferStake', { ...gift, ...change });
    expect(refused({ to: ann.account })).toBe('SENDER_IS_PAYEE');
    expect(refused({ hotkey: ben.account })).toBe('HOTKEY_UNKNOWN');
    expect(refused({ amount: 2n * CAIRN })).toBe('STAKE_TOO_LOW');
    expect(refused({ amount: 5n })).toBe('STAKE_TOO_SMALL');
    expect(refused({})).toBeNull();
    const [listed] = chain.query('staking_positions', {
      coldkey: accountIdToAddress(ben.account),
      after: null,
      limit: 0,
    });
    expect(listed.amount).toBe(CAIRN.toString());
  });
});
