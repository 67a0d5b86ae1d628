import { accountIdToAddress } from '@cairn/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  accounts,
  dissolvedStakes,
  dissolvedSubnets,
  hotkeys,
  markets,
  tokenPools,
  tokenPositions,
} from '../../src/index.ts';
import { agreement, aKey, CAIRN, type TestChain, type TestKey } from '../support/chain.ts';
import { brokenInvariants } from '../support/invariants.ts';
import { aLifecycle, dissolve, giveTokens } from '../support/lifecycle.ts';
import { expectDone } from '../support/market.ts';

const [owner, alice, bob, carol, stranger] = [aKey(1), aKey(2), aKey(3), aKey(4), aKey(5)];
const people = [owner, alice, bob, carol, stranger];
const claim = (holder: TestKey, hotkey: TestKey | null = null, netuid = 1) => ({
  netuid,
  holder: holder.account,
  hotkey: hotkey?.account ?? null,
});
const _NO_BOUNDS = { limitPrice: null, minOut: 0n, isPartialAllowed: false };

async function associate(chain: TestChain, coldkey: TestKey, hotkey: TestKey): Promise<void> {
  const message = { hotkey: await agreement(chain.chainId, hotkey, coldkey.account) };
  expect(chain.send(coldkey, 'staking.associateHotkey', message)).toBeNull();
}

/** What the claims of a block paid, by event. */
function claimedIn(outcome: ReturnType<TestChain['block']>): bigint[] {
  expectDone(outcome);
  return outcome.results
    .flatMap(({ events }) => events)
    .filter(({ name }) => name === 'subnets.dissolvedClaimed')
    .map(({ data }) => BigInt(data.amount as string));
}

