import { accountIdToAddress } from '@cairn/core';
import { describe, expect, it } from 'vitest';
import { hotkeys, positions } from '../../src/index.ts';
import { aChain, agreement, aKey, CAIRN } from '../support/chain.ts';
import { brokenInvariants } from '../support/invariants.ts';

const coldkey = aKey(1);
const hotkey = aKey(2);
const nominator = aKey(3);
const stranger = aKey(4);

async function aStakedChain(parameters: Record<string, bigint> = {}) {
  const chain = aChain({ funded: [coldkey, nominator, stranger], parameters });
  const message = { hotkey: await agreement(chain.chainId, hotkey, coldkey.account) };
  expect(chain.send(coldkey, 'staking.associateHotkey', message)).toBeNull();
  return chain;
}

const stake = (amount: bigint) => ({ hotkey: hotkey.account, amount });

describe('staking.associateHotkey', () => {
  it('records the sender as the coldkey of a hotkey that agreed', async () => {
    const chain = await aStakedChain();
    const found = chain.query('staking_hotkey', { hotkey: accountIdToAddress(hotkey.account) });
    expect(found).toMatchObject({
      owner: accountIdToAddress(coldkey.account),
      takeBps: 1_800,
      totalStake: '0',
    });
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('refuses a hotkey that has an owner', async () => {
    const chain = await aStakedChain();
    const message = { hotkey: await agreement(chain.chainId, hotkey, stranger.account) };
    expect(chain.send(stranger, 'staking.associateHotkey', message)).toBe('HOTKEY_TAKEN');
  });

  it('refuses an agreement made for another coldkey or another chain', async () => {
    const chain = aChain({ funded: [coldkey, stranger] });
    const forOther = { hotkey: await agreement(chain.chainId, hotkey, coldkey.account) };
    expect(chain.send(stranger, 'staking.associateHotkey', forOther)).toBe('HOTKEY_SIGNATURE_INVALID');
    const elsewhere = { hotkey: await agreement(new Uint8Array(32), hotkey, coldkey.account) };
    expect(chain.send(coldkey, 'staking.associateHotkey', elsewhere)).toBe('HOTKEY_SIGNATURE_INVALID');
  });
});

describe('staking.dissociateHotkey', () => {
  it('gives the deposit back once nothing is staked, and to the owner only', async () => {
    const chain = await aStakedChain();
    expect(chain.send(nominator, 'staking.stake', stake(CAIRN))).toBeNull();
    const message = { hotkey: hotkey.account };
    expect(chain.send(coldkey, 'staking.dissociateHotkey', message)).toBe('HOTKEY_IN_USE');
    expect(chain.send(nominator, 'staking.unstake', { hotkey: hotkey.account, amount: null })).toBeNull();
    expect(chain.send(stranger, 'staking.dissociateHotkey', message)).toBe('NOT_HOTKEY_OWNER');
    expect(chain.send(coldkey, 'staking.dissociateHotkey', message)).toBeNull();
    expect(chain.send(coldkey, 'staking.dissociateHotkey', message)).toBe('HOTKEY_UNKNOWN');
    expect(chain.supply().staked).toBe(0n);
    expect(brokenInvariants(chain)).toEqual([]);
  });
});

describe('staking.stake and staking.unstake', () => {
  it('moves stake in and out of a hotkey, exactly while there are no dividends', async () => {
    const chain = await aStakedChain();
    expect(chain.send(nominator, 'staking.stake', stake(10n * CAIRN))).toBeNull();
    expect(chain.supply().staked).toBe(10n * CAIRN);
    expect(chain.send(nominator, 'staking.unstake', stake(4n * CAIRN))).toBeNull();
    expect(positions.get(chain.view, nominator.account, hotkey.account)?.shares).toBe(6n * CAIRN);
    const listed = chain.query('staking_positions', {
      coldkey: accountIdToAddress(nominator.account),
      after: null,
      limit: 0,
    });
    expect(listed).toMatchObject([
      { hotkey: accountIdToAddress(hotkey.account), amount: (6n * CAIRN).toString() },
    ]);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('refuses an unknown hotkey, too little, too much, and a remainder that is too small', async () => {
    const chain = await aStakedChain();
    const unknown = { hotkey: stranger.account, amount: CAIRN };
    expect(chain.send(nominator, 'staking.stake', unknown)).toBe('HOTKEY_UNKNOWN');
    expect(chain.send(nominator, 'staking.unstake', unknown)).toBe('HOTKEY_UNKNOWN');
    expect(chain.send(nominator, 'staking.stake', stake(1_999_999n))).toBe('STAKE_TOO_SMALL');
    expect(chain.send(nominator, 'staking.stake', stake(0n))).toBe('STAKE_TOO_SMALL');
    expect(chain.send(nominator, 'staking.stake', stake(2_000_000n * CAIRN))).toBe('BALANCE_TOO_LOW');
    expect(chain.send(nominator, 'staking.unstake', stake(1n))).toBe('STAKE_TOO_LOW');
    expect(chain.send(nominator, 'staking.stake', stake(CAIRN))).toBeNull();
    expect(chain.send(nominator, 'staking.unstake', stake(0n))).toBe('AMOUNT_ZERO');
    expect(chain.send(nominator, 'staking.unstake', stake(CAIRN + 1n))).toBe('STAKE_TOO_LOW');
    expect(chain.send(nominator, 'staking.unstake', stake(CAIRN - 1n))).toBe('REMAINDER_TOO_SMALL');
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('keeps nothing of a stake it refused', async () => {
    const chain = await aStakedChain();
    const before = chain.spendable(nominator);
    const { results } = chain.block([
      { from: nominator, name: 'staking.stake', message: stake(2_000_000n * CAIRN) },
    ]);
    expect(chain.spendable(nominator)).toBe(before - results[0]!.fee);
    expect(positions.get(chain.view, nominator.account, hotkey.account)).toBeUndefined();
  });

  it('does not let an account with stake be closed', async () => {
    const chain = await aStakedChain();
    expect(chain.send(nominator, 'staking.stake', stake(CAIRN))).toBeNull();
    expect(chain.send(nominator, 'accounts.close', { beneficiary: stranger.account })).toBe(
      'ACCOUNT_HAS_RECORDS',
    );
  });

  it('takes nothing from a staker who joins a pool whose single share was made worth 1,000 CAIRN', async () => {
    const chain = await aStakedChain({ minStake: 0n });
    expect(chain.send(coldkey, 'staking.stake', stake(1n))).toBeNull();
    // A donation: dividends reach the attacker's one share.
    chain.edit((state) => {
      const record = hotkeys.get(state, hotkey.account)!;
      hotkeys.set(state, hotkey.account, { ...record, totalStake: record.totalStake + 1_000n * CAIRN });
    });
    expect(chain.send(nominator, 'staking.stake', stake(999n * CAIRN))).toBe('STAKE_TOO_SMALL');
    const before = chain.spendable(nominator);
    const paid = chain.block([{ from: nominator, name: 'staking.stake', message: stake(1_999n * CAIRN) }]);
    const cost = before - chain.spendable(nominator);
    expect(cost < 1_001n * CAIRN, `cost ${cost}`).toBe(true);
    const event = paid.results[0]!.events.find(({ name }) => name === 'staking.staked')!;
    expect(event.data).toMatchObject({ shares: '1', amount: (1_000n * CAIRN + 1n).toString() });
    const { amount } = chain.query('staking_positions', {
      coldkey: accountIdToAddress(nominator.account),
      after: null,
      limit: 0,
    })[0];
    expect(BigInt(amount)).toBe(1_000n * CAIRN + 1n);
  });
});

describe('staking.setTake', () => {
  it('lowers at once, raises only after the wait, never above the most allowed', async () => {
    const chain = await aStakedChain({ takeRaiseSlots: 10n });
    const take = (takeBps: number) => ({ hotkey: hotkey.account, takeBps });
    expect(chain.send(coldkey, 'staking.setTake', take(1_801))).toBe('TAKE_TOO_HIGH');
    expect(chain.send(stranger, 'staking.setTake', take(100))).toBe('NOT_HOTKEY_OWNER');
    expect(chain.send(coldkey, 'staking.setTake', take(100))).toBeNull();
    expect(chain.send(coldkey, 'staking.setTake', take(200))).toBe('TAKE_RAISED_RECENTLY');
    chain.advance(10);
    expect(chain.send(coldkey, 'staking.setTake', take(200))).toBeNull();
    expect(chain.send(coldkey, 'staking.setTake', take(300))).toBe('TAKE_RAISED_RECENTLY');
    expect(hotkeys.get(chain.view, hotkey.account)?.takeBps).toBe(200);
  });
});
