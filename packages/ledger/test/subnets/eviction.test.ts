import { describe, expect, it } from 'vitest';
import { accounts, challenges, markets, noticesCell, subnets } from '../../src/index.ts';
import { aKey, CAIRN, type TestChain, type TestKey } from '../support/chain.ts';
import { brokenInvariants } from '../support/invariants.ts';
import { aLifecycle, giveTokens } from '../support/lifecycle.ts';

const [owner, alice, bob, carol] = [aKey(1), aKey(2), aKey(3), aKey(4)];
const people = [owner, alice, bob, carol];
const LIMIT = 1_000_000n * CAIRN;

/** Two subnets of the owner, both old enough, and no place for a third. */
function aFullNetwork(parameters: Record<string, bigint> = {}): TestChain {
  const chain = aLifecycle(people, { subnets: 2, parameters: { subnetLimit: 2n, ...parameters } });
  chain.advance(5);
  return chain;
}
const create = (chain: TestChain, from: TestKey, lockLimit = LIMIT) =>
  chain.send(from, 'subnets.create', { name: 'new', lockLimit });
const match = (chain: TestChain, from: TestKey, netuid: number, limit = LIMIT) =>
  chain.send(from, 'subnets.match', { netuid, limit });
const setPrice = (chain: TestChain, netuid: number, priceEma: bigint) =>
  chain.edit((state) => markets.set(state, netuid, { ...markets.get(state, netuid)!, priceEma }));
const noticed = (chain: TestChain) => noticesCell.get(chain.view).map(({ netuid }) => netuid);
const names = (outcomes: ReturnType<TestChain['advance']>) =>
  outcomes.flatMap(({ events }) => events).map(({ name }) => name);

