import { accountIdToAddress } from '@cairn/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createOverlay, holdings, hotkeys, keptPositions, keptRates } from '../../src/index.ts';
import { keepDividend } from '../../src/staking/kept/keep-dividend.ts';
import { reckonClaims } from '../../src/staking/kept/state.ts';
import { CAIRN, type TestChain, type TestKey } from '../support/chain.ts';
import { brokenInvariants } from '../support/invariants.ts';
import { aMarket, untilEpoch } from '../support/market.ts';
import { ann, aStakingChain, ben, east, owner, west, worthOf } from '../support/staking.ts';

const claimsOf = (chain: TestChain, key: TestKey) =>
  chain.query('staking_rootClaims', { coldkey: accountIdToAddress(key.account) });
const choose = (kind: 'keep' | 'swap', hotkey: TestKey, amount: bigint | null = null) => ({
  hotkey: hotkey.account,
  kind,
  amount,
});

describe('staking.setRootClaim', () => {
  it('takes stake out of the pool whose dividends are sold and puts it back, with nothing lost', async () => {
    const chain = await aStakingChain();
    chain.send(ann, 'staking.stake', { hotkey: east.account, amount: 10n * CAIRN });
    expect(chain.send(ann, 'staking.setRootClaim', choose('keep', east, 4n * CAIRN))).toBeNull();
    expect(worthOf(chain, 0, ann, east)).toBe(6n * CAIRN);
    expect(claimsOf(chain, ann)).toEqual([
      { hotkey: accountIdToAddress(east.account), amount: (4n * CAIRN).toString(), claims: [] },
    ]);
    expect(chain.supply().staked).toBe(10n * CAIRN);
    expect(brokenInvariants(chain)).toEqual([]);
    expect(chain.send(ann, 'staking.setRootClaim', choose('swap', east))).toBeNull();
    expect(worthOf(chain, 0, ann, east)).toBe(10n * CAIRN);
    expect(keptPositions.get(chain.view, ann.account, east.account)).toBeUndefined();
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('refuses what is not there, dust, and stake that answers for another hotkey', async () => {
    const chain = await aStakingChain({ unbondingSlots: 50n });
    const set = (...choice: Parameters<typeof choose>) =>
      chain.send(ann, 'staking.setRootClaim', choose(...choice));
    expect(set('keep', ann)).toBe('HOTKEY_UNKNOWN');
    expect(set('keep', east)).toBe('STAKE_TOO_LOW');
    expect(set('swap', east)).toBe('STAKE_TOO_LOW');
    chain.send(ann, 'staking.stake', { hotkey: east.account, amount: CAIRN });
    expect(set('keep', east, 1n)).toBe('STAKE_TOO_SMALL');
    expect(set('keep', east, 2n * CAIRN)).toBe('STAKE_TOO_LOW');
    chain.send(ann, 'staking.moveStake', {
      netuid: 0,
      from: east.account,
      to: west.account,
      amount: null,
    });
    expect(set('keep', west)).toBe('STAKE_LIABLE');
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('keeps a hotkey from being given up', async () => {
    const chain = await aStakingChain();
    chain.send(ann, 'staking.stake', { hotkey: east.account, amount: CAIRN });
    chain.send(ann, 'staking.setRootClaim', choose('keep', east));
    expect(chain.send(owner, 'staking.dissociateHotkey', { hotkey: east.account })).toBe('HOTKEY_IN_USE');
  });
});

describe('dividends of root stake', () => {
  it('are kept in tokens for who chose so, sold for the others, and claimed once', async () => {
    const { chain, validators } = await aMarket({ validators: 1, stake: 500n });
    const { coldkey, hotkey } = validators[0]!;
    const other = validators[0]!.hotkey;
    chain.send(other, 'staking.stake', { hotkey: hotkey.account, amount: 500n * CAIRN });
    expect(chain.send(other, 'staking.setRootClaim', choose('keep', hotkey))).toBeNull();
    chain.send(coldkey, 'staking.setTake', { hotkey: hotkey.account, takeBps: 0 });
    const before = hotkeys.get(chain.view, hotkey.account)!;
    untilEpoch(chain);
    chain.advance(1);
    const after = hotkeys.get(chain.view, hotkey.account)!;
    expect(after.totalStake > before.totalStake).toBe(true);
    expect(after.keptStake).toBe(before.keptStake);
    expect(brokenInvariants(chain)).toEqual([]);
    const [{ claims }] = claimsOf(chain, other);
    const owed = BigInt(claims[0].amount);
    expect(claims).toHaveLength(1);
    expect(owed > 0n).toBe(true);
    const claim = { hotkey: hotkey.account, netuid: 1 };
    expect(chain.send(other, 'staking.claimRoot', claim)).toBeNull();
    expect(chain.tokens(other)).toBe(owed);
    expect(chain.send(other, 'staking.claimRoot', claim)).toBe('NOTHING_TO_CLAIM');
    expect(chain.send(coldkey, 'staking.claimRoot', claim)).toBe('NOTHING_TO_CLAIM');
    expect(chain.send(other, 'staking.claimRoot', { ...claim, netuid: 2 })).toBe('NOTHING_TO_CLAIM');
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('stay claimable after the stake has gone, and the record goes with the last claim', async () => {
    const chain = await aStakingChain();
    chain.send(ann, 'staking.stake', { hotkey: east.account, amount: CAIRN });
    chain.send(ann, 'staking.setRootClaim', choose('keep', east));
    const tokens = 5_000n;
    giveTokens(chain, tokens);
    chain.send(ben, 'staking.stake', { hotkey: east.account, amount: CAIRN });
    chain.send(ben, 'staking.setRootClaim', choose('keep', east));
    expect(chain.send(ben, 'staking.claimRoot', { hotkey: east.account, netuid: 1 })).toBe(
      'NOTHING_TO_CLAIM',
    );
    expect(chain.send(ann, 'staking.setRootClaim', choose('swap', east))).toBeNull();
    expect(chain.send(ann, 'staking.claimRoot', { hotkey: east.account, netuid: 1 })).toBeNull();
    expect(tokens - chain.tokens(ann) <= 1n).toBe(true);
    expect(keptPositions.get(chain.view, ann.account, east.account)).toBeUndefined();
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('never pay out more than was kept, however stakes come and go', async () => {
    const chain = await aStakingChain();
    const shares = fc.bigInt({ min: 1n, max: 21n * 10n ** 15n });
    const amounts = fc.bigInt({ min: 0n, max: 10n ** 13n });
    const steps = fc.array(fc.tuple(fc.nat(2), shares, amounts), { maxLength: 30 });
    fc.assert(
      fc.property(steps, (history) => {
        const state = createOverlay(chain.view);
        const people = [0, 1, 2].map(() => ({
          shares: 0n,
          claims: [] as { netuid: number; seen: bigint; owed: bigint }[],
          deposit: 0n,
        }));
        let kept = 0n;
        for (const [person, wanted, amount] of history) {
          people[person] = {
            ...reckonClaims(people[person]!, keptRates.get(state, east.account)),
            shares: wanted,
          };
          const keptShares = people.reduce((sum, position) => sum + position.shares, 0n);
          hotkeys.set(state, east.account, { ...hotkeys.get(state, east.account)!, keptShares });
          if (keepDividend(state, 1, east.account, amount)) kept += amount;
        }
        const rates = keptRates.get(state, east.account);
        const owed = people
          .flatMap((position) => reckonClaims(position, rates).claims)
          .reduce((sum, claim) => sum + claim.owed, 0n);
        expect(rates[0]?.held ?? 0n).toBe(kept);
        expect(owed <= kept).toBe(true);
        // A unit for each reckoning, and what is too little for every share to get a step.
        const lost = kept - owed - (rates[0]?.carry ?? 0n);
        expect(lost <= BigInt(2 * history.length + 3)).toBe(true);
      }),
      { seed: 20_260_702 },
    );
  });
});

/** Tokens as an epoch would keep them. */
function giveTokens(chain: TestChain, amount: bigint): void {
  chain.send(ben, 'pools.buy', {
    netuid: 1,
    amount: CAIRN,
    limitPrice: null,
    minOut: 0n,
    isPartialAllowed: false,
  });
  chain.edit((state) => {
    const held = chain.tokens(ben);
    holdings.set(state, ben.account, 1, { ...holdings.get(state, ben.account, 1)!, amount: held - amount });
    keepDividend(state, 1, east.account, amount);
  });
}
