import { describe, expect, it } from 'vitest';
import { neurons } from '../../src/index.ts';
import { CAIRN } from '../support/chain.ts';
import { brokenInvariants } from '../support/invariants.ts';
import { aMarket, attestCall, expectDone, type Person, untilEpoch, weightsCall } from '../support/market.ts';

type Market = Awaited<ReturnType<typeof aMarket>>;

/** Validators of equal stake with permits, whose weights of two epochs are on the ledger. */
async function aJury(validators: number) {
  const market = await aMarket({ validators, miners: 3 });
  const row = { [validators]: 3, [validators + 1]: 1 };
  for (const n of [0, 1]) {
    untilEpoch(market.chain);
    expectDone(market.chain.block(market.validators.map((each) => weightsCall(each, 1, row, n))));
  }
  return market;
}

/** Each row is the word of one judge on the answers of every validator; of itself it says nothing. */
function stateAll({ chain, validators }: Market, words: readonly (readonly number[] | null)[]): void {
  const calls = words.flatMap((word, self) => {
    if (word === null) return [];
    const others = word.map((answered, uid) => ({ uid, answered })).filter(({ uid }) => uid !== self);
    const uids = others.map(({ uid }) => uid);
    const answered = others.map((each) => each.answered);
    return [attestCall(validators[self]!, uids, 1, 0, answered)];
  });
  expectDone(chain.block(calls));
}

/** What the epoch took of each validator for evidence, and paid it in dividends. */
function endEpoch({ chain, validators }: Market) {
  const events = untilEpoch(chain);
  const sumOf = (uid: number, isOf: (event: (typeof events)[number]) => boolean) =>
    events
      .filter((event) => event.data.netuid === 1 && event.data.uid === uid && isOf(event))
      .reduce((sum, { data }) => sum + BigInt(data.amount as string), 0n);
  const ran = events.find(({ name, data }) => name === 'yuma.epochRan' && data.netuid === 1)!;
  const recycled = events.find(({ name }) => name === 'emission.recycled');
  expect(BigInt(recycled?.data.amount as string)).toBe(
    BigInt(ran.data.emission as string) - BigInt(ran.data.paid as string),
  );
  expect(brokenInvariants(chain)).toEqual([]);
  return validators.map((_, uid) => ({
    lost: sumOf(
      uid,
      ({ name, data }) => name === 'yuma.dividendsForfeited' && data.reason === 'lessEvidence',
    ),
    paid: sumOf(uid, ({ name, data }) => name === 'emission.paid' && data.kind !== 'incentive'),
  }));
}

const lostOf = (found: ReturnType<typeof endEpoch>) => found.map(({ lost }) => lost > 0n);
const equal = (judges: number, word: readonly number[]) => Array.from({ length: judges }, () => word);

describe('dividends by the evidence there is', () => {
  it('are half for half the answers of the others, and the rest is recycled', async () => {
    const market = await aJury(3);
    stateAll(market, equal(3, [48, 48, 24]));
    const found = endEpoch(market);
    expect(lostOf(found)).toEqual([false, false, true]);
    const { lost, paid } = found[2]!;
    expect(paid > 0n && paid < found[1]!.paid, `paid ${paid}`).toBe(true);
    const after = neurons.get(market.chain.view, 1, 2)!;
    expect(after).toMatchObject({ missedReveals: 0, withheldEvidence: 0 });
    // The part that is kept is rounded down.
    const more = lost - after.emission;
    expect(more === 0n || more === 1n, `${lost} lost, ${after.emission} kept`).toBe(true);
  });

  it('are no more for more answers than the others have', async () => {
    const market = await aJury(3);
    stateAll(market, equal(3, [48, 48, 4_000_000_000]));
    expect(lostOf(endEpoch(market))).toEqual([false, false, false]);
  });

  it('are none without an answer, and whole where nobody has one', async () => {
    const market = await aJury(3);
    stateAll(market, equal(3, [48, 48, 0]));
    const found = endEpoch(market);
    expect(found[2]!.paid).toBe(0n);
    expect(lostOf(found)).toEqual([false, false, true]);
    const none = await aJury(3);
    stateAll(none, equal(3, [0, 0, 0]));
    expect(lostOf(endEpoch(none))).toEqual([false, false, false]);
  });

  it('cannot be changed by a judge that lies and has less than half of the stake', async () => {
    const lies = [
      [0, 0, 0, 0],
      [4_000_000_000, 4_000_000_000, 4_000_000_000, 4_000_000_000],
    ];
    for (const lie of lies) {
      const market = await aJury(4);
      stateAll(market, [...equal(3, [48, 48, 48, 48]), lie]);
      expect(lostOf(endEpoch(market)), lie.join()).toEqual([false, false, false, false]);
    }
  });

  it('go by the higher number where judges of equal stake differ', async () => {
    const market = await aJury(3);
    // Of uid 2 one judge says 48 and one 12.
    stateAll(market, [
      [48, 48, 48],
      [48, 48, 12],
      [48, 48, 48],
    ]);
    expect(lostOf(endEpoch(market))).toEqual([false, false, false]);
  });

  it('are compared with the lower of two halves of the stake', async () => {
    const market = await aJury(4);
    stateAll(market, equal(4, [48, 48, 24, 24]));
    expect(lostOf(endEpoch(market))).toEqual([false, false, false, false]);
    const other = await aJury(4);
    stateAll(other, equal(4, [48, 48, 24, 48]));
    expect(lostOf(endEpoch(other))).toEqual([false, false, true, false]);
  });

  it('are compared by stake, not by heads', async () => {
    const market = await aJury(3);
    const [heavy] = market.validators as [Person];
    const message = { hotkey: heavy.hotkey.account, amount: 9_000n * CAIRN };
    expectDone(market.chain.block([{ from: heavy.coldkey, name: 'staking.stake', message }]));
    stateAll(market, equal(3, [48, 24, 24]));
    expect(lostOf(endEpoch(market))).toEqual([false, true, true]);
  });

  it('go by the word of a single judge, who is not judged itself', async () => {
    const market = await aJury(3);
    stateAll(market, [[0, 48, 24], null, null]);
    // Two are judged; the lower half of their stake has 24.
    expect(lostOf(endEpoch(market))).toEqual([false, false, false]);
    const four = await aJury(4);
    stateAll(four, [[0, 48, 48, 24], null, null, null]);
    expect(lostOf(endEpoch(four))).toEqual([false, false, false, true]);
  });

  it('leave those out that are withheld: they lose all, and lower no median', async () => {
    const market = await aJury(4);
    const { chain, validators } = market;
    expectDone(
      chain.block([
        attestCall(validators[0]!, [1, 2], 1, 0, [48, 24]),
        attestCall(validators[1]!, [0, 2], 1, 0, [48, 24]),
        attestCall(validators[2]!, [0, 1], 1, 0, [48, 48]),
      ]),
    );
    const found = endEpoch(market);
    expect(lostOf(found)).toEqual([false, false, true, false]);
    expect(found[3]!.paid).toBe(0n);
    expect(neurons.get(chain.view, 1, 3)!.withheldEvidence).toBe(1);
  });
});
