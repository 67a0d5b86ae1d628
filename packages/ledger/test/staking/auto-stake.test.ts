import { accountIdToAddress } from '@cairn/core';
import { describe, expect, it } from 'vitest';
import { autoStakes, tokenPools } from '../../src/index.ts';
import { brokenInvariants } from '../support/invariants.ts';
import { aMarket, expectDone, untilEpoch, weightsCall } from '../support/market.ts';
import { ann, aStakingChain, east } from '../support/staking.ts';

describe('staking.setAutoStake', () => {
  it('stakes what a miner earns to the chosen hotkey, and what others earn to none', async () => {
    const { chain, validators, miners } = await aMarket();
    const [saver, spender] = [miners[0]!.coldkey, miners[1]!.coldkey];
    const { hotkey } = validators[0]!;
    expect(chain.send(saver, 'staking.setAutoStake', { netuid: 1, hotkey: hotkey.account })).toBeNull();
    untilEpoch(chain);
    expectDone(chain.block(validators.map((person) => weightsCall(person, 1, { 2: 1_000, 3: 1_000 }, 0))));
    const before = [saver, spender].map((key) => chain.tokens(key));
    untilEpoch(chain);
    const [saved, spent] = [saver, spender].map((key, index) => chain.tokens(key) - before[index]!);
    expect(saved).toBe(0n);
    expect(spent! > 0n).toBe(true);
    expect(tokenPools.get(chain.view, 1, hotkey.account).totalStake).toBe(spent);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('is listed, ends with null and gives its deposit back', async () => {
    const chain = await aStakingChain();
    const set = (hotkey: Uint8Array | null, netuid = 1) =>
      chain.send(ann, 'staking.setAutoStake', { netuid, hotkey });
    expect(set(east.account, 2)).toBe('SUBNET_UNKNOWN');
    expect(set(ann.account)).toBe('HOTKEY_UNKNOWN');
    expect(set(east.account)).toBeNull();
    const coldkey = accountIdToAddress(ann.account);
    expect(chain.query('staking_autoStake', { coldkey })).toEqual([
      { netuid: 1, hotkey: accountIdToAddress(east.account) },
    ]);
    expect(brokenInvariants(chain)).toEqual([]);
    expect(set(null)).toBeNull();
    expect(set(null)).toBeNull();
    expect(autoStakes.get(chain.view, ann.account, 1)).toBeUndefined();
    expect(brokenInvariants(chain)).toEqual([]);
  });
});
