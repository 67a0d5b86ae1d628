import { accountIdToAddress } from '@cairn/core';
import { describe, expect, it } from 'vitest';
import { hotkeys, tokenPools } from '../../src/index.ts';
import { aChain, agreement, aKey, CAIRN } from '../support/chain.ts';
import { brokenInvariants } from '../support/invariants.ts';
import { aMarket, expectDone, untilEpoch, weightsCall } from '../support/market.ts';

describe('emission', () => {
  it('mints nothing while no subnet has a neuron', () => {
    const owner = aKey(1);
    const chain = aChain({ funded: [owner] });
    expect(chain.send(owner, 'subnets.create', { name: 'empty', lockLimit: 2_000n * CAIRN })).toBeNull();
    const before = chain.query('emission_supply', {}).issuance;
    chain.advance(50);
    expect(chain.query('emission_supply', {}).issuance).toBe(before);
  });

  it('mints one CAIRN for each slot of block time, at most ten in a block, the rest in the next', async () => {
    const { chain } = await aMarket();
    const issued = () => BigInt(chain.query('emission_supply', {}).issuance);
    const first = issued();
    chain.block();
    expect(issued() - first).toBe(CAIRN);
    chain.block([], 14);
    expect(issued() - first).toBe(11n * CAIRN);
    chain.block([], 0);
    expect(issued() - first).toBe(15n * CAIRN);
    // The subnet's own token is minted at the same rate and waits for the epoch.
    expect(chain.query('subnets_get', { netuid: 1 }).pending).toBe((issued() - first + CAIRN).toString());
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('says what a slot mints and when that halves', () => {
    const chain = aChain({ funded: [aKey(1)] });
    expect(chain.query('emission_supply', {})).toMatchObject({
      cap: (21_000_000n * CAIRN).toString(),
      mintedPerSlot: CAIRN.toString(),
      nextHalvingIssuance: (10_500_000n * CAIRN).toString(),
      circulating: (100_000n * CAIRN - 200_000n).toString(),
    });
  });

  it('pays owner, miners, takes and stakers in tokens, and recycles the rest', async () => {
    const { chain, validators, miners, owner } = await aMarket();
    untilEpoch(chain);
    // The owner's cut of the first epoch is all there is to stake.
    const tokens = chain.tokens(owner.coldkey);
    expect(
      chain.send(owner.coldkey, 'staking.stakeTokens', {
        netuid: 1,
        hotkey: validators[0]!.hotkey.account,
        amount: tokens,
      }),
    ).toBeNull();
    expectDone(chain.block(validators.map((each) => weightsCall(each, 1, { 2: 1 }, 0))));
    const staked = () => tokenPools.get(chain.view, 1, validators[0]!.hotkey.account).totalStake;
    const [stakeBefore, marketBefore] = [staked(), chain.market()];
    const total = BigInt(chain.query('subnets_get', { netuid: 1 }).pending);
    const events = untilEpoch(chain);
    const paid = events.filter(({ name }) => name === 'emission.paid').map(({ data }) => data);
    const sum = (kind: string) =>
      paid
        .filter((each) => each.kind === kind)
        .reduce((amount, each) => amount + BigInt(each.amount as string), 0n);
    const ran = events.find(({ name }) => name === 'yuma.epochRan')!.data;
    const emission = BigInt(ran.emission as string);
    expect(emission > total).toBe(true);
    expect(sum('owner')).toBe((emission * 18n) / 100n);
    expect(sum('incentive')).toBe((emission * 41n) / 100n);
    const dividends = sum('take') + sum('dividends') + sum('root');
    expect(dividends <= (emission * 41n) / 100n + 1n && dividends >= (emission * 41n) / 100n - 10n).toBe(
      true,
    );
    expect(paid.find(({ kind }) => kind === 'incentive')).toMatchObject({
      netuid: 1,
      uid: 2,
      hotkey: accountIdToAddress(miners[0]!.hotkey.account),
      coldkey: accountIdToAddress(miners[0]!.coldkey.account),
    });
    expect(paid.find(({ kind }) => kind === 'owner')).toMatchObject({
      uid: null,
      coldkey: accountIdToAddress(owner.coldkey.account),
    });
    expect(staked() - stakeBefore).toBe(sum('dividends'));
    const recycled = events.find(({ name }) => name === 'emission.recycled');
    expect(BigInt((recycled?.data.amount as string) ?? 0n)).toBe(
      emission - sum('owner') - sum('incentive') - dividends,
    );
    expect(chain.market().quote < marketBefore.quote + 40n * CAIRN).toBe(true);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('sells the dividends of root stakers for CAIRN in the block of the epoch', async () => {
    const { chain, validators } = await aMarket();
    untilEpoch(chain);
    expectDone(chain.block(validators.map((each) => weightsCall(each, 1, { 2: 1 }, 0))));
    const hotkey = validators[0]!.hotkey.account;
    const before = hotkeys.get(chain.view, hotkey)!.totalStake;
    const coldkey = chain.spendable(validators[0]!.coldkey);
    const events = untilEpoch(chain);
    const paid = events.filter(({ name }) => name === 'pools.rootPaid').map(({ data }) => data);
    const own = paid.find((each) => each.hotkey === accountIdToAddress(hotkey))!;
    expect(BigInt(own.amount as string)).toBeGreaterThan(0n);
    expect(hotkeys.get(chain.view, hotkey)!.totalStake - before).toBe(BigInt(own.amount as string));
    expect(chain.spendable(validators[0]!.coldkey) - coldkey).toBe(BigInt(own.take as string));
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('is injected into the pool at its price, and beyond the cap of tokens buys them', async () => {
    const { chain } = await aMarket();
    const before = chain.market();
    const price = (market: typeof before) => Number(market.quote) / Number(market.base);
    chain.block();
    const after = chain.market();
    expect(after.quote - before.quote).toBe(CAIRN);
    // Two thousand CAIRN on root weigh little against a thousand tokens: most of the slot buys.
    expect(after.protocolBase).toBeGreaterThan(before.protocolBase);
    expect(price(after)).toBeGreaterThan(price(before));
    expect(after.outstanding - before.outstanding).toBe(CAIRN + after.protocolBase - before.protocolBase);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('leaves out what the owner earns as a miner, and remembers the share', async () => {
    const { chain, owner, validators } = await aMarket({ miners: 3 });
    const hotkey = aKey(900);
    const proof = await agreement(chain.chainId, hotkey, owner.coldkey.account);
    expect(chain.send(owner.coldkey, 'staking.associateHotkey', { hotkey: proof })).toBeNull();
    const register = { netuid: 1, hotkey: hotkey.account, burnLimit: 1_000n * CAIRN };
    expect(chain.send(owner.coldkey, 'subnets.registerNeuron', register)).toBeNull();
    untilEpoch(chain);
    expectDone(chain.block(validators.map((each) => weightsCall(each, 1, { 2: 1, 5: 1 }, 0))));
    const events = untilEpoch(chain);
    const paid = events.filter(({ name, data }) => name === 'emission.paid' && data.kind === 'incentive');
    expect(paid.map(({ data }) => data.uid)).toEqual([2]);
    expect(chain.market().minerBurned).toBe(1n << 31n);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('shares dividends among stakers by their stake', async () => {
    const { chain, validators, miners } = await aMarket({ stake: 100n });
    const hotkey = validators[0]!.hotkey.account;
    const nominator = miners[3]!.coldkey;
    expect(chain.send(nominator, 'staking.stake', { hotkey, amount: 300n * CAIRN })).toBeNull();
    untilEpoch(chain);
    expectDone(chain.block(validators.map((each) => weightsCall(each, 1, { 2: 1 }, 0))));
    untilEpoch(chain);
    const worth = (key: typeof nominator) =>
      BigInt(
        chain.query('staking_positions', {
          coldkey: accountIdToAddress(key.account),
          after: null,
          limit: 0,
        })[0].amount,
      );
    const own = worth(validators[0]!.coldkey);
    const delegated = worth(nominator);
    expect(delegated > 300n * CAIRN).toBe(true);
    expect(delegated - 3n * own <= 3n && 3n * own - delegated <= 3n, `${delegated} and ${own}`).toBe(true);
  });

  it('shares what is minted equally among subnets that have a neuron', async () => {
    const { chain, owner, miners } = await aMarket();
    for (const name of ['two', 'three']) {
      const message = { name, lockLimit: 10_000n * CAIRN };
      expect(chain.send(owner.coldkey, 'subnets.create', message)).toBeNull();
    }
    const { coldkey, hotkey } = miners[0]!;
    const register = { netuid: 3, hotkey: hotkey.account, burnLimit: 1_000n * CAIRN };
    expect(chain.send(coldkey, 'subnets.registerNeuron', register)).toBeNull();
    const reserves = () => [1, 2, 3].map((netuid) => chain.market(netuid).quote);
    const before = reserves();
    chain.block();
    expect(reserves().map((amount, index) => amount - before[index]!)).toEqual([CAIRN / 2n, 0n, CAIRN / 2n]);
  });
});
