import { accountIdToAddress } from '@cairn/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BlockOutcome } from '../../src/index.ts';
import { aKey, CAIRN, type Call, type TestChain, type TestKey } from '../support/chain.ts';
import { brokenInvariants } from '../support/invariants.ts';
import {
  alice,
  anOrder,
  aPoolTown,
  bob,
  carol,
  expectDone,
  owner,
  plain,
  sealing,
} from '../support/sealed.ts';

const WINDOW = 3;
const traders = [alice, bob, carol];

/** What each order of a block became, by who placed it. */
function fillsOf({ events }: BlockOutcome): Map<string, unknown> {
  return new Map(
    events
      .filter(({ name }) => name === 'pools.orderCleared')
      .map(({ data: { owner: whose, side, spent, amountOut } }) => [`${whose} ${side}`, [spent, amountOut]]),
  );
}

/** A pool in which three people hold tokens already. */
function aHeldTown(): TestChain {
  const chain = aPoolTown();
  expectDone(chain.block(traders.map((key, index) => plain(key, 'buy', BigInt(index + 1) * 40n * CAIRN))));
  return chain;
}

const trade = fc.record({
  side: fc.constantFrom('buy' as const, 'sell' as const),
  part: fc.bigInt(1n, 1_000n),
  limit: fc.option(fc.bigInt(900n, 1_600n)),
  isPartialAllowed: fc.boolean(),
  /** Block after the sealing in which it is opened; 0: a plain one of that block, -1: a plain one a block later. */
  when: fc.integer({ min: -1, max: WINDOW }),
});

const amountOf = (chain: TestChain, key: TestKey, side: 'buy' | 'sell', part: bigint): bigint =>
  side === 'buy' ? part * (CAIRN / 10n) + 7n : (chain.tokens(key) * part) / 1_000n;

