import { accountIdToAddress } from '@cairn/core';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { accounts, contributions, funds, subnets } from '../../src/index.ts';
import { aChain, aKey, CAIRN, type TestChain, type TestKey } from '../support/chain.ts';
import { brokenInvariants } from '../support/invariants.ts';

const [creator, owner, alice, bob, carol] = [aKey(1), aKey(2), aKey(3), aKey(4), aKey(5)];
const people = [creator, owner, alice, bob, carol] as const;
const LENGTH = 20n;
const GRACE = 5n;
const GOAL = 100n * CAIRN;

const aFundChain = (parameters: Record<string, bigint> = {}) =>
  aChain({
    funded: people,
    parameters: {
      subnetLockMin: 10n * CAIRN,
      crowdfundMinSlots: 5n,
      crowdfundMaxSlots: 50n,
      crowdfundFinaliseSlots: GRACE,
      ...parameters,
    },
  });
let chain: TestChain;

const aFund = (change: object = {}) => ({
  name: 'ours',
  owner: owner.account,
  goal: GOAL,
  minContribution: CAIRN,
  endSlot: LENGTH,
  ...change,
});
const send = (from: TestKey, name: string, message: unknown) =>
  chain.send(from, `crowdfunding.${name}`, message);
const give = (from: TestKey, amount: bigint) => send(from, 'contribute', { fund: 1, amount });
const leave = (from: TestKey, isForgone = false) => send(from, 'withdraw', { fund: 1, isForgone });
const finalise = (from: TestKey = carol) => send(from, 'finalise', { fund: 1 });
const refund = (limit = 50) => send(carol, 'refund', { fund: 1, limit });
const held = () => funds.get(chain.view, 1);
/** What somebody has, fees of this one block not counted. */
const moneyOf = (key: TestKey) => chain.spendable(key);

beforeEach(() => {
  chain = aFundChain();
  expect(send(creator, 'open', aFund())).toBe(null);
});

describe('a fund when all places for subnets are taken', () => {
  it('is refused clearly and keeps every pebble, until a place is free', () => {
    chain = aFundChain({ subnetLimit: 1n, networkImmunitySlots: 1n, dissolutionNoticeSlots: 2n });
    expect(send(creator, 'open', aFund())).toBe(null);
    expect(give(alice, GOAL)).toBe(null);
    expect(chain.send(bob, 'subnets.create', { name: 'first', lockLimit: GOAL })).toBe(null);
    chain.advance(3);
    const before = chain.supply();
    expect(finalise()).toBe('SUBNETS_FULL');
    expect(chain.query('subnets_notices', {})).toEqual([]);
    expect(chain.supply().escrowed).toBe(before.escrowed);
    expect(chain.send(bob, 'subnets.dissolve', { netuid: 1 })).toBe(null);
    chain.advance(3);
    expect(finalise()).toBe(null);
    expect(held()?.netuid).toBe(2);
    expect(brokenInvariants(chain)).toEqual([]);
  });
});

