import { bytesToHex } from '@cairn/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BlockOutcome } from '../src/index.ts';
import { CAIRN, type Call } from './support/chain.ts';
import { brokenInvariants } from './support/invariants.ts';
import { aMarket, aPerson, attestCall, commitmentOf, saltOf } from './support/market.ts';

const PEOPLE = 6;
const who = fc.nat(PEOPLE - 1);
const amount = fc.oneof(
  fc.bigInt({ min: 0n, max: 200_000n * CAIRN }),
  fc.bigInt({ min: 0n, max: 5_000_000n }),
);
const netuid = fc.integer({ min: 1, max: 3 });

const step = fc.oneof(
  { weight: 10, arbitrary: fc.record({ kind: fc.constant('stake' as const), who, at: who, amount }) },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('unstake' as const), who, at: who, amount: fc.option(amount) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('move' as const),
      who,
      at: who,
      onto: who,
      on: fc.nat(1),
      amount: fc.option(amount),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('giveStake' as const),
      who,
      at: who,
      onto: who,
      on: fc.nat(1),
      amount: fc.option(amount),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('stakeTokens' as const), who, at: who, amount }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('release' as const), who }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('children' as const),
      who,
      netuid: fc.integer({ min: 1, max: 2 }),
      lent: fc.uniqueArray(fc.record({ child: who, proportion: fc.bigInt({ min: 0n, max: 1n << 63n }) }), {
        maxLength: 3,
        selector: ({ child }) => child,
      }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('autoStake' as const), who, at: fc.option(who) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('rootClaim' as const),
      who,
      at: who,
      claim: fc.constantFrom('keep' as const, 'keep' as const, 'swap' as const),
      amount: fc.option(amount),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('claimRoot' as const), who, at: who }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('childTake' as const), who, bps: fc.nat(2_000) }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('take' as const), who, at: who, bps: fc.nat(2_000) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('create' as const), who, amount }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('register' as const), who, at: who, netuid, amount }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('commit' as const), who, netuid, salt: fc.nat(3) }) },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('weights' as const),
      who,
      netuid,
      salt: fc.nat(3),
      row: fc.uniqueArray(fc.nat(7), { maxLength: 6 }),
      value: fc.nat(65_535),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('attest' as const),
      who,
      netuid,
      uids: fc.uniqueArray(fc.nat(5), { maxLength: 2 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('tempo' as const), who, netuid, value: fc.bigInt(1n, 60n) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('transfer' as const), who, at: who, amount }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('close' as const), who, at: who }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('dissociate' as const), who, at: who }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('wait' as const), slots: fc.nat(25) }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

const people = Array.from({ length: PEOPLE }, (_, number) => aPerson(number));

function callOf(action: Exclude<Step, { kind: 'wait' }>): Call {
  const person = people[action.who]!;
  const at = 'at' in action ? people[action.at ?? 0]! : person;
  const hotkey = at.hotkey.account;
  const from = person.coldkey;
  switch (action.kind) {
    case 'stake':
      return { from, name: 'staking.stake', message: { hotkey, amount: action.amount } };
    case 'unstake':
      return { from, name: 'staking.unstake', message: { hotkey, amount: action.amount } };
    case 'move': {
      const to = people[action.onto]!.hotkey.account;
      const message = { netuid: action.on, from: hotkey, to, amount: action.amount };
      return { from, name: 'staking.moveStake', message };
    }
    case 'giveStake': {
      const to = people[action.onto]!.coldkey.account;
      const message = { netuid: action.on, hotkey, to, amount: action.amount };
      return { from, name: 'staking.transferStake', message };
    }
    case 'stakeTokens':
      return { from, name: 'staking.stakeTokens', message: { netuid: 1, hotkey, amount: action.amount } };
    case 'children': {
      const children = action.lent.map(({ child, proportion }) => ({
        hotkey: people[child]!.hotkey.account,
        proportion,
      }));
      return { from, name: 'staking.setChildren', message: { netuid: action.netuid, hotkey, children } };
    }
    case 'autoStake': {
      const chosen = action.at === null ? null : hotkey;
      return { from, name: 'staking.setAutoStake', message: { netuid: 1, hotkey: chosen } };
    }
    case 'rootClaim': {
      const message = { hotkey, kind: action.claim, amount: action.amount };
      return { from, name: 'staking.setRootClaim', message };
    }
    case 'claimRoot':
      return { from, name: 'staking.claimRoot', message: { hotkey, netuid: 1 } };
    case 'childTake':
      return { from, name: 'staking.setChildTake', message: { netuid: 1, hotkey, takeBps: action.bps } };
    case 'release':
      return { from, name: 'staking.release', message: { coldkey: from.account } };
    case 'take':
      return { from, name: 'staking.setTake', message: { hotkey, takeBps: action.bps } };
    case 'create':
      return { from, name: 'subnets.create', message: { name: 'another', lockLimit: action.amount } };
    case 'register':
      return {
        from: at.coldkey,
        name: 'subnets.registerNeuron',
        message: { netuid: action.netuid, hotkey, burnLimit: action.amount },
      };
    case 'commit':
      return {
        from: person.hotkey,
        name: 'yuma.commitSalt',
        message: { netuid: action.netuid, commitments: [commitmentOf(person, action.salt)] },
      };
    case 'weights':
      return {
        from: person.hotkey,
        name: 'yuma.setWeights',
        message: {
          netuid: action.netuid,
          uids: [...action.row].sort((a, b) => a - b),
          values: action.row.map((uid) => (action.value * (uid + 1)) % 65_536),
          version: 0,
          evidenceRoot: new Uint8Array(32),
          salt: saltOf(person, action.salt),
          nextSaltCommitment: commitmentOf(person, (action.salt + 1) % 4),
        },
      };
    case 'attest':
      return attestCall(
        person,
        [...action.uids].sort((a, b) => a - b),
        action.netuid,
      );
    case 'tempo':
      return {
        from: aPerson(100).coldkey,
        name: 'subnets.setHyperparameters',
        message: { netuid: action.netuid, changes: [{ name: 'tempo', value: action.value }] },
      };
    case 'transfer':
      return { from, name: 'accounts.transfer', message: { to: at.coldkey.account, amount: action.amount } };
    case 'close':
      return { from, name: 'accounts.close', message: { beneficiary: at.coldkey.account } };
    case 'dissociate':
      return { from, name: 'staking.dissociateHotkey', message: { hotkey } };
  }
}

