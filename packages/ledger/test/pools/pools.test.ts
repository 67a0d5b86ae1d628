import { accountIdToAddress } from '@cairn/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tokenPools } from '../../src/index.ts';
import { aCall } from '../support/calls.ts';
import { aChain, agreement, aKey, CAIRN, type Call, type TestChain, type TestKey } from '../support/chain.ts';
import { brokenInvariants } from '../support/invariants.ts';

const [owner, alice, bob, carol] = [1, 2, 3, 4].map(aKey) as [TestKey, TestKey, TestKey, TestKey];
const bounds = { limitPrice: null, minOut: 0n, isPartialAllowed: true };

/** Subnets 1 and 2 whose pools hold 1,000 and 2,000 CAIRN; nobody mines, so nothing is minted. */
function aTown(): TestChain {
  const chain = aChain({ funded: [owner, alice, bob, carol] });
  for (const name of ['one', 'two'])
    expect(chain.send(owner, 'subnets.create', { name, lockLimit: 10_000n * CAIRN })).toBeNull();
  return chain;
}

const buy = (from: TestKey, amount: bigint, change: object = {}, netuid = 1): Call => ({
  from,
  name: 'pools.buy',
  message: { netuid, amount, ...bounds, ...change },
});
const sell = (from: TestKey, amount: bigint | null, change: object = {}, netuid = 1): Call => ({
  from,
  name: 'pools.sell',
  message: { netuid, amount, ...bounds, ...change },
});

/** The order of a block that has one. */
function cleared(outcome: ReturnType<TestChain['block']>) {
  return outcome.events.filter(({ name }) => name === 'pools.orderCleared').map(({ data }) => data);
}