describe('crowdfunding.open', () => {
  it.each([
    ['a subnet without a name', { name: ' ' }, 'NAME_EMPTY'],
    ['a goal of nothing', { goal: 0n }, 'AMOUNT_ZERO'],
    [
      'contributions so small that places run out',
      { minContribution: GOAL / 500n - 1n },
      'MIN_CONTRIBUTION_UNFIT',
    ],
    ['contributions above the goal', { minContribution: GOAL + 1n }, 'MIN_CONTRIBUTION_UNFIT'],
    ['an end too soon', { endSlot: 5n }, 'END_SLOT_UNFIT'],
    ['an end too late', { endSlot: 60n }, 'END_SLOT_UNFIT'],
  ])('refuses %s', (_, change, code) => {
    expect(send(creator, 'open', aFund(change))).toBe(code);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('is listed', () => {
    send(alice, 'open', aFund({ name: 'theirs' }));
    const names = (params: object) =>
      chain.query('crowdfunding_list', params).map(({ name }: { name: string }) => name);
    expect(names({})).toEqual(['ours', 'theirs']);
    expect(names({ after: 1 })).toEqual(['theirs']);
    expect(chain.query('crowdfunding_get', { fund: 3 })).toBe(null);
  });
});

describe('crowdfunding.contribute', () => {
  it('takes at most what the goal lacks, and the last even below the minimum', () => {
    expect(give(alice, CAIRN - 1n)).toBe('CONTRIBUTION_TOO_SMALL');
    expect(give(alice, GOAL - 5n)).toBe(null);
    expect(give(bob, 4n)).toBe('CONTRIBUTION_TOO_SMALL');
    expect(give(bob, GOAL)).toBe(null);
    expect(contributions.get(chain.view, 1, bob.account)?.amount).toBe(5n);
    expect(give(carol, CAIRN)).toBe('CROWDFUND_FULL');
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('adds to what somebody gave before, in one place', () => {
    give(alice, CAIRN);
    give(bob, CAIRN);
    give(alice, 2n * CAIRN);
    const listed = chain.query('crowdfunding_contributions', { fund: 1 });
    expect(listed).toMatchObject([
      { contributor: accountIdToAddress(alice.account), amount: (3n * CAIRN).toString(), place: 0 },
      { contributor: accountIdToAddress(bob.account), amount: CAIRN.toString(), place: 1 },
    ]);
    expect(held()).toMatchObject({ raised: 4n * CAIRN, contributors: 2 });
  });

  it('is refused after the end and for no fund', () => {
    chain.advance(Number(LENGTH) - 2);
    expect(give(alice, CAIRN)).toBe(null);
    expect(give(alice, CAIRN)).toBe('CROWDFUND_ENDED');
    expect(send(alice, 'contribute', { fund: 9, amount: CAIRN })).toBe('CROWDFUND_UNKNOWN');
  });
});

describe('a fund that reaches its goal', () => {
  it('creates the subnet of its owner, who is neither richer nor poorer', () => {
    give(alice, 60n * CAIRN);
    expect(finalise()).toBe('CROWDFUND_SHORT');
    give(bob, 40n * CAIRN);
    expect(leave(alice)).toBe('CROWDFUND_BOUND');
    expect(refund()).toBe('CROWDFUND_OPEN');
    const before = moneyOf(owner);
    expect(finalise()).toBe(null);
    expect(moneyOf(owner)).toBe(before);
    const { locked, deposit } = subnets.get(chain.view, 1)!;
    expect(subnets.get(chain.view, 1)).toMatchObject({ name: 'ours', owner: owner.account });
    expect(held()).toMatchObject({ netuid: 1, surplus: GOAL - locked - deposit, unpaid: GOAL });
    expect(finalise()).toBe('CROWDFUND_FINALISED');
    expect(give(carol, CAIRN)).toBe('CROWDFUND_FINALISED');
    chain.advance(40);
    expect(refund()).toBe('CROWDFUND_FINALISED');
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('gives what the subnet did not cost back in proportion, to the last pebble, and records the shares', () => {
    give(alice, 33n * CAIRN);
    give(bob, 33n * CAIRN + 1n);
    give(carol, GOAL);
    finalise();
    const { surplus } = held()!;
    let sum = 0n;
    for (const [key, amount] of [
      [bob, 33n * CAIRN + 1n],
      [alice, 33n * CAIRN],
      [carol, 34n * CAIRN - 1n],
    ] as const) {
      const outcome = chain.block([
        { from: key, name: 'crowdfunding.withdraw', message: { fund: 1, isForgone: false } },
      ]);
      const paid = BigInt(outcome.results[0]!.events[0]!.data.amount as string);
      const fair = (surplus * amount) / GOAL;
      expect(paid - fair >= 0n && paid - fair <= 2n, `${paid} for ${fair}`).toBe(true);
      sum += paid;
      expect(leave(key)).toBe('SURPLUS_PAID');
    }
    expect(sum).toBe(surplus);
    expect(contributions.get(chain.view, 1, alice.account)).toMatchObject({
      amount: 33n * CAIRN,
      isPaid: true,
    });
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('lets contributors give up the record of their share, and closes with the last', () => {
    give(alice, 60n * CAIRN);
    give(bob, 40n * CAIRN);
    finalise();
    expect(leave(alice)).toBe(null);
    expect(leave(alice, true)).toBe(null);
    expect(leave(alice, true)).toBe('NOT_CONTRIBUTOR');
    expect(leave(bob, true)).toBe(null);
    expect(held()).toBe(undefined);
    for (const key of [alice, bob, creator]) expect(accounts.get(chain.view, key.account)!.records).toBe(0);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('takes nothing from an owner with money of its own when the subnet costs more', () => {
    chain = aFundChain({ subnetLockMin: GOAL });
    send(creator, 'open', aFund());
    give(alice, GOAL);
    const before = moneyOf(owner);
    expect(finalise()).toBe('CROWDFUND_TOO_LITTLE');
    expect(moneyOf(owner)).toBe(before);
    expect(subnets.get(chain.view, 1)).toBe(undefined);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('opens the account of an owner that has none', () => {
    send(creator, 'open', aFund({ owner: aKey(77).account }));
    send(alice, 'contribute', { fund: 2, amount: GOAL });
    expect(send(carol, 'finalise', { fund: 2 })).toBe(null);
    expect(chain.spendable(aKey(77))).toBe(0n);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('is given back when no subnet came of it in time', () => {
    chain = aFundChain({ subnetLockMin: 2n * GOAL });
    send(creator, 'open', aFund());
    give(alice, GOAL);
    expect(finalise()).toBe('LOCK_LIMIT_EXCEEDED');
    chain.advance(Number(LENGTH + GRACE));
    expect(refund()).toBe(null);
    expect(held()).toBe(undefined);
    expect(brokenInvariants(chain)).toEqual([]);
  });
});

describe('a fund that misses its goal', () => {
  it('gives everything back exactly, by anybody, in batches, and closes', () => {
    const before = [alice, bob].map(moneyOf);
    const fees = [give, give].map((_, i) => {
      const from = [alice, bob][i]!;
      return chain.block([
        { from, name: 'crowdfunding.contribute', message: { fund: 1, amount: BigInt(i + 1) * CAIRN } },
      ]).results[0]!.fee;
    });
    expect(refund()).toBe('CROWDFUND_OPEN');
    chain.advance(Number(LENGTH));
    expect(refund(0)).toBe('REFUND_LIMIT_UNFIT');
    expect(refund(51)).toBe('REFUND_LIMIT_UNFIT');
    expect(refund(1)).toBe(null);
    expect(held()!.contributors).toBe(1);
    expect(finalise()).toBe('CROWDFUND_SHORT');
    expect(refund(1)).toBe(null);
    expect(refund(1)).toBe('CROWDFUND_UNKNOWN');
    expect([alice, bob].map(moneyOf)).toEqual(before.map((amount, i) => amount - fees[i]!));
    expect(accounts.get(chain.view, creator.account)!.records).toBe(0);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('lets each leave before the end and join again, in whatever order', () => {
    for (const key of [alice, bob, carol]) give(key, CAIRN);
    expect(leave(alice)).toBe(null);
    expect(leave(alice)).toBe('NOT_CONTRIBUTOR');
    expect(contributions.get(chain.view, 1, carol.account)!.place).toBe(0);
    expect(give(alice, CAIRN)).toBe(null);
    expect(leave(bob)).toBe(null);
    expect(leave(carol)).toBe(null);
    expect(leave(alice)).toBe(null);
    expect(held()).toMatchObject({ raised: 0n, contributors: 0 });
    chain.advance(Number(LENGTH));
    expect(refund()).toBe(null);
    expect(held()).toBe(undefined);
    expect(brokenInvariants(chain)).toEqual([]);
  });
});

describe('the money of funds', () => {
  it('is conserved through any order of contributing, leaving, finalising and refunding', () => {
    const who = fc.nat(people.length - 1);
    const step = fc.oneof(
      {
        weight: 6,
        arbitrary: fc.record({
          kind: fc.constant('contribute' as const),
          who,
          fund: fc.integer({ min: 1, max: 2 }),
          amount: fc.bigInt(0n, 60n * CAIRN),
        }),
      },
      {
        weight: 3,
        arbitrary: fc.record({
          kind: fc.constant('withdraw' as const),
          who,
          fund: fc.integer({ min: 1, max: 2 }),
          isForgone: fc.boolean(),
        }),
      },
      {
        weight: 2,
        arbitrary: fc.record({
          kind: fc.constant('finalise' as const),
          who,
          fund: fc.integer({ min: 1, max: 2 }),
        }),
      },
      {
        weight: 2,
        arbitrary: fc.record({
          kind: fc.constant('refund' as const),
          who,
          fund: fc.integer({ min: 1, max: 2 }),
          limit: fc.integer({ min: 1, max: 3 }),
        }),
      },
      {
        weight: 2,
        arbitrary: fc.record({ kind: fc.constant('wait' as const), slots: fc.integer({ min: 1, max: 6 }) }),
      },
    );
    const seen = { finalised: 0, closed: 0 };
    fc.assert(
      fc.property(fc.array(step, { minLength: 15, maxLength: 50 }), (steps) => {
        chain = aFundChain();
        send(creator, 'open', aFund());
        send(alice, 'open', aFund({ goal: 30n * CAIRN, owner: aKey(77).account, endSlot: 12n }));
        for (const action of steps) {
          if (action.kind === 'wait') chain.block([], action.slots);
          else {
            const { kind, who: person, ...message } = action;
            const { results } = chain.block([
              { from: people[person]!, name: `crowdfunding.${kind}`, message },
            ]);
            for (const { name } of results[0]!.events) {
              if (name === 'crowdfunding.finalised') seen.finalised += 1;
              if (name === 'crowdfunding.closed') seen.closed += 1;
            }
          }
          expect(brokenInvariants(chain)).toEqual([]);
        }
        // In the end everybody gets out: nothing of a fund stays behind.
        for (let n = 0; n < 8; n += 1) chain.block([], 10);
        for (const fund of [1, 2]) {
          chain.send(carol, 'crowdfunding.refund', { fund, limit: 50 });
          for (const key of people) chain.send(key, 'crowdfunding.withdraw', { fund, isForgone: true });
          expect(funds.get(chain.view, fund)).toBe(undefined);
        }
        expect(brokenInvariants(chain)).toEqual([]);
      }),
      { numRuns: 30 },
    );
    expect(seen.finalised > 0 && seen.closed > 0).toBe(true);
  });
});
