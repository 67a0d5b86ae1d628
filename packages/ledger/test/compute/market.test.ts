import { bytesToHex } from '@cairn/core';
import { beforeEach, describe, expect, it } from 'vitest';
import { accounts, type BidTerms, type DeploymentSpec, MAX_BIDS } from '../../src/index.ts';
import { aChain, aKey, CAIRN, type TestChain } from '../support/chain.ts';
import {
  aComputeChain,
  anOrderCall,
  aSpec,
  deploymentOf,
  nextOrder,
  placeOrder,
  provider,
  rival,
  someBid,
  tenant,
} from '../support/compute.ts';
import { brokenInvariants } from '../support/invariants.ts';

let chain: TestChain;
beforeEach(() => {
  chain = aComputeChain();
});

const records = (key = tenant) => accounts.get(chain.view, key.account)!.records;
const publish = (change: Partial<DeploymentSpec> = {}, from = tenant) =>
  chain.send(from, 'compute.publish', { spec: aSpec(change) });
const bid = (order: Uint8Array, change: Partial<BidTerms> = {}, from = provider) =>
  chain.send(from, 'compute.bid', { order, terms: someBid(change) });

describe('compute.publish', () => {
  it('lists the deployment by id and by name, against a deposit', () => {
    expect(publish()).toBe(null);
    const id = bytesToHex(deploymentOf(tenant));
    const params = { owner: '', name: 'resize' };
    const [listed] = chain.query('compute_deployments', { after: null, limit: 0 });
    params.owner = listed.owner;
    expect(listed).toMatchObject({ id, spec: { name: 'resize', kind: 'javascript' } });
    expect(chain.query('compute_deploymentByName', params)).toMatchObject({ id });
    expect(records()).toBe(1);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it.each<[string, Partial<DeploymentSpec>]>([
    ['a name that is none', { name: 'No Name' }],
    ['a name that ends with a dash', { name: 'x-' }],
    ['no code', { codeBytes: 0n }],
    ['no instances', { maxInstances: 0 }],
    ['more instances at least than at most', { minInstances: 5 }],
    ['a function with a GPU', { resources: { cpuMilli: 1, memoryMib: 1, timeMs: 1, gpus: 1 } }],
    ['no memory', { resources: { cpuMilli: 1, memoryMib: 0, timeMs: 1, gpus: 0 } }],
    ['no time', { resources: { cpuMilli: 1, memoryMib: 1, timeMs: 0, gpus: 0 } }],
    ['no processor', { resources: { cpuMilli: 0, memoryMib: 1, timeMs: 1, gpus: 0 } }],
  ])('refuses %s', (_, change) => {
    expect(publish(change)).toBe('DEPLOYMENT_INVALID');
  });

  it('refuses a second one of the same name, from the same owner', () => {
    publish();
    expect(publish({ code: new Uint8Array(32).fill(8) })).toBe('NAME_TAKEN');
    expect(publish({}, rival)).toBe(null);
  });
});

describe('compute.retire', () => {
  it('gives the deposit and the name back', () => {
    publish();
    const deployment = deploymentOf(tenant);
    expect(chain.send(rival, 'compute.retire', { deployment })).toBe('NOT_OWNER');
    expect(chain.send(tenant, 'compute.retire', { deployment })).toBe(null);
    expect(chain.send(tenant, 'compute.retire', { deployment })).toBe('DEPLOYMENT_UNKNOWN');
    expect(records()).toBe(0);
    expect(publish()).toBe(null);
  });

  it('waits for the orders that refer to it', () => {
    const order = placeOrder(chain);
    const deployment = deploymentOf(tenant);
    expect(chain.send(tenant, 'compute.retire', { deployment })).toBe('DEPLOYMENT_IN_USE');
    chain.send(tenant, 'compute.cancelOrder', { order });
    expect(chain.send(tenant, 'compute.retire', { deployment })).toBe(null);
  });
});

describe('compute.order and compute.bid', () => {
  it('gather bids, whose bonds are held', () => {
    const order = placeOrder(chain);
    const before = chain.supply().escrowed;
    expect(bid(order)).toBe(null);
    expect(bid(order, { perSlot: 0n }, rival)).toBe(null);
    expect(chain.supply().escrowed - before).toBeGreaterThan(20n * CAIRN);
    const shown = chain.query('compute_order', { order: bytesToHex(order) });
    expect(shown.bids.map(({ terms }: { terms: { perSlot: string } }) => terms.perSlot).sort()).toEqual([
      '0',
      CAIRN.toString(),
    ]);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it.each<[string, Partial<BidTerms>, string]>([
    ['a price above the most', { perSlot: 3n * CAIRN }, 'BID_TOO_HIGH'],
    ['a bond below the least', { bond: 1n }, 'BOND_TOO_LOW'],
    ['a notice below the least', { reclaimSlots: 2 }, 'NOTICE_OUT_OF_RANGE'],
    ['a notice of years', { reclaimSlots: 4_000_000 }, 'NOTICE_OUT_OF_RANGE'],
    ['no peer', { peer: '' }, 'PEER_MISSING'],
    ['a bond that is not there', { bond: 10_000_000n * CAIRN }, 'BALANCE_TOO_LOW'],
  ])('refuse %s', (_, change, code) => {
    expect(bid(placeOrder(chain), change)).toBe(code);
    expect(records(provider)).toBe(0);
  });

  it('refuse a second bid, one of the tenant, one too late and one on nothing', () => {
    const order = placeOrder(chain);
    expect(bid(order)).toBe(null);
    expect(bid(order)).toBe('BID_EXISTS');
    expect(bid(order, {}, tenant)).toBe('PROVIDER_IS_TENANT');
    expect(bid(new Uint8Array(32))).toBe('ORDER_UNKNOWN');
    chain.block([], 10);
    for (let block = 0; block < 12; block += 1) chain.block([], 10);
    expect(bid(order, {}, rival)).toBe('ORDER_EXPIRED');
  });

  it('take no more bids than they may', () => {
    const many = Array.from({ length: MAX_BIDS + 1 }, (_, n) => aKey(10 + n));
    chain = aChain({ funded: [tenant, ...many] });
    const order = placeOrder(chain);
    expect(many.map((from) => bid(order, {}, from))).toEqual([...Array(MAX_BIDS).fill(null), 'BIDS_FULL']);
    expect(chain.send(tenant, 'compute.cancelOrder', { order })).toBe(null);
    expect(brokenInvariants(chain)).toEqual([]);
    expect(many.map(records)).toEqual(Array(MAX_BIDS + 1).fill(0));
  });

  it('refuse an order for a deployment of another, in the past, or with a notice of years', () => {
    publish();
    const place = (change: object, from = tenant) =>
      chain.send(from, 'compute.order', { ...(anOrderCall(chain).message as object), ...change });
    expect(place({}, rival)).toBe('NOT_OWNER');
    expect(place({ deployment: new Uint8Array(32) })).toBe('DEPLOYMENT_UNKNOWN');
    expect(place({ expirySlot: 1n })).toBe('ORDER_EXPIRED');
    expect(place({ minReclaimSlots: 4_000_000 })).toBe('NOTICE_TOO_LONG');
  });

  it('give a withdrawn bid its bond back', () => {
    const order = placeOrder(chain);
    expect(chain.send(provider, 'compute.withdrawBid', { order })).toBe('BID_UNKNOWN');
    bid(order);
    expect(chain.send(provider, 'compute.withdrawBid', { order })).toBe(null);
    expect(records(provider)).toBe(0);
    expect(bid(order)).toBe(null);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('let anyone clear an order away once it expired, and only then', () => {
    const order = placeOrder(chain, { expirySlot: 6n });
    expect(bid(order)).toBe(null);
    expect(chain.send(rival, 'compute.cancelOrder', { order })).toBe('NOT_TENANT');
    chain.block([], 5);
    const accept = { order, provider: provider.account, funds: 10n * CAIRN };
    expect(chain.send(tenant, 'compute.accept', accept)).toBe('ORDER_EXPIRED');
    expect(chain.send(rival, 'compute.cancelOrder', { order })).toBe(null);
    expect(records(provider)).toBe(0);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('have ids that differ from order to order', () => {
    const order = placeOrder(chain);
    expect(bytesToHex(nextOrder(chain))).not.toBe(bytesToHex(order));
  });
});
