import { accountIdToAddress } from '@cairn/core';
import { describe, expect, it } from 'vitest';
import { CHILD_PROPORTION_ONE, hotkeys, lendings, type SetChildren } from '../../src/index.ts';
import { agreement, aKey, CAIRN, type TestChain, type TestKey } from '../support/chain.ts';
import { brokenInvariants } from '../support/invariants.ts';
import { aMarket, aPerson, expectDone, untilEpoch, weightsCall } from '../support/market.ts';
import { ann, aStakingChain, ben, east, owner, west } from '../support/staking.ts';

const HALF = CHILD_PROPORTION_ONE / 2n;
const DELAYS = { childrenDelaySlots: 4n, childrenRateLimitSlots: 2n };

const lendTo = (parent: TestKey, ...children: readonly [TestKey, bigint][]): SetChildren => ({
  netuid: 1,
  hotkey: parent.account,
  children: children.map(([child, proportion]) => ({ hotkey: child.account, proportion })),
});
const spokenFor = (chain: TestChain, key: TestKey) => {
  const { root, parents } = chain.query('staking_children', {
    netuid: 1,
    hotkey: accountIdToAddress(key.account),
  });
  return { root: BigInt(root), parents: parents.length };
};

describe('staking.setChildren', () => {
  it('lends a part of the stake after the delay, and takes it back after another', async () => {
    const chain = await aStakingChain(DELAYS);
    chain.send(ann, 'staking.stake', { hotkey: east.account, amount: 10n * CAIRN });
    expect(chain.send(owner, 'staking.setChildren', lendTo(east, [west, HALF]))).toBeNull();
    chain.advance(3);
    expect(spokenFor(chain, west)).toEqual({ root: 0n, parents: 0 });
    chain.advance(1);
    expect(spokenFor(chain, west)).toEqual({ root: 5n * CAIRN - 1n, parents: 1 });
    expect(spokenFor(chain, east).root).toBe(5n * CAIRN + 1n);
    expect(brokenInvariants(chain)).toEqual([]);
    expect(chain.send(owner, 'staking.setChildren', lendTo(east))).toBeNull();
    expect(spokenFor(chain, west).parents).toBe(1);
    chain.advance(4);
    expect(spokenFor(chain, west)).toEqual({ root: 0n, parents: 0 });
    expect(chain.send(owner, 'staking.setChildren', lendTo(east))).toBeNull();
    expect(lendings.get(chain.view, 1, east.account)).toBeUndefined();
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('refuses loops, too much, nothing, the same twice, strangers and haste', async () => {
    const chain = await aStakingChain({ ...DELAYS, childrenRateLimitSlots: 50n });
    const refused = (message: SetChildren, from = owner) => chain.send(from, 'staking.setChildren', message);
    expect(refused(lendTo(east, [west, HALF]), ann)).toBe('NOT_HOTKEY_OWNER');
    expect(refused(lendTo(ben, [west, HALF]))).toBe('HOTKEY_UNKNOWN');
    expect(refused(lendTo(east, [ben, HALF]))).toBe('HOTKEY_UNKNOWN');
    expect(refused({ ...lendTo(east, [west, HALF]), netuid: 0 })).toBe('SUBNET_UNKNOWN');
    expect(refused(lendTo(east, [east, HALF]))).toBe('CHILD_IS_ITSELF');
    expect(refused(lendTo(east, [west, 0n]))).toBe('PROPORTION_ZERO');
    expect(refused(lendTo(east, [west, 1n], [west, 1n]))).toBe('CHILD_TWICE');
    expect(brokenInvariants(chain)).toEqual([]);
    expect(refused(lendTo(east, [west, CHILD_PROPORTION_ONE]))).toBeNull();
    expect(refused(lendTo(east))).toBe('CHILDREN_SET_RECENTLY');
    expect(refused(lendTo(west, [east, HALF]))).toBe('CHILD_IS_PARENT');
    chain.advance(5);
    expect(refused(lendTo(west, [east, HALF]))).toBe('CHILD_IS_PARENT');
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('refuses proportions above the whole', async () => {
    const chain = await aStakingChain(DELAYS);
    const third = aKey(60);
    const hotkey = await agreement(chain.chainId, third, ann.account);
    chain.send(ann, 'staking.associateHotkey', { hotkey });
    const tooMuch = lendTo(east, [west, CHILD_PROPORTION_ONE], [third, 1n]);
    expect(chain.send(owner, 'staking.setChildren', tooMuch)).toBe('PROPORTIONS_TOO_HIGH');
  });

  it('makes no stake of a ring of three hotkeys', async () => {
    const chain = await aStakingChain(DELAYS);
    const third = aKey(60);
    const hotkey = await agreement(chain.chainId, third, owner.account);
    chain.send(owner, 'staking.associateHotkey', { hotkey });
    chain.send(ann, 'staking.stake', { hotkey: east.account, amount: 9n * CAIRN });
    const ring = [lendTo(east, [west, HALF]), lendTo(west, [third, HALF]), lendTo(third, [east, HALF])];
    for (const message of ring) expect(chain.send(owner, 'staking.setChildren', message)).toBeNull();
    chain.advance(6);
    expect([east, west, third].map((key) => spokenFor(chain, key).root)).toEqual([
      (9n * CAIRN) / 2n + 1n,
      (9n * CAIRN) / 2n - 1n,
      0n,
    ]);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('lets no crowd of parents without stake keep one with stake from a child', async () => {
    const chain = await aStakingChain(DELAYS);
    const crowd = Array.from({ length: 17 }, (_, n) => aKey(200 + n));
    const join = await Promise.all(
      crowd.map(async (key) => ({
        from: ben,
        name: 'staking.associateHotkey',
        message: { hotkey: await agreement(chain.chainId, key, ben.account) },
      })),
    );
    expectDone(chain.block(join));
    for (const key of crowd.slice(0, 16))
      expect(chain.send(ben, 'staking.setChildren', lendTo(key, [west, HALF]))).toBeNull();
    expect(chain.send(ben, 'staking.setChildren', lendTo(crowd[16]!, [west, HALF]))).toBe('CHILD_FULL');
    chain.send(ann, 'staking.stake', { hotkey: east.account, amount: 100n * CAIRN });
    expect(chain.send(owner, 'staking.setChildren', lendTo(east, [west, HALF]))).toBeNull();
    chain.advance(4);
    expect(spokenFor(chain, west)).toEqual({ root: 50n * CAIRN - 1n, parents: 16 });
    expect(lendings.get(chain.view, 1, crowd[0]!.account)?.next?.children).toEqual([]);
    expect(brokenInvariants(chain)).toEqual([]);
  });
});

describe('staking.setChildTake', () => {
  it('has a most, is raised freely without parents and rarely with them, and is the owner’s to set', async () => {
    const chain = await aStakingChain({ ...DELAYS, takeRaiseSlots: 10n });
    const take = (takeBps: number, from = owner) =>
      chain.send(from, 'staking.setChildTake', { netuid: 1, hotkey: west.account, takeBps });
    expect(take(1_801)).toBe('TAKE_TOO_HIGH');
    expect(take(100, ann)).toBe('NOT_HOTKEY_OWNER');
    expect(take(100)).toBeNull();
    expect(take(200)).toBeNull();
    chain.send(owner, 'staking.setChildren', lendTo(east, [west, HALF]));
    expect(take(300)).toBe('TAKE_RAISED_RECENTLY');
    expect(take(100)).toBeNull();
    chain.advance(10);
    expect(take(300)).toBeNull();
    expect(take(0)).toBeNull();
    expect(lendings.get(chain.view, 1, west.account)).toBeUndefined();
    expect(brokenInvariants(chain)).toEqual([]);
  });
});

describe('an epoch with lent stake', () => {
  it('lets the child vote with it and gives the parent its part, less the take', async () => {
    const { chain, validators } = await aMarket({ stake: 1_000n, parameters: { childrenDelaySlots: 1n } });
    const parent = aPerson(50);
    const [child] = validators as [(typeof validators)[0], ...typeof validators];
    const paid = (outcomes: readonly { events: readonly { name: string; data: object }[] }[]) =>
      outcomes
        .flatMap(({ events }) => events)
        .filter(({ name }) => name === 'pools.rootPaid')
        .map(({ data }) => data as { hotkey: string; take: string; amount: string });
    chain.send(aPerson(100).coldkey, 'accounts.transfer', {
      to: parent.coldkey.account,
      amount: 5_000n * CAIRN,
    });
    const hotkey = await agreement(chain.chainId, parent.hotkey, parent.coldkey.account);
    const steps = [
      ['staking.associateHotkey', { hotkey }],
      ['staking.setTake', { hotkey: parent.hotkey.account, takeBps: 0 }],
      ['staking.stake', { hotkey: parent.hotkey.account, amount: 3_000n * CAIRN }],
      ['staking.setChildren', lendTo(parent.hotkey, [child.hotkey, CHILD_PROPORTION_ONE])],
    ] as const;
    for (const [name, message] of steps) expect(chain.send(parent.coldkey, name, message)).toBeNull();
    const takeBps = 1_000;
    const take = { netuid: 1, hotkey: child.hotkey.account, takeBps };
    expect(
      chain.send(child.coldkey, 'staking.setTake', { hotkey: child.hotkey.account, takeBps: 0 }),
    ).toBeNull();
    // Nobody lent to it when it was set first; its parents cannot be surprised by another raise.
    expect(chain.send(child.coldkey, 'staking.setChildTake', take)).toBe('TAKE_RAISED_RECENTLY');
    untilEpoch(chain);
    const { neurons } = chain.query('subnets_metagraph', { netuid: 1, weights: false });
    expect(BigInt(neurons[0].rootStake) > 3n * BigInt(neurons[1].rootStake)).toBe(true);
    expectDone(
      chain.block(validators.map((validator) => weightsCall(validator, 1, { 2: 1_000, 3: 1_000 }, 0))),
    );
    const before = hotkeys.get(chain.view, parent.hotkey.account)!.totalStake;
    const outcomes = chain.advance(25);
    const gains = paid(outcomes);
    const of = (key: TestKey) =>
      gains
        .filter((gain) => gain.hotkey === accountIdToAddress(key.account))
        .reduce((sum, { amount }) => sum + BigInt(amount), 0n);
    const [parents, children] = [of(parent.hotkey), of(child.hotkey)];
    expect(parents > 0n).toBe(true);
    expect(hotkeys.get(chain.view, parent.hotkey.account)!.totalStake).toBe(before + parents);
    // Three parts to one, to within the dividends that both staked since.
    expect(parents > (children * 29n) / 10n && parents < (children * 31n) / 10n).toBe(true);
    expect(brokenInvariants(chain)).toEqual([]);
  });
});
