import { describe, expect, it } from 'vitest';
import {
  accounts,
  dissolvedSubnets,
  hotkeys,
  markets,
  type Neuron,
  neurons,
  subnets,
  uids,
} from '../../src/index.ts';
import { agreement, aKey, CAIRN, type TestChain, type TestKey } from '../support/chain.ts';
import { brokenInvariants } from '../support/invariants.ts';
import { aLifecycle, dissolve, giveTokens } from '../support/lifecycle.ts';
import { aMarket, expectDone, untilEpoch, weightsCall } from '../support/market.ts';
import { aCard, someTerms } from '../support/registry.ts';

const [owner, alice, bob, carol, stranger] = [aKey(1), aKey(2), aKey(3), aKey(4), aKey(5)];
const people = [owner, alice, bob, carol, stranger];
const _claim = (holder: TestKey, hotkey: TestKey | null = null, netuid = 1) => ({
  netuid,
  holder: holder.account,
  hotkey: hotkey?.account ?? null,
});
const NO_BOUNDS = { limitPrice: null, minOut: 0n, isPartialAllowed: false };

async function associate(chain: TestChain, coldkey: TestKey, hotkey: TestKey): Promise<void> {
  const message = { hotkey: await agreement(chain.chainId, hotkey, coldkey.account) };
  expect(chain.send(coldkey, 'staking.associateHotkey', message)).toBeNull();
}

const aNeuron = ({ account }: TestKey): Neuron => ({
  hotkey: account,
  registeredSlot: 0n,
  lastUpdateSlot: 0n,
  permit: false,
  consensus: 0,
  incentive: 0,
  dividends: 0,
  trust: 0,
  emission: 0n,
  missedReveals: 0,
  withheldEvidence: 0,
});