describe('subnets.create when all places are taken', () => {
  it('gives the weakest by average price public notice, and takes its place after it', () => {
    const chain = aFullNetwork();
    setPrice(chain, 1, 1n << 50n);
    setPrice(chain, 2, 1n << 40n);
    giveTokens(chain, carol, CAIRN, 2);
    const before = chain.spendable(alice);
    const cost = BigInt(chain.query('subnets_list', { after: null, limit: 0 }).lockCost);
    expect(create(chain, alice)).toBeNull();
    expect(before - chain.spendable(alice) >= cost).toBe(true);
    expect(noticed(chain)).toEqual([2]);
    const [notice] = chain.query('subnets_notices', {});
    expect(notice.challenge).toMatchObject({ name: 'new', amount: cost.toString() });
    expect(subnets.get(chain.view, 2)).toBeDefined();
    expect(brokenInvariants(chain)).toEqual([]);
    const seen = names(chain.advance(4));
    expect(seen).toEqual(
      expect.arrayContaining(['subnets.dissolved', 'subnets.challengeEnded', 'subnets.created']),
    );
    expect(subnets.get(chain.view, 2)).toBeUndefined();
    expect(subnets.get(chain.view, 3)).toMatchObject({ name: 'new', locked: cost });
    expect(chain.market(3).quote).toBe(cost);
    expect(chain.query('subnets_list', { after: null, limit: 0 }).count).toBe(2);
    expect(
      chain.send(bob, 'subnets.claimDissolved', { netuid: 2, holder: carol.account, hotkey: null }),
    ).toBeNull();
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('lets people join until the notice is short', () => {
    const chain = aFullNetwork({ evictionNoticeSlots: 10n });
    expect(create(chain, alice)).toBeNull();
    const buy = { netuid: 1, amount: CAIRN, limitPrice: null, minOut: 0n, isPartialAllowed: false };
    expect(chain.send(bob, 'pools.buy', buy)).toBeNull();
    chain.advance(5);
    expect(chain.send(bob, 'pools.buy', buy)).toBe('SUBNET_CLOSING');
    const swap = { from: 2, to: 1, amount: 1n, minProceeds: 0n, minOut: 0n };
    expect(chain.send(bob, 'pools.swap', swap)).toBe('SUBNET_CLOSING');
    expect(match(chain, bob, 1)).toBeNull();
    expect(chain.send(bob, 'pools.buy', buy)).toBeNull();
  });

  it('takes the oldest of equals, and never one that is young', () => {
    const chain = aFullNetwork();
    expect(create(chain, alice)).toBeNull();
    expect(noticed(chain)).toEqual([1]);
    const young = aLifecycle(people, { parameters: { subnetLimit: 1n, networkImmunitySlots: 50n } });
    expect(create(young, alice)).toBe('SUBNETS_FULL');
    young.advance(50);
    expect(create(young, alice)).toBeNull();
    expect(brokenInvariants(young)).toEqual([]);
  });

  it('has one challenge for a subnet and so many in all, each dearer than the last', () => {
    const chain = aFullNetwork({ evictionNoticeLimit: 1n, subnetLockReductionSlots: 1_000n });
    const cost = () => BigInt(chain.query('subnets_list', { after: null, limit: 0 }).lockCost);
    const first = cost();
    expect(create(chain, alice)).toBeNull();
    expect(cost() > first).toBe(true);
    expect(create(chain, bob)).toBe('EVICTION_NOTICES_FULL');
    const two = aFullNetwork();
    expect(create(two, alice)).toBeNull();
    expect(create(two, bob)).toBeNull();
    expect(noticed(two)).toEqual([1, 2]);
    expect(create(two, carol)).toBe('SUBNETS_FULL');
    expect(create(two, carol, 1n)).toBe('LOCK_LIMIT_EXCEEDED');
    expect(brokenInvariants(two)).toEqual([]);
    two.advance(6);
    expect(two.query('subnets_list', { after: null, limit: 0 }).subnets).toMatchObject([
      { netuid: 3 },
      { netuid: 4 },
    ]);
    expect(brokenInvariants(two)).toEqual([]);
  });

  it('gives a place that comes free to who waits longest, and the challenged subnet stays', () => {
    const chain = aFullNetwork({ evictionNoticeSlots: 20n });
    expect(create(chain, alice)).toBeNull();
    expect(noticed(chain)).toEqual([1]);
    expect(chain.send(owner, 'subnets.dissolve', { netuid: 2 })).toBeNull();
    chain.advance(3);
    expect(subnets.get(chain.view, 1)).toBeDefined();
    expect(subnets.get(chain.view, 2)).toBeUndefined();
    expect(subnets.get(chain.view, 3)?.name).toBe('new');
    expect(noticed(chain)).toEqual([]);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('cannot be dodged by announcing the end oneself and taking it back', () => {
    const chain = aFullNetwork();
    expect(chain.send(owner, 'subnets.dissolve', { netuid: 1 })).toBeNull();
    expect(create(chain, alice)).toBeNull();
    expect(noticed(chain)).toEqual([1]);
    expect(challenges.get(chain.view, 1)).toBeDefined();
    expect(chain.send(owner, 'subnets.cancelDissolve', { netuid: 1 })).toBe('SUBNET_CHALLENGED');
    chain.advance(5);
    expect(subnets.get(chain.view, 1)).toBeUndefined();
    expect(brokenInvariants(chain)).toEqual([]);
  });
});

describe('subnets.match', () => {
  it('keeps the subnet for what the challenger would lock, who loses nothing', () => {
    const chain = aFullNetwork();
    expect(match(chain, bob, 1)).toBe('NOT_CHALLENGED');
    const before = chain.spendable(alice);
    const challenge = { from: alice, name: 'subnets.create', message: { name: 'new', lockLimit: LIMIT } };
    const { results } = chain.block([challenge]);
    const { amount } = challenges.get(chain.view, 1)!;
    expect(match(chain, bob, 1, amount - 1n)).toBe('MATCH_LIMIT_EXCEEDED');
    expect(match(chain, bob, 9)).toBe('SUBNET_UNKNOWN');
    const price = chain.query('pools_get', { netuid: 1 }).price;
    const { quote } = chain.market(1);
    expect(match(chain, bob, 1)).toBeNull();
    expect(chain.spendable(alice)).toBe(before - results[0]!.fee);
    expect(accounts.get(chain.view, alice.account)!.records).toBe(0);
    expect(chain.market(1).quote - quote).toBe(amount);
    expect(chain.query('pools_get', { netuid: 1 }).price).toBe(price);
    expect(noticed(chain)).toEqual([]);
    chain.advance(10);
    expect(subnets.get(chain.view, 1)).toBeDefined();
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('leaves the subnet in peace for as long as a new one', () => {
    const chain = aFullNetwork({ evictionNoticeSlots: 9n });
    expect(create(chain, alice)).toBeNull();
    expect(match(chain, owner, 1)).toBeNull();
    expect(create(chain, alice)).toBeNull();
    expect(noticed(chain)).toEqual([2]);
    expect(create(chain, bob)).toBe('SUBNETS_FULL');
    chain.advance(4);
    expect(create(chain, bob)).toBeNull();
    expect(noticed(chain)).toEqual([2, 1]);
  });

  it('is refused when it comes too late, and to who cannot pay', () => {
    const chain = aLifecycle(people, {
      parameters: { subnetLimit: 1n, subnetLockMin: 60_000n * CAIRN },
    });
    chain.advance(3);
    expect(create(chain, alice)).toBeNull();
    const poor = aKey(60);
    expect(chain.send(bob, 'accounts.transfer', { to: poor.account, amount: 20n * CAIRN })).toBeNull();
    expect(match(chain, poor, 1)).toBe('BALANCE_TOO_LOW');
    chain.advance(3);
    expect(match(chain, bob, 1)).toBe('SUBNET_DISSOLVED');
    expect(brokenInvariants(chain)).toEqual([]);
  });
});