describe('buying tokens', () => {
  it('happens at the end of the block, at the marginal price after it, and the fee stays in the pool', () => {
    const chain = aTown();
    const before = chain.market();
    const outcome = chain.block([buy(alice, 100n * CAIRN)]);
    expect(outcome.results[0]!.ok).toBe(true);
    const fee = (100n * CAIRN * 33n + 65_534n) / 65_535n;
    const net = 100n * CAIRN - fee;
    // The price p after it: (quote + net) / (base − net / p) = p, so p = (quote + 2 net) / base at even weights.
    const tokens = (net * before.base) / (before.quote + 2n * net);
    expect(chain.tokens(alice)).toBe(tokens);
    expect(cleared(outcome)).toMatchObject([
      { status: 'filled', fee: fee.toString(), amountOut: tokens.toString() },
    ]);
    expect(chain.market().quote - before.quote).toBe(100n * CAIRN);
    expect(chain.market().outstanding).toBe(tokens);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('beyond the bounds gives everything back, and the record of the tokens goes', () => {
    const chain = aTown();
    const before = chain.spendable(alice);
    const wanted = buy(alice, 100n * CAIRN, { limitPrice: CAIRN / 2n });
    const outcome = chain.block([wanted]);
    expect(cleared(outcome)).toMatchObject([{ status: 'limitMissed', returned: (100n * CAIRN).toString() }]);
    expect(before - chain.spendable(alice)).toBe(outcome.results[0]!.fee);
    expect(chain.query('pools_holdings', { account: accountIdToAddress(alice.account) })).toEqual([]);
  });

  it('in part stops at the limit and returns the rest', () => {
    const chain = aTown();
    const limitPrice = (CAIRN * 11n) / 10n;
    const [order] = cleared(chain.block([buy(alice, 500n * CAIRN, { limitPrice })]));
    expect(order).toMatchObject({ status: 'partial' });
    const { price } = chain.query('pools_get', { netuid: 1 });
    expect(BigInt(price)).toBeLessThanOrEqual(limitPrice);
    expect(BigInt(price)).toBeGreaterThan((limitPrice * 999n) / 1_000n);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('is refused for an unknown subnet, nothing, and more than there is', () => {
    const chain = aTown();
    const send = ({ from, name, message }: Call) => chain.send(from, name, message);
    expect(send(buy(alice, CAIRN, {}, 9))).toBe('SUBNET_UNKNOWN');
    expect(send(buy(alice, 0n))).toBe('AMOUNT_ZERO');
    expect(send(buy(alice, 1_000_000n * CAIRN))).toBe('BALANCE_TOO_LOW');
    expect(send(sell(alice, CAIRN))).toBe('TOKENS_TOO_FEW');
    expect(send(sell(alice, null))).toBe('AMOUNT_ZERO');
  });

  it('is bounded in each block', () => {
    const chain = aChain({ funded: [owner, alice], parameters: { maxOrdersPerPool: 2n } });
    chain.send(owner, 'subnets.create', { name: 'one', lockLimit: 10_000n * CAIRN });
    const { results } = chain.block([buy(alice, CAIRN), buy(alice, CAIRN), buy(alice, CAIRN)]);
    expect(results.map(({ problem }) => problem?.code ?? null)).toEqual([null, null, 'ORDERS_FULL']);
  });
});

describe('the swaps of one block', () => {
  it('clear at one price whatever their order', () => {
    const orders = [buy(alice, 50n * CAIRN), buy(bob, 70n * CAIRN), buy(carol, 20n * CAIRN)];
    const results = [orders, orders.toReversed()].map((calls) => {
      const chain = aTown();
      chain.block(calls);
      return [alice, bob, carol].map((key) => chain.tokens(key));
    });
    expect(results[1]).toEqual(results[0]);
  });

  it('of opposite sides meet, and only the difference moves the pool', () => {
    const chain = aTown();
    chain.block([buy(alice, 100n * CAIRN)]);
    const half = chain.tokens(alice) / 2n;
    const before = chain.market();
    const outcome = chain.block([sell(alice, half), buy(bob, 50n * CAIRN)]);
    expect(cleared(outcome)).toHaveLength(2);
    const after = chain.market();
    const moved = after.quote > before.quote ? after.quote - before.quote : before.quote - after.quote;
    expect(moved < 10n * CAIRN, `${moved}`).toBe(true);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('pay a seller more than all pools held, out of what a buyer of the block brings', () => {
    const chain = aTown();
    chain.block([buy(alice, 900n * CAIRN)]);
    const before = chain.spendable(alice);
    chain.block([sell(alice, null), buy(bob, 90_000n * CAIRN)]);
    expect(chain.spendable(alice) - before).toBeGreaterThan(10_000n * CAIRN);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('earn a sandwich nothing, before, beside or behind a large order', () => {
    fc.assert(
      fc.property(
        fc.bigInt(1n, 900n),
        fc.bigInt(1n, 900n),
        fc.integer({ min: 0, max: 2 }),
        (victim, attack, when) => {
          const chain = aTown();
          const before = chain.spendable(bob);
          let fees = 0n;
          const run = (calls: Call[]) => {
            const { results } = chain.block(calls);
            for (const [index, { fee }] of results.entries()) if (calls[index]!.from === bob) fees += fee;
          };
          if (when === 0) {
            run([buy(bob, attack * CAIRN), buy(alice, victim * CAIRN)]);
          } else if (when === 1) {
            run([buy(alice, victim * CAIRN), buy(bob, attack * CAIRN)]);
          } else {
            run([buy(alice, victim * CAIRN)]);
            run([buy(bob, attack * CAIRN)]);
          }
          run([sell(bob, null)]);
          expect(chain.spendable(bob) + fees).toBeLessThanOrEqual(before);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('cannot be spent by a batch before they happened', () => {
    const chain = aTown();
    const calls = [
      aCall('pools.buy', { netuid: 1, amount: CAIRN, ...bounds }),
      aCall('pools.sell', { netuid: 1, amount: 1_000n, ...bounds }),
    ];
    expect(chain.send(alice, 'accounts.batch', { calls })).toBe('TOKENS_TOO_FEW');
    expect(brokenInvariants(chain)).toEqual([]);
  });
});

describe('moving between subnets', () => {
  it('sells in one block and buys in the next', () => {
    const chain = aTown();
    chain.block([buy(alice, 100n * CAIRN)]);
    const swap = { from: 1, to: 2, amount: null, minProceeds: 0n, minOut: 0n };
    chain.block([{ from: alice, name: 'pools.swap', message: swap }]);
    expect(chain.tokens(alice, 1)).toBe(0n);
    expect(chain.tokens(alice, 2)).toBe(0n);
    expect(brokenInvariants(chain)).toEqual([]);
    chain.block();
    expect(chain.tokens(alice, 2)).toBeGreaterThan(75n * CAIRN);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('whose second leg brings too little pays the CAIRN out', () => {
    const chain = aTown();
    chain.block([buy(alice, 100n * CAIRN)]);
    const before = chain.spendable(alice);
    const swap = { from: 1, to: 2, amount: null, minProceeds: 0n, minOut: 1_000n * CAIRN };
    const { results } = chain.block([{ from: alice, name: 'pools.swap', message: swap }]);
    expect(cleared(chain.block())).toMatchObject([{ status: 'limitMissed' }]);
    expect(chain.tokens(alice, 2)).toBe(0n);
    expect(chain.spendable(alice) - before + results[0]!.fee).toBeGreaterThan(80n * CAIRN);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('needs two different subnets that exist', () => {
    const chain = aTown();
    const send = (from: number, to: number) =>
      chain.send(alice, 'pools.swap', { from, to, amount: 1n, minProceeds: 0n, minOut: 0n });
    expect(send(1, 1)).toBe('SUBNETS_EQUAL');
    expect(send(1, 7)).toBe('SUBNET_UNKNOWN');
    expect(send(1, 2)).toBe('TOKENS_TOO_FEW');
  });
});

describe('tokens', () => {
  it('can be given to an account that does not exist yet, which they open', () => {
    const chain = aTown();
    chain.block([buy(alice, 100n * CAIRN)]);
    const newcomer = aKey(50);
    const message = { netuid: 1, to: newcomer.account, amount: CAIRN };
    expect(chain.send(alice, 'pools.transfer', message)).toBeNull();
    expect(chain.tokens(newcomer)).toBe(CAIRN);
    expect(chain.send(alice, 'pools.transfer', { ...message, to: alice.account })).toBe('SENDER_IS_PAYEE');
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('can be staked to a hotkey, and come back', async () => {
    const chain = aTown();
    chain.block([buy(alice, 100n * CAIRN)]);
    const hotkey = aKey(60);
    const held = chain.tokens(alice);
    const stake = { netuid: 1, hotkey: hotkey.account, amount: held };
    expect(chain.send(alice, 'staking.stakeTokens', stake)).toBe('HOTKEY_UNKNOWN');
    const proof = await agreement(chain.chainId, hotkey, bob.account);
    expect(chain.send(bob, 'staking.associateHotkey', { hotkey: proof })).toBeNull();
    expect(chain.send(alice, 'staking.stakeTokens', { ...stake, amount: held + 1n })).toBe('TOKENS_TOO_FEW');
    expect(chain.send(alice, 'staking.stakeTokens', stake)).toBeNull();
    expect(chain.tokens(alice)).toBe(0n);
    expect(tokenPools.get(chain.view, 1, hotkey.account).totalStake).toBe(held);
    const coldkey = accountIdToAddress(alice.account);
    expect(chain.query('staking_tokenPositions', { coldkey, after: null })).toMatchObject([
      { netuid: 1, hotkey: accountIdToAddress(hotkey.account), amount: held.toString() },
    ]);
    expect(chain.send(bob, 'staking.dissociateHotkey', { hotkey: hotkey.account })).toBe('HOTKEY_IN_USE');
    const unstake = { netuid: 1, hotkey: hotkey.account, amount: null };
    expect(chain.send(bob, 'staking.unstakeTokens', unstake)).toBe('STAKE_TOO_LOW');
    expect(chain.send(alice, 'staking.unstakeTokens', { ...unstake, amount: 0n })).toBe('AMOUNT_ZERO');
    expect(chain.send(alice, 'staking.unstakeTokens', { ...unstake, amount: held / 2n })).toBeNull();
    expect(chain.send(alice, 'staking.unstakeTokens', unstake)).toBeNull();
    expect(chain.tokens(alice)).toBe(held);
    expect(chain.send(bob, 'staking.dissociateHotkey', { hotkey: hotkey.account })).toBeNull();
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('leave no trace at an account where records cost no deposit', () => {
    const chain = aChain({ funded: [owner, alice, bob], parameters: { depositPerByte: 0n } });
    chain.send(owner, 'subnets.create', { name: 'one', lockLimit: 10_000n * CAIRN });
    chain.block([buy(alice, CAIRN, { limitPrice: 1n })]);
    expect(chain.send(alice, 'accounts.close', { beneficiary: bob.account })).toBeNull();
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('of a closed account wait for it, and what its order returns is not lost to the books', () => {
    const chain = aTown();
    chain.block([buy(alice, 100n * CAIRN)]);
    const close = { from: alice, name: 'accounts.close', message: { beneficiary: bob.account } };
    // Its holding keeps a deposit, so it cannot be closed while it holds tokens.
    expect(chain.block([close]).results[0]!.problem?.code).toBe('ACCOUNT_HAS_RECORDS');
    const { results } = chain.block([sell(alice, null), close]);
    expect(results.map(({ problem }) => problem?.code ?? null)).toEqual([null, 'ACCOUNT_HAS_RECORDS']);
    expect(brokenInvariants(chain)).toEqual([]);
  });
});