describe('the result of a batch', () => {
  it('depends on its orders, not on which were sealed and when they were opened', () => {
    fc.assert(
      fc.property(
        fc.tuple(trade, trade, trade).filter((trades) => trades.some(({ when }) => when > 0)),
        (trades) => {
          const [open, sealed] = [aHeldTown(), aHeldTown()];
          const calls: Call[][] = Array.from({ length: WINDOW + 1 }, () => []);
          const together: Call[] = [];
          for (const [index, { side, part, limit, isPartialAllowed, when }] of trades.entries()) {
            const from = traders[index]!;
            const amount = amountOf(open, from, side, part);
            const limitPrice = limit === null ? null : (limit * CAIRN) / 1_000n;
            const message = { netuid: 1, amount, limitPrice, minOut: 0n, isPartialAllowed };
            const seen: Call = { from, name: `pools.${side}`, message };
            together.push(seen);
            if (when <= 0) calls[when === 0 ? 0 : 1]!.push(seen);
            else {
              const secret = sealing(sealed, from, anOrder(side, amount, { limitPrice, isPartialAllowed }));
              calls[0]!.push(secret.seal);
              calls[when]!.push(secret.open);
            }
          }
          const wanted = fillsOf(open.block(together));
          const last = Math.max(...trades.map(({ when }) => when));
          const found = calls.slice(0, last + 1).map((each) => {
            const outcome = sealed.block(each);
            expectDone(outcome);
            expect(brokenInvariants(sealed)).toEqual([]);
            return fillsOf(outcome);
          });
          expect(found.slice(0, -1).every(({ size }) => size === 0)).toBe(true);
          expect(found.at(-1)).toEqual(wanted);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('earns nothing to who joins it, sealed or plain, opened or not, and trades back in the next', () => {
    const joining = fc.record({
      how: fc.constantFrom('plain' as const, 'sealed' as const),
      side: fc.constantFrom('buy' as const, 'sell' as const),
      part: fc.bigInt(1n, 1_000n),
      /** Block in which it is sent or opened. */
      when: fc.integer({ min: 1, max: WINDOW }),
    });
    fc.assert(
      fc.property(
        fc.constantFrom('buy' as const, 'sell' as const),
        fc.bigInt(1n, 1_000n),
        joining,
        (side, victim, { how, side: own, part, when }) => {
          const chain = aHeldTown();
          const base = chain.tokens(carol);
          const has = chain.spendable(carol);
          let costs = 0n;
          const run = (calls: readonly Call[]) => {
            const outcome = chain.block(calls);
            expectDone(outcome);
            for (const [index, { fee }] of outcome.results.entries())
              if (calls[index]!.from === carol) costs += fee;
          };
          const theirs = sealing(chain, alice, anOrder(side, amountOf(chain, alice, side, victim)));
          const amount = amountOf(chain, carol, own, part);
          const mine = sealing(chain, carol, anOrder(own, amount));
          run([theirs.seal, ...(how === 'sealed' ? [mine.seal] : [])]);
          // She sees what Alice wants, then joins in whichever block she likes.
          for (let block = 1; block <= when; block += 1) {
            const joins = block === when ? [how === 'sealed' ? mine.open : plain(carol, own, amount)] : [];
            const shows = block === 1 && (how === 'sealed' || when === 1) ? [theirs.open] : [];
            const late = how === 'plain' && when > 1 && block === when ? [theirs.open] : [];
            run([...shows, ...late, ...joins]);
          }
          const held = chain.tokens(carol);
          if (own === 'buy') {
            run([plain(carol, 'sell', held - base)]);
            const spent = how === 'sealed' ? 1_000_000n : 0n;
            expect(chain.spendable(carol) + costs + spent <= has).toBe(true);
          } else {
            const got = chain.spendable(carol) + costs + (how === 'sealed' ? 1_000_000n : 0n) - has;
            if (got > 0n) run([plain(carol, 'buy', got)]);
            expect(chain.tokens(carol) <= base).toBe(true);
          }
        },
      ),
      { numRuns: 120 },
    );
  });

  it('never waits longer than its window, whatever is sealed and never opened', () => {
    const step = fc.record({
      seals: fc.array(fc.nat(2), { maxLength: 2 }),
      opens: fc.array(fc.nat(3), { maxLength: 3 }),
      buys: fc.array(fc.nat(2), { maxLength: 2 }),
    });
    fc.assert(
      fc.property(fc.array(step, { minLength: 4, maxLength: 24 }), (steps) => {
        const chain = aHeldTown();
        const secrets: ReturnType<typeof sealing>[] = [];
        let waiting = 0;
        for (const { seals, opens, buys } of steps) {
          const calls: Call[] = buys.map((who) => plain(traders[who]!, 'buy', CAIRN));
          for (const who of seals) {
            const side = secrets.length % 2 === 0 ? ('buy' as const) : ('sell' as const);
            secrets.push(sealing(chain, traders[who]!, anOrder(side, 1_000n), secrets.length % 250));
            calls.push(secrets.at(-1)!.seal);
          }
          for (const back of opens) {
            const secret = secrets.at(-1 - back);
            if (secret !== undefined) calls.push(secret.open);
          }
          const outcome = chain.block(calls);
          const isCleared = outcome.events.some(({ name }) => name === 'pools.cleared');
          const placed = outcome.results.some(({ ok }, index) => ok && calls[index]!.name === 'pools.buy');
          waiting = isCleared ? 0 : waiting > 0 || placed ? waiting + 1 : 0;
          expect(waiting).toBeLessThanOrEqual(WINDOW);
          expect(brokenInvariants(chain)).toEqual([]);
        }
        chain.advance(2 * WINDOW);
        const sum = [owner, ...traders, aKey(9)].flatMap((key) =>
          chain.query('pools_sealedOrders', { account: accountIdToAddress(key.account) }),
        );
        expect(sum).toEqual([]);
        expect(brokenInvariants(chain)).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });
});