const written = ({ changes }: BlockOutcome) =>
  new Map(changes.map(({ key, value }) => [key, value === null ? 'gone' : bytesToHex(value)]));

/** Keys that two outcomes of the same block leave different. */
function differences(a: BlockOutcome, b: BlockOutcome): string[] {
  const [one, other] = [written(a), written(b)];
  return [...new Set([...one.keys(), ...other.keys()])].filter((key) => one.get(key) !== other.get(key));
}

function sumOf(outcome: BlockOutcome, name: string, kind?: string): bigint {
  const events = [...outcome.events, ...outcome.results.flatMap((result) => result.events)];
  return events
    .filter((event) => event.name === name && (kind === undefined || event.data.kind === kind))
    .reduce((sum, { data }) => sum + BigInt(data.amount as string), 0n);
}

describe('a random history of valid and invalid transactions', () => {
  it('keeps all money accounted for, and a refused transaction changes its sender only', async () => {
    let done = 0;
    let refused = 0;
    let epochs = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 30, maxLength: 90 }), async (steps) => {
        const { chain } = await aMarket({
          validators: 2,
          miners: 4,
          parameters: {
            defaultTempo: 12n,
            defaultImmunitySlots: 5n,
            takeRaiseSlots: 20n,
            subnetLockMin: CAIRN,
            unbondingSlots: 15n,
            childrenDelaySlots: 10n,
            childrenRateLimitSlots: 2n,
          },
        });
        let paidIn = 2_000n * CAIRN;
        let paidOut = 0n;
        for (const [index, action] of steps.entries()) {
          const calls = action.kind === 'wait' ? [] : [callOf(action)];
          const slots = action.kind === 'wait' ? action.slots : 1;
          const idle = chain.preview([], slots);
          const outcome = chain.block(calls, slots);
          const result = outcome.results[0];
          if (result?.ok === false) {
            refused += 1;
            const account = `accounts/account/${bytesToHex(calls[0]!.from.account)}`;
            const touched = differences(idle, outcome).filter(
              (key) => key !== account && key !== 'flows/supply/-',
            );
            expect(touched, `${index} ${action.kind} ${result.problem?.code}`).toEqual([]);
            expect(result.events).toEqual([]);
          } else if (result?.ok) done += 1;
          epochs += outcome.events.filter(({ name }) => name === 'yuma.epochRan').length;
          paidIn += sumOf(outcome, 'staking.staked') + sumOf(outcome, 'pools.rootPaid');
          paidOut += sumOf(outcome, 'staking.unstaked');
          expect(brokenInvariants(chain), `${index} ${action.kind}`).toEqual([]);
          expect(paidIn - paidOut, `${index} ${action.kind}`).toBe(chain.supply().staked);
        }
        const metagraph = chain.query('subnets_metagraph', { netuid: 1, weights: true });
        expect(JSON.parse(JSON.stringify(metagraph))).toEqual(metagraph);
      }),
      { numRuns: 25, seed: 20_260_701 },
    );
    expect(
      done > 100 && refused > 100 && epochs > 50,
      `${done} done, ${refused} refused, ${epochs} epochs`,
    ).toBe(true);
  });

  it('gives the same changes each time it is applied', async () => {
    const { chain } = await aMarket();
    chain.advance(16);
    for (let blocks = 0; blocks < 8; blocks += 1) {
      const first = chain.preview();
      expect(differences(first, chain.block())).toEqual([]);
    }
  });
});