describe('subnets.dissolve', () => {
  it('announces the end, closes registration, and can be taken back', async () => {
    const chain = aLifecycle(people, { parameters: { dissolutionNoticeSlots: 20n } });
    await associate(chain, alice, bob);
    expect(chain.send(alice, 'subnets.dissolve', { netuid: 1 })).toBe('NOT_SUBNET_OWNER');
    expect(chain.send(owner, 'subnets.dissolve', { netuid: 2 })).toBe('SUBNET_UNKNOWN');
    expect(chain.send(owner, 'subnets.cancelDissolve', { netuid: 1 })).toBe('NOTICE_NONE');
    expect(chain.send(owner, 'subnets.dissolve', { netuid: 1 })).toBeNull();
    expect(chain.send(owner, 'subnets.dissolve', { netuid: 1 })).toBe('NOTICE_GIVEN');
    expect(chain.query('subnets_get', { netuid: 1 }).notice).toMatchObject({ netuid: 1, challenge: null });
    const register = { netuid: 1, hotkey: bob.account, burnLimit: 10n * CAIRN };
    expect(chain.send(alice, 'subnets.registerNeuron', register)).toBe('SUBNET_CLOSING');
    const buy = { netuid: 1, amount: CAIRN, ...NO_BOUNDS };
    expect(chain.send(alice, 'pools.buy', buy)).toBe('SUBNET_CLOSING');
    giveTokens(chain, alice, 2n);
    expect(chain.send(alice, 'pools.sell', { ...buy, amount: 1n })).toBeNull();
    expect(chain.send(alice, 'subnets.cancelDissolve', { netuid: 1 })).toBe('NOT_SUBNET_OWNER');
    expect(chain.send(owner, 'subnets.cancelDissolve', { netuid: 1 })).toBeNull();
    expect(chain.send(alice, 'subnets.registerNeuron', register)).toBeNull();
    chain.advance(25);
    expect(chain.query('subnets_get', { netuid: 1 })).toMatchObject({ netuid: 1, notice: null });
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('ends the subnet after the notice and leaves nothing that names it', async () => {
    const {
      chain,
      owner: creator,
      miners,
      validators,
    } = await aMarket({
      parameters: { dissolutionNoticeSlots: 3n },
    });
    untilEpoch(chain);
    expectDone(chain.block([weightsCall(validators[0]!, 1, { 2: 1 }, 0)]));
    expect(chain.send(creator.coldkey, 'subnets.dissolve', { netuid: 1 })).toBeNull();
    const before = chain.supply();
    const pot = chain.market().quote;
    const ended = chain.advance(4).flatMap(({ events }) => events);
    expect(ended.map(({ name }) => name)).toContain('subnets.dissolved');
    expect(subnets.get(chain.view, 1)).toBeUndefined();
    expect(markets.get(chain.view, 1)).toBeUndefined();
    expect(chain.supply().pooled).toBe(0n);
    expect(dissolvedSubnets.get(chain.view, 1)!.pot >= pot).toBe(true);
    expect(before.pooled).toBe(pot);
    for (const { hotkey } of [...miners, ...validators]) {
      expect(uids.get(chain.view, 1, hotkey.account)).toBeUndefined();
      expect(hotkeys.get(chain.view, hotkey.account)!.neurons).toBe(0);
    }
    expect(neurons.get(chain.view, 1, 0)).toBeUndefined();
    const leftover = [...chain.store.keys()].filter((key) => /^(yuma|emission)\/.*\/00001/.test(key));
    expect(leftover).toEqual([]);
    // The network goes on: blocks, epochs and emission of nobody, for longer than any window.
    chain.advance(60);
    expect(brokenInvariants(chain)).toEqual([]);
    expect(chain.query('subnets_list', { after: null, limit: 0 })).toMatchObject({ count: 0, subnets: [] });
    expect(chain.query('pools_list', { after: null, limit: 0 })).toEqual([]);
    expect(chain.query('subnets_metagraph', { netuid: 1, weights: true })).toBeNull();
  });

  it('clears the neurons of a large subnet away over several blocks, and closes only then', async () => {
    const chain = aLifecycle(people, { subnets: 2 });
    await associate(chain, alice, bob);
    const count = 700;
    chain.edit((state) => {
      const record = hotkeys.get(state, bob.account)!;
      hotkeys.set(state, bob.account, { ...record, neurons: 2 * count });
      for (const netuid of [1, 2]) {
        subnets.set(state, netuid, { ...subnets.get(state, netuid)!, neuronCount: count });
        for (let uid = 0; uid < count; uid += 1) neurons.set(state, netuid, uid, aNeuron(bob));
      }
    });
    for (const netuid of [1, 2]) expect(chain.send(owner, 'subnets.dissolve', { netuid })).toBeNull();
    chain.advance(1);
    const left: number[] = [];
    for (let blocks = 0; blocks < 8; blocks += 1) {
      chain.advance(1);
      left.push(hotkeys.get(chain.view, bob.account)!.neurons);
      expect(brokenInvariants(chain)).toEqual([]);
    }
    expect(left).toEqual([1_400, 1_144, 888, 632, 376, 120, 0, 0]);
    expect(accounts.get(chain.view, owner.account)!.records).toBe(0);
    expect(chain.send(alice, 'staking.dissociateHotkey', { hotkey: bob.account })).toBeNull();
  });

  it('gives every message that names it a clear code', async () => {
    const chain = aLifecycle(people, { subnets: 2 });
    await associate(chain, alice, bob);
    giveTokens(chain, alice, 10n * CAIRN);
    const stake = { netuid: 1, hotkey: bob.account, amount: CAIRN };
    expect(chain.send(alice, 'staking.stakeTokens', stake)).toBeNull();
    const card = aCard(alice, {});
    expect(chain.send(alice, 'registry.publishModel', { card })).toBeNull();
    dissolve(chain, owner);
    const calls: [string, object][] = [
      ['subnets.registerNeuron', { netuid: 1, hotkey: bob.account, burnLimit: CAIRN }],
      ['subnets.setHyperparameters', { netuid: 1, changes: [] }],
      ['subnets.setMechanisms', { netuid: 1, split: [65_535] }],
      ['subnets.dissolve', { netuid: 1 }],
      ['subnets.cancelDissolve', { netuid: 1 }],
      ['subnets.match', { netuid: 1, limit: CAIRN }],
      ['yuma.commitSalt', { netuid: 1, commitments: [new Uint8Array(32)] }],
      ['yuma.attestEvidence', { netuid: 1, uids: [], answered: [] }],
      ['pools.buy', { netuid: 1, amount: CAIRN, ...NO_BOUNDS }],
      ['pools.sell', { netuid: 1, amount: null, ...NO_BOUNDS }],
      ['pools.swap', { from: 1, to: 2, amount: null, minProceeds: 0n, minOut: 0n }],
      ['pools.swap', { from: 2, to: 1, amount: 1n, minProceeds: 0n, minOut: 0n }],
      ['pools.transfer', { netuid: 1, to: bob.account, amount: 1n }],
      ['staking.stakeTokens', stake],
      ['staking.unstakeTokens', { netuid: 1, hotkey: bob.account, amount: null }],
      ['channels.open', { payee: bob.account, netuid: 1, deposit: CAIRN }],
      ['registry.publishOffer', { terms: someTerms(card, { netuid: 1 }) }],
    ];
    for (const [name, message] of calls)
      expect(chain.send(alice, name, message), name).toBe('SUBNET_DISSOLVED');
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('gives back what orders hold that wait for a sealed one', () => {
    const chain = aLifecycle(people, { subnets: 2, parameters: { dissolutionNoticeSlots: 1n } });
    giveTokens(chain, alice, 10n * CAIRN, 1);
    giveTokens(chain, bob, 10n * CAIRN, 1);
    const has = chain.spendable(carol);
    const seal = { commitment: new Uint8Array(32) };
    const buy = { netuid: 1, amount: CAIRN, ...NO_BOUNDS };
    const swap = { from: 1, to: 2, amount: CAIRN, minProceeds: 0n, minOut: 0n };
    const placed = chain.block([
      { from: stranger, name: 'pools.sealOrder', message: seal },
      { from: carol, name: 'pools.buy', message: buy },
      { from: alice, name: 'pools.sell', message: { ...buy, amount: null } },
      { from: bob, name: 'pools.swap', message: swap },
      { from: owner, name: 'subnets.dissolve', message: { netuid: 1 } },
    ]);
    expectDone(placed);
    expect(brokenInvariants(chain)).toEqual([]);
    const { events } = chain.block();
    expect(events.filter(({ name }) => name === 'pools.orderReturned')).toHaveLength(3);
    expect(markets.get(chain.view, 1)).toBeUndefined();
    expect(chain.spendable(carol)).toBe(has - placed.results[1]!.fee);
    expect([chain.tokens(alice, 1), chain.tokens(bob, 1)]).toEqual([10n * CAIRN, 10n * CAIRN]);
    expect(brokenInvariants(chain)).toEqual([]);
    chain.advance(3);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('pays a second leg on its way to it out, and frees the record that was opened for it', () => {
    const chain = aLifecycle(people, { subnets: 2, parameters: { dissolutionNoticeSlots: 1n } });
    giveTokens(chain, alice, 10n * CAIRN, 2);
    const { records } = accounts.get(chain.view, alice.account)!;
    // The first leg clears in the last block in which subnet 1 has a pool.
    const swap = { from: 2, to: 1, amount: CAIRN, minProceeds: 0n, minOut: 0n };
    expectDone(
      chain.block([
        { from: alice, name: 'pools.swap', message: swap },
        { from: owner, name: 'subnets.dissolve', message: { netuid: 1 } },
      ]),
    );
    const { events, results } = chain.block([{ from: alice, name: 'pools.swap', message: swap }]);
    expect(results[0]!.problem?.code).toBe('SUBNET_DISSOLVED');
    expect(events.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['subnets.dissolved', 'pools.legReturned']),
    );
    expect(accounts.get(chain.view, alice.account)!.records).toBe(records);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('gives back what nobody holds to be minted again', () => {
    const chain = aLifecycle(people);
    const { recycled } = chain.supply();
    const fees = { ...chain.supply() };
    dissolve(chain, owner);
    expect(chain.supply().recycled - recycled >= 10n * CAIRN).toBe(true);
    expect(fees.pooled).toBe(10n * CAIRN);
    expect(chain.query('subnets_dissolved', { netuid: 1 })).toBeNull();
    expect(accounts.get(chain.view, owner.account)!.records).toBe(0);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('never gives its number to another', () => {
    const chain = aLifecycle(people);
    dissolve(chain, owner);
    expect(chain.send(alice, 'subnets.create', { name: 'next', lockLimit: 1_000n * CAIRN })).toBeNull();
    expect(subnets.get(chain.view, 2)?.name).toBe('next');
    expect(chain.send(alice, 'subnets.match', { netuid: 1, limit: CAIRN })).toBe('SUBNET_DISSOLVED');
  });
});
