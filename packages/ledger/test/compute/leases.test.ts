import { bytesToHex } from '@cairn/core';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { accounts, type BlockOutcome, dueCell, leases } from '../../src/index.ts';
import { CAIRN, type Call, type TestChain } from '../support/chain.ts';
import {
  aComputeChain,
  aSpec,
  openLease,
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

const leaseOf = (lease: Uint8Array) => leases.get(chain.view, bytesToHex(lease));
const records = (key = provider) => accounts.get(chain.view, key.account)!.records;
const closings = (outcomes: readonly BlockOutcome[]) =>
  outcomes
    .flatMap(({ events, results }) => [...events, ...results.flatMap((result) => result.events)])
    .filter(({ name }) => name === 'compute.leaseClosed')
    .map(({ data }) => data);

describe('a lease', () => {
  it('takes the one bid and returns the others', () => {
    const order = placeOrder(chain);
    for (const from of [provider, rival]) chain.send(from, 'compute.bid', { order, terms: someBid() });
    const accept = { order, provider: provider.account, funds: 50n * CAIRN };
    expect(chain.send(rival, 'compute.accept', accept)).toBe('NOT_TENANT');
    expect(chain.send(tenant, 'compute.accept', { ...accept, provider: tenant.account })).toBe('BID_UNKNOWN');
    expect(chain.send(tenant, 'compute.accept', { ...accept, funds: 1n })).toBe('FUNDS_TOO_LOW');
    expect(chain.send(tenant, 'compute.accept', accept)).toBe(null);
    expect(records(rival)).toBe(0);
    expect(leaseOf(order)).toMatchObject({ funds: 50n * CAIRN, reclaimSlot: 0n });
    expect(chain.send(tenant, 'compute.accept', accept)).toBe('ORDER_UNKNOWN');
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('is settled by itself every few slots', () => {
    const lease = openLease(chain);
    const before = chain.spendable(provider);
    chain.advance(9);
    expect(chain.spendable(provider)).toBe(before);
    chain.advance(1);
    expect(chain.spendable(provider) - before).toBe(10n * CAIRN);
    expect(leaseOf(lease)).toMatchObject({ funds: 90n * CAIRN });
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('ends in the very slot in which its funds do, and says so', () => {
    const lease = openLease(chain, { funds: 7n * CAIRN + 1n });
    const before = chain.spendable(provider);
    expect(closings(chain.advance(6))).toEqual([]);
    expect(closings(chain.advance(1))).toMatchObject([
      { lease: bytesToHex(lease), reason: 'fundsEnded', refund: '1', bondTo: 'provider' },
    ]);
    expect(chain.spendable(provider) - before).toBeGreaterThanOrEqual(17n * CAIRN);
    expect([leaseOf(lease), records(), dueCell.get(chain.view).running]).toEqual([undefined, 0, 0]);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('runs longer with a top-up, from anybody', () => {
    const lease = openLease(chain, { funds: 3n * CAIRN });
    expect(chain.send(rival, 'compute.topUp', { lease, amount: 0n })).toBe('AMOUNT_ZERO');
    expect(chain.send(rival, 'compute.topUp', { lease, amount: 4n * CAIRN })).toBe(null);
    expect(closings(chain.advance(4))).toEqual([]);
    expect(closings(chain.advance(1))).toMatchObject([{ reason: 'fundsEnded' }]);
    expect(chain.send(rival, 'compute.topUp', { lease, amount: CAIRN })).toBe('LEASE_UNKNOWN');
  });

  it('is closed by its tenant at any time, for the slots that are over', () => {
    const lease = openLease(chain);
    const [had, has] = [chain.spendable(provider), chain.spendable(tenant)];
    chain.advance(3);
    expect(chain.send(rival, 'compute.close', { lease })).toBe('NOT_TENANT');
    const closed = chain.block([{ from: tenant, name: 'compute.close', message: { lease } }]);
    expect(closings([closed])).toMatchObject([{ reason: 'tenantClosed', refund: (95n * CAIRN).toString() }]);
    expect(chain.spendable(provider) - had).toBeGreaterThanOrEqual(15n * CAIRN);
    expect(chain.spendable(tenant)).toBeGreaterThan(has + 94n * CAIRN);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('is reclaimed by its provider only after the notice of its bid', () => {
    const lease = openLease(chain);
    expect(chain.send(rival, 'compute.announceReclaim', { lease })).toBe('NOT_PROVIDER');
    expect(chain.send(provider, 'compute.announceReclaim', { lease })).toBe(null);
    expect(chain.send(provider, 'compute.announceReclaim', { lease })).toBe('NOTICE_GIVEN');
    expect(closings(chain.advance(3))).toEqual([]);
    expect(closings(chain.advance(1))).toMatchObject([{ reason: 'reclaimed', bondTo: 'provider' }]);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('costs its provider the bond when it leaves without notice', () => {
    const lease = openLease(chain);
    const before = chain.spendable(tenant);
    expect(chain.send(rival, 'compute.abandon', { lease })).toBe('NOT_PROVIDER');
    const left = chain.block([{ from: provider, name: 'compute.abandon', message: { lease } }]);
    expect(closings([left])).toMatchObject([{ reason: 'abandoned', bondTo: 'tenant' }]);
    expect(chain.spendable(tenant) - before).toBeGreaterThanOrEqual(108n * CAIRN);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('pays no slot beyond its notice, however late the block comes', () => {
    const lease = openLease(chain, { terms: someBid({ reclaimSlots: 3 }) });
    chain.send(provider, 'compute.announceReclaim', { lease });
    const before = chain.spendable(provider);
    expect(closings([chain.block([], 10)])).toMatchObject([{ reason: 'reclaimed' }]);
    const deposits = chain.spendable(provider) - before - 10n * CAIRN - 3n * CAIRN;
    expect(deposits).toBeGreaterThan(0n);
    expect(deposits).toBeLessThan(CAIRN);
  });

  it('is settled in a later block when one has no room for it, and loses nothing', () => {
    chain = aComputeChain({ leasesSettledPerBlock: 1n, leaseSettleSlots: 4n });
    const first = openLease(chain);
    const second = openLease(chain, { spec: aSpec({ name: 'second' }) });
    chain.advance(12);
    expect(brokenInvariants(chain)).toEqual([]);
    const settled = [first, second].map((lease) => leaseOf(lease)!);
    for (const { settledSlot, funds, openedSlot } of settled) {
      expect(funds).toBe(100n * CAIRN - (settledSlot - openedSlot) * CAIRN);
      expect(BigInt(chain.height()) - settledSlot).toBeLessThanOrEqual(8n);
    }
  });
});

describe('leases, whatever is done with them', () => {
  it('keep every pebble where the flow table says, and never run without funds', () => {
    const step = fc.record({
      what: fc.constantFrom('topUp', 'close', 'announceReclaim', 'abandon', 'order', 'bid', 'accept', 'wait'),
      slots: fc.integer({ min: 1, max: 10 }),
      amount: fc.bigInt({ min: 0n, max: 20n * CAIRN }),
    });
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 12 }),
        fc.bigInt({ min: 0n, max: 2n * CAIRN }),
        (steps, perSlot) => {
          chain = aComputeChain({ leaseSettleSlots: 5n });
          const lease = openLease(chain, { funds: 20n * CAIRN, terms: someBid({ perSlot }) });
          for (const { what, slots, amount } of steps) {
            const from = what === 'topUp' || what === 'close' ? tenant : provider;
            const call: Call = { from, name: `compute.${what}`, message: { lease, amount } };
            const isLeaseCall = ['topUp', 'close', 'announceReclaim', 'abandon'].includes(what);
            chain.block(isLeaseCall ? [call] : [], slots);
            expect(brokenInvariants(chain)).toEqual([]);
            const running = leaseOf(lease);
            if (running !== undefined) expect(running.funds).toBeGreaterThanOrEqual(running.terms.perSlot);
          }
        },
      ),
      { numRuns: 40 },
    );
  });
});