describe('subnets.claimDissolved', () => {
  it('pays by tokens, whoever sends it, once, and closes the subnet with the last', async () => {
    const chain = aLifecycle(people);
    await associate(chain, alice, bob);
    giveTokens(chain, alice, 3n * CAIRN);
    giveTokens(chain, carol, CAIRN);
    expect(
      chain.send(alice, 'staking.stakeTokens', { netuid: 1, hotkey: bob.account, amount: CAIRN }),
    ).toBeNull();
    expect(chain.send(stranger, 'subnets.claimDissolved', claim(alice))).toBe('SUBNET_ALIVE');
    dissolve(chain, owner);
    expect(chain.query('subnets_claimable', { holder: accountIdToAddress(alice.account) })).toMatchObject([
      { netuid: 1, hotkey: null, amount: (5n * CAIRN).toString() },
      { netuid: 1, amount: ((5n * CAIRN) / 2n).toString() },
    ]);
    const [spendable, records] = [chain.spendable(alice), accounts.get(chain.view, alice.account)!.records];
    expect(
      claimedIn(chain.block([{ from: stranger, name: 'subnets.claimDissolved', message: claim(alice) }])),
    ).toEqual([5n * CAIRN]);
    expect(chain.spendable(alice) - spendable).toBe(5n * CAIRN);
    expect(chain.send(stranger, 'subnets.claimDissolved', claim(alice))).toBe('NOTHING_TO_CLAIM');
    expect(chain.send(stranger, 'subnets.claimDissolved', claim(carol, bob))).toBe('NOTHING_TO_CLAIM');
    expect(chain.send(stranger, 'subnets.claimDissolved', claim(alice, bob))).toBeNull();
    expect(accounts.get(chain.view, alice.account)!.records).toBe(records - 1);
    expect(hotkeys.get(chain.view, bob.account)!.tokenPools).toBe(0);
    expect(dissolvedStakes.get(chain.view, 1, bob.account)).toBeUndefined();
    const last = chain.block([{ from: stranger, name: 'subnets.claimDissolved', message: claim(carol) }]);
    expect(claimedIn(last)).toEqual([(5n * CAIRN) / 2n]);
    expect(last.results[0]!.events.map(({ name }) => name)).toContain('subnets.dissolvedClosed');
    expect(accounts.get(chain.view, owner.account)!.records).toBe(0);
    expect(chain.send(stranger, 'subnets.claimDissolved', claim(carol))).toBe('NOTHING_TO_CLAIM');
    expect(chain.send(stranger, 'subnets.claimDissolved', claim(carol, null, 7))).toBe('SUBNET_UNKNOWN');
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('recycles dust of a closed account, so that it holds up nobody', () => {
    const chain = aLifecycle(people);
    const ghost = aKey(77);
    giveTokens(chain, ghost, 1n);
    giveTokens(chain, alice, CAIRN);
    dissolve(chain, owner);
    const before = chain.supply().circulating;
    const outcome = chain.block([{ from: alice, name: 'subnets.claimDissolved', message: claim(ghost) }]);
    expect(claimedIn(outcome)).toEqual([9n]);
    expect(before - chain.supply().circulating).toBe(outcome.results[0]!.fee);
    expect(chain.send(alice, 'subnets.claimDissolved', claim(alice))).toBeNull();
    expect(chain.query('subnets_dissolved', { netuid: 1 })).toBeNull();
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('pays everything, nobody more or less than a pebble from the quota, in any order', async () => {
    const holders = Array.from({ length: 6 }, (_, n) => aKey(20 + n));
    const hotkeysOf = [aKey(30), aKey(31)];
    const amounts = fc.array(
      fc.record({
        held: fc.bigInt({ min: 0n, max: 10n ** 12n }),
        staked: fc.bigInt({ min: 0n, max: 10n ** 12n }),
        at: fc.nat(1),
      }),
      { minLength: 2, maxLength: 6 },
    );
    await fc.assert(
      fc.asyncProperty(
        amounts,
        fc.bigInt({ min: 1n, max: 10n ** 12n }),
        fc.bigInt({ min: 0n, max: 1_000n }),
        fc.infiniteStream(fc.nat(1_000)),
        async (given, lock, dividend, draws) => {
          const chain = aLifecycle([...people, ...holders], { parameters: { subnetLockMin: lock } });
          for (const hotkey of hotkeysOf) await associate(chain, owner, hotkey);
          for (const [n, { held, staked, at }] of given.entries()) {
            giveTokens(chain, holders[n]!, held + staked);
            if (staked === 0n) continue;
            const message = { netuid: 1, hotkey: hotkeysOf[at]!.account, amount: staked };
            expect(chain.send(holders[n]!, 'staking.stakeTokens', message)).toBeNull();
          }
          chain.edit((state) => {
            const pool = tokenPools.get(state, 1, hotkeysOf[0]!.account);
            if (pool.totalShares === 0n) return;
            tokenPools.set(state, 1, hotkeysOf[0]!.account, {
              ...pool,
              totalStake: pool.totalStake + dividend,
            });
            const market = markets.get(state, 1)!;
            markets.set(state, 1, { ...market, outstanding: market.outstanding + dividend });
          });
          const { quote: pot, outstanding } = chain.market();
          // What each place is worth of the pot, as a ratio; and how far rounding may take it.
          const places = holders.flatMap((holder) => [
            { holder, hotkey: null, over: 1n, under: 1n, ...ratioOfHolding(chain, holder) },
            ...hotkeysOf.map((hotkey) => ({
              holder,
              hotkey,
              over: 2n,
              under: 2n,
              ...ratioOfPosition(chain, holder, hotkey),
            })),
          ]);
          dissolve(chain, owner);
          let paid = 0n;
          const due = places.filter(({ share }) => share > 0n);
          while (due.length > 0) {
            const [{ holder, hotkey, share, whole, over, under }] = due.splice(
              draws.next().value! % due.length,
              1,
            ) as [(typeof due)[number]];
            const message = claim(holder, hotkey);
            const [amount] = claimedIn(
              chain.block([{ from: stranger, name: 'subnets.claimDissolved', message }]),
            );
            paid += amount!;
            const scale = outstanding * whole;
            expect(amount! * scale < pot * share + over * scale, `${amount} of ${pot}`).toBe(true);
            expect(amount! * scale > pot * share - under * scale, `${amount} of ${pot}`).toBe(true);
            expect(brokenInvariants(chain)).toEqual([]);
          }
          if (outstanding > 0n) expect(paid).toBe(pot);
          expect(dissolvedSubnets.get(chain.view, 1)).toBeUndefined();
        },
      ),
      { numRuns: 60 },
    );
  }, 120_000);
});

function ratioOfHolding(chain: TestChain, holder: TestKey) {
  return { share: chain.tokens(holder), whole: 1n };
}

/** The tokens of a position as share / whole, unrounded. */
function ratioOfPosition(chain: TestChain, holder: TestKey, hotkey: TestKey) {
  const { totalStake, totalShares } = tokenPools.get(chain.view, 1, hotkey.account);
  const shares = tokenPositions.get(chain.view, holder.account, 1, hotkey.account)?.shares ?? 0n;
  return { share: shares * totalStake, whole: totalShares === 0n ? 1n : totalShares };
}
