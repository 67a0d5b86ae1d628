import { accountIdToAddress, bytesToHex } from '@cairn/core';
import { describe, expect, it } from 'vitest';
import { setPause } from '../../src/governance/pauses.ts';
import { aCall } from '../support/calls.ts';
import { CAIRN, type Call, type TestChain } from '../support/chain.ts';
import { brokenInvariants } from '../support/invariants.ts';
import {
  alice,
  anOrder,
  aPoolTown as aTown,
  bob,
  carol,
  expectDone,
  plain,
  sealing,
} from '../support/sealed.ts';

const WINDOW = 3;

const namesOf = (outcome: ReturnType<TestChain['block']>, name: string) =>
  outcome.events.filter((event) => event.name === name).map(({ data }) => data);
const codesOf = (outcome: ReturnType<TestChain['block']>) =>
  outcome.results.map(({ problem }) => problem?.code ?? null);

describe('a sealed order', () => {
  it('shows nothing, is opened in the next block, clears at its end, and gets its bond back', () => {
    const chain = aTown();
    const before = chain.spendable(alice);
    const { seal, open, commitment } = sealing(chain, alice, anOrder('buy', 100n * CAIRN));
    const first = chain.block([seal]);
    expect(first.results[0]!.events).toEqual([
      {
        name: 'pools.orderSealed',
        data: {
          owner: accountIdToAddress(alice.account),
          commitment: bytesToHex(commitment),
          bond: '100000000',
        },
      },
    ]);
    expect(chain.query('pools_sealedOrders', { account: accountIdToAddress(alice.account) })).toEqual([
      { commitment: bytesToHex(commitment), blocksLeft: WINDOW, bond: '100000000', deposit: '192000' },
    ]);
    expect(brokenInvariants(chain)).toEqual([]);
    const second = chain.block([open]);
    expectDone(second);
    expect(namesOf(second, 'pools.orderCleared')).toMatchObject([
      { status: 'filled', spent: `${100n * CAIRN}` },
    ]);
    const fees = first.results[0]!.fee + second.results[0]!.fee;
    const holding = 112_000n;
    expect(before - chain.spendable(alice)).toBe(100n * CAIRN + fees + holding + 1_000_000n);
    expect(chain.query('pools_sealedOrders', { account: accountIdToAddress(alice.account) })).toEqual([]);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('gets what a plain one gets', () => {
    const [sealed, open] = [aTown(), aTown()];
    const order = sealing(sealed, alice, anOrder('buy', 100n * CAIRN));
    sealed.block([order.seal, plain(bob, 'buy', 50n * CAIRN)]);
    sealed.block([order.open]);
    open.block([plain(alice, 'buy', 100n * CAIRN), plain(bob, 'buy', 50n * CAIRN)]);
    for (const key of [alice, bob]) expect(sealed.tokens(key)).toBe(open.tokens(key));
  });

  it('sells all that is held when it is opened, and moves on to another subnet', () => {
    const chain = aTown();
    chain.block([plain(alice, 'buy', 100n * CAIRN)]);
    const move = sealing(chain, alice, anOrder('sell', null, { nextLeg: { netuid: 2, minOut: 0n } }));
    chain.block([move.seal]);
    expectDone(chain.block([move.open]));
    expect([chain.tokens(alice, 1), chain.tokens(alice, 2)]).toEqual([0n, 0n]);
    expect(brokenInvariants(chain)).toEqual([]);
    chain.block();
    expect(chain.tokens(alice, 2)).toBeGreaterThan(75n * CAIRN);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('makes orders of its block and later ones wait until it is opened, and no longer', () => {
    const chain = aTown();
    const { seal, open } = sealing(chain, alice, anOrder('buy', 10n * CAIRN));
    expect(namesOf(chain.block([seal, plain(bob, 'buy', CAIRN)]), 'pools.cleared')).toEqual([]);
    expect(namesOf(chain.block([plain(carol, 'buy', CAIRN)]), 'pools.cleared')).toEqual([]);
    expect(brokenInvariants(chain)).toEqual([]);
    expect(namesOf(chain.block([open]), 'pools.cleared')).toMatchObject([{ netuid: 1, orders: 3 }]);
    expect(namesOf(chain.block([plain(bob, 'buy', CAIRN)]), 'pools.cleared')).toMatchObject([{ orders: 1 }]);
  });

  it('that is not opened in its time costs its bond, and what waited clears then', () => {
    const chain = aTown();
    const { seal, open, commitment } = sealing(chain, alice, anOrder('buy', 10n * CAIRN));
    const before = chain.supply();
    chain.block([seal, plain(bob, 'buy', CAIRN)]);
    const blocks = chain.advance(WINDOW);
    expect(blocks.map((block) => namesOf(block, 'pools.cleared').length)).toEqual([0, 0, 1]);
    expect(namesOf(blocks[WINDOW - 1]!, 'pools.orderExpired')).toEqual([
      {
        owner: accountIdToAddress(alice.account),
        commitment: bytesToHex(commitment),
        forfeited: '100000000',
      },
    ]);
    expect(chain.supply().recycled - before.recycled).toBeGreaterThan(100_000_000n);
    expect(codesOf(chain.block([open]))).toEqual(['SEALED_ORDER_UNKNOWN']);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('in the last block of its time can still be opened', () => {
    const chain = aTown();
    const { seal, open } = sealing(chain, alice, anOrder('buy', 10n * CAIRN));
    chain.block([seal]);
    chain.advance(WINDOW - 1);
    const last = chain.block([open]);
    expectDone(last);
    expect(namesOf(last, 'pools.orderExpired')).toEqual([]);
    expect(namesOf(last, 'pools.orderCleared')).toHaveLength(1);
  });

  it('that is sealed during a turn is opened in the next, so nobody has to show it before', () => {
    const chain = aTown();
    const first = sealing(chain, alice, anOrder('buy', 10n * CAIRN));
    const second = sealing(chain, bob, anOrder('buy', 20n * CAIRN));
    chain.block([first.seal]);
    const turn = chain.block([first.open, second.seal]);
    expectDone(turn);
    // The first clears at once; the second was unknown then and is not waited for.
    expect(namesOf(turn, 'pools.orderCleared')).toHaveLength(1);
    expect(namesOf(chain.block([second.open]), 'pools.orderCleared')).toHaveLength(1);
    const [late, held] = [
      sealing(chain, alice, anOrder('buy', CAIRN), 3),
      sealing(chain, bob, anOrder('buy', CAIRN), 3),
    ];
    chain.block([held.seal]);
    chain.block([late.seal]);
    expect(codesOf(chain.block([late.open]))).toEqual(['OPENING_TOO_EARLY']);
    chain.block();
    expectDone(chain.block([late.open]));
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('is refused by name when it is opened wrongly', () => {
    const chain = aTown();
    const { seal, open, commitment } = sealing(chain, alice, anOrder('buy', 10n * CAIRN));
    expect(codesOf(chain.block([seal, open]))).toEqual([null, 'OPENING_TOO_EARLY']);
    const salt = new Uint8Array(32).fill(1);
    const message = { commitment, salt, order: anOrder('buy', 11n * CAIRN) };
    expect(chain.send(alice, 'pools.openOrder', message)).toBe('OPENING_MISMATCH');
    // Whoever copies a commitment cannot open it, not even with the secret of it.
    expect(codesOf(chain.block([{ ...open, from: bob }]))).toEqual(['SEALED_ORDER_UNKNOWN']);
    expect(codesOf(chain.block([open, open]))).toEqual([null, 'SEALED_ORDER_UNKNOWN']);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('copied by another is another order, which he cannot open', () => {
    const chain = aTown();
    const { seal, open } = sealing(chain, alice, anOrder('buy', 10n * CAIRN));
    expect(codesOf(chain.block([seal, { ...seal, from: bob }]))).toEqual([null, null]);
    expect(codesOf(chain.block([{ ...open, from: bob }, open]))).toEqual(['OPENING_MISMATCH', null]);
  });

  it('takes what it pays with when it is opened, and stays sealed when there is too little', () => {
    const chain = aTown();
    const orders = [
      anOrder('buy', 1_000_000n * CAIRN),
      anOrder('sell', CAIRN),
      anOrder('sell', null),
      anOrder('buy', null),
      anOrder('buy', CAIRN, { netuid: 9 }),
      anOrder('buy', CAIRN, { nextLeg: { netuid: 2, minOut: 0n } }),
      anOrder('sell', CAIRN, { nextLeg: { netuid: 1, minOut: 0n } }),
    ].map((order, index) => sealing(chain, alice, order, index));
    chain.block(orders.map(({ seal }) => seal));
    const refused = [
      'BALANCE_TOO_LOW',
      'TOKENS_TOO_FEW',
      'AMOUNT_ZERO',
      'AMOUNT_ZERO',
      'SUBNET_UNKNOWN',
      'NEXT_LEG_OF_BUY',
      'SUBNETS_EQUAL',
    ];
    expect(codesOf(chain.block(orders.map(({ open }) => open)))).toEqual(refused);
    const left = chain.query('pools_sealedOrders', { account: accountIdToAddress(alice.account) });
    expect(left).toHaveLength(refused.length);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('is bounded for an account and for all, and needs its bond', () => {
    const chain = aTown({ maxSealedOrders: 3n, maxSealedPerAccount: 2n });
    const some = [1, 2, 3].map((number) => sealing(chain, alice, anOrder('buy', CAIRN), number).seal);
    expect(codesOf(chain.block([...some, some[0]!]))).toEqual([
      null,
      null,
      'SEALED_ORDERS_TOO_MANY',
      'COMMITMENT_TAKEN',
    ]);
    const others = [bob, carol].flatMap((from) =>
      [1, 2].map((number) => sealing(chain, from, anOrder('buy', CAIRN), number).seal),
    );
    expect(codesOf(chain.block(others))).toEqual([null, null, null, 'SEALED_ORDERS_FULL']);
    const dear = aTown({ sealedOrderBond: 100n * CAIRN });
    dear.block([plain(alice, 'buy', dear.spendable(alice) - 50n * CAIRN)]);
    expect(codesOf(dear.block([sealing(dear, alice, anOrder('buy', CAIRN)).seal]))).toEqual([
      'BALANCE_TOO_LOW',
    ]);
  });

  it('keeps its account from being closed', () => {
    const chain = aTown();
    const { seal } = sealing(chain, alice, anOrder('buy', CAIRN));
    const close = { from: alice, name: 'accounts.close', message: { beneficiary: bob.account } };
    expect(codesOf(chain.block([seal, close]))).toEqual([null, 'ACCOUNT_HAS_RECORDS']);
  });

  it('can be sealed and opened in batches', () => {
    const chain = aTown();
    const orders = [1, 2].map((number) =>
      sealing(chain, alice, anOrder('buy', BigInt(number) * CAIRN), number),
    );
    const batch = (calls: readonly Call[]) => ({
      calls: calls.map(({ name, message }) => aCall(name, message)),
    });
    const sealed = batch(orders.map(({ seal }) => seal));
    expect(chain.send(alice, 'accounts.batch', sealed)).toBeNull();
    const opened = chain.block([
      { from: alice, name: 'accounts.batch', message: batch(orders.map(({ open }) => open)) },
    ]);
    expectDone(opened);
    expect(namesOf(opened, 'pools.orderCleared')).toHaveLength(2);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('does not lose its time while the module stands still', () => {
    const chain = aTown();
    const { seal, open } = sealing(chain, alice, anOrder('buy', CAIRN));
    chain.block([seal]);
    const pause = (untilSlot: bigint) => chain.edit((state) => setPause(state, 'pools', untilSlot, 0n));
    pause(1_000_000n);
    chain.advance(2 * WINDOW);
    expect(codesOf(chain.block([open]))).toEqual(['MODULE_PAUSED']);
    pause(0n);
    expectDone(chain.block([open]));
    expect(brokenInvariants(chain)).toEqual([]);
  });
});
