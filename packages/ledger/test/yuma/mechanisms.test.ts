import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  bonds,
  mechanismResults,
  neurons,
  salts,
  splitByMechanism,
  subnets,
  weights,
} from '../../src/index.ts';
import { brokenInvariants } from '../support/invariants.ts';
import {
  aMarket,
  attestCall,
  expectDone,
  type Person,
  saltOf,
  setHyperparameter,
  setMechanisms,
  untilEpoch,
  weightsCall,
} from '../support/market.ts';
import { eventOf } from '../support/secret-market.ts';

type Events = ReturnType<typeof untilEpoch>;

/** Epoch 2 of a subnet with two mechanisms whose validators have permits and a salt. */
async function aDouble(parts = [49_151, 16_384], options: Parameters<typeof aMarket>[0] = {}) {
  const market = await aMarket(options);
  untilEpoch(market.chain);
  setMechanisms(market.chain, parts);
  return market;
}

/** Weights of everybody in both mechanisms, under one salt. */
const inBoth = (people: readonly Person[], first: Record<number, number>, second: typeof first, n: number) =>
  people.flatMap((person) => [weightsCall(person, 1, first, n), weightsCall(person, 1, second, n, 1)]);

const paidTo = (events: Events, uid: number, kinds = ['incentive']) =>
  eventOf(events, 'emission.paid')
    .filter((data) => data.uid === uid && kinds.includes(data.kind as string))
    .reduce((sum, { amount }) => sum + BigInt(amount as string), 0n);
const dividendsOf = (events: Events, uid: number) => paidTo(events, uid, ['take', 'dividends', 'root']);

describe('two mechanisms', () => {
  it('pay each by its own weights, and split the emission as the owner says', async () => {
    const { chain, validators } = await aDouble();
    expectDone(chain.block(inBoth(validators, { 2: 1 }, { 3: 1 }, 0)));
    const events = untilEpoch(chain);
    const [ran] = eventOf(events, 'yuma.epochRan');
    const emission = BigInt(ran!.emission as string);
    const cut = paidTo(events, null as never, ['owner']);
    const parts = splitByMechanism(emission - cut, 2, [49_151, 16_384]);
    expect(ran!.mechanisms).toEqual(parts.map(String));
    expect([paidTo(events, 2), paidTo(events, 3)]).toEqual(parts.map((part) => part / 2n));
    expect(neurons.get(chain.view, 1, 2)!.incentive).toBe(49_151);
    const { neurons: shown } = chain.query('subnets_metagraph', { netuid: 1, weights: true });
    expect(shown[2]).toMatchObject({ mechanisms: [{ incentive: 65_535 }, { incentive: 0 }] });
    expect(shown[3]).toMatchObject({ mechanisms: [{ incentive: 0 }, { incentive: 65_535 }] });
    expect(shown[0]).toMatchObject({
      weights: [[2, 65_535]],
      mechanisms: [{ weights: [[2, 65_535]] }, { weights: [[3, 65_535]] }],
    });
    const earned = shown.map(({ emission: all, mechanisms }: never) => [
      BigInt(all),
      (mechanisms as { emission: string }[]).reduce((sum, each) => sum + BigInt(each.emission), 0n),
    ]);
    for (const [all, sum] of earned) expect(all).toBe(sum);
    expect(bonds.get(chain.view, 1, 0, 1)).toBeDefined();
    expect(bonds.get(chain.view, 1, 0, 1)).not.toEqual(bonds.get(chain.view, 1, 0));
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('show one salt, which enters the seed once and is followed by one', async () => {
    const { chain, validators } = await aDouble();
    const [person] = validators as [Person];
    const both = inBoth([person], { 2: 1 }, { 3: 1 }, 0);
    expectDone(chain.block(both));
    expect(salts.get(chain.view, 1, 0)).toMatchObject({ bound: [{ epoch: 2 }], mixed: saltOf(person, 0) });
    chain.advance(5);
    const again = (n: number, mechanism: number) => {
      const { from, name, message } = weightsCall(person, 1, { 2: 1 }, n, mechanism);
      return chain.send(from, name, message);
    };
    expect(again(0, 1), 'a second time it is used up').toBe('SALT_WRONG');
    expect(again(7, 1)).toBe('SALT_WRONG');
    const [ran] = eventOf(untilEpoch(chain), 'yuma.epochRan');
    expect(ran!.salts).toBe(1);
  });

  it('earn a validator nothing in the one it does not score, and cost it nothing', async () => {
    const { chain, validators } = await aDouble([32_768, 32_767], { validators: 3, miners: 3 });
    const [lazy, ...others] = validators as [Person, ...Person[]];
    for (let n = 0; n < 3; n += 1) {
      expectDone(chain.block([...inBoth(others, { 3: 1 }, { 4: 1 }, n), weightsCall(lazy, 1, { 3: 1 }, n)]));
      const events = untilEpoch(chain);
      expect(eventOf(events, 'yuma.dividendsForfeited')).toEqual([]);
      const [idle, busy] = [dividendsOf(events, 0), dividendsOf(events, 1)];
      expect(idle > 0n && busy > 2n * idle, `${idle} against ${busy}`).toBe(true);
    }
    const shown = chain.query('subnets_metagraph', { netuid: 1 }).neurons[0];
    expect(shown.mechanisms[0].dividends).toBeGreaterThan(0);
    expect(shown.mechanisms[1]).toMatchObject({ dividends: 0, emission: '0', lastUpdateSlot: '0' });
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('cost who worked in one and stopped in the other the dividends of that one', async () => {
    const { chain, validators } = await aDouble([32_768, 32_767]);
    expectDone(chain.block(inBoth(validators, { 2: 1 }, { 3: 1 }, 0)));
    untilEpoch(chain);
    const [lazy, other] = validators as [Person, Person];
    expectDone(chain.block([...inBoth([other], { 2: 1 }, { 3: 1 }, 1), weightsCall(lazy, 1, { 2: 1 }, 1)]));
    const events = untilEpoch(chain);
    expect(eventOf(events, 'yuma.dividendsForfeited')).toMatchObject([
      { uid: 0, mechanism: 1, reason: 'commitMissed' },
    ]);
    expect(dividendsOf(events, 0) > 0n).toBe(true);
    expect(neurons.get(chain.view, 1, 0)!.missedReveals).toBe(1);
    // And nothing at all costs it both.
    expectDone(chain.block(inBoth([other], { 2: 1 }, { 3: 1 }, 2)));
    const after = eventOf(untilEpoch(chain), 'yuma.dividendsForfeited');
    expect(after).toMatchObject([
      { uid: 0, mechanism: 0, reason: 'saltWithheld' },
      { uid: 0, mechanism: 1, reason: 'saltWithheld' },
    ]);
    expect(neurons.get(chain.view, 1, 0)!.missedReveals).toBe(2);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('forfeit for withheld evidence only where it was withheld', async () => {
    const { chain, validators } = await aDouble([32_768, 32_767], { validators: 3, miners: 3 });
    expectDone(chain.block(inBoth(validators, { 3: 1 }, { 4: 1 }, 0)));
    untilEpoch(chain);
    expectDone(chain.block(inBoth(validators, { 3: 1 }, { 4: 1 }, 1)));
    const others = (self: number, hidden: number[]) =>
      [0, 1, 2].filter((uid) => uid !== self && !hidden.includes(uid));
    expectDone(
      chain.block(
        validators.flatMap((judge, uid) => [
          attestCall(judge, others(uid, [])),
          attestCall(judge, others(uid, [2]), 1, 1),
        ]),
      ),
    );
    const events = untilEpoch(chain);
    expect(eventOf(events, 'yuma.dividendsForfeited')).toMatchObject([
      { uid: 2, mechanism: 1, reason: 'evidenceWithheld' },
    ]);
    expect(dividendsOf(events, 2) > 0n).toBe(true);
    expect(neurons.get(chain.view, 1, 2)!.withheldEvidence).toBe(1);
  });
});

describe('a mechanism that nobody scores', () => {
  it('pays nobody once another one pays miners, and its part is recycled', async () => {
    const { chain, validators } = await aDouble([32_768, 32_767]);
    expectDone(chain.block(validators.map((person) => weightsCall(person, 1, { 2: 1 }, 0))));
    const events = untilEpoch(chain);
    const [ran] = eventOf(events, 'yuma.epochRan');
    const [busy, idle] = (ran!.mechanisms as string[]).map(BigInt) as [bigint, bigint];
    expect(paidTo(events, 2)).toBe(busy / 2n);
    expect(dividendsOf(events, 0) + dividendsOf(events, 1) <= busy / 2n).toBe(true);
    const left = BigInt(ran!.emission as string) - BigInt(ran!.paid as string);
    expect(left >= idle && idle > 0n, `${left} of which ${idle}`).toBe(true);
    expect(eventOf(events, 'emission.recycled')).toMatchObject([{ amount: left.toString() }]);
    expect(neurons.get(chain.view, 1, 2)!.incentive).toBe(32_768);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('leaves a young subnet to pay by stake, as with one', async () => {
    const paidBy = async (parts: number[] | null) => {
      const { chain } = await aMarket();
      if (parts !== null) setMechanisms(chain, parts);
      return eventOf(untilEpoch(chain), 'emission.paid');
    };
    const usual = await paidBy(null);
    expect(usual.filter(({ uid }) => uid !== null)).not.toEqual([]);
    expect(await paidBy([65_535, 0])).toEqual(usual);
    const total = (paid: typeof usual) =>
      paid.reduce((sum, { amount }) => sum + BigInt(amount as string), 0n);
    const lost = total(usual) - total(await paidBy([32_768, 32_767]));
    expect(lost >= 0n && lost < 8n, `${lost} lost to rounding`).toBe(true);
  });

  it('cannot be taken by a small validator before the others have had time to score it', async () => {
    const { chain, validators } = await aDouble([32_768, 32_767], { validators: 3, miners: 3 });
    setHyperparameter(chain, 'activityCutoffSlots', 100);
    const [quick, ...others] = validators as [Person, ...Person[]];
    const earned: bigint[] = [];
    for (let n = 0; n < 8; n += 1) {
      const usual = others.map((person) => weightsCall(person, 1, { 3: 1 }, n));
      expectDone(chain.block([...inBoth([quick], { 3: 1 }, { 5: 1 }, n), ...usual]));
      earned.push(paidTo(untilEpoch(chain), 5));
    }
    expect(earned.slice(0, 3)).toEqual([0n, 0n, 0n]);
    expect(earned.at(-1)! > 0n, `${earned}`).toBe(true);
  });
});

describe('a mechanism that goes', () => {
  it('takes its weights and bonds along in the middle of the work, and nothing else', async () => {
    const { chain, validators, owner } = await aDouble();
    expectDone(chain.block(inBoth(validators, { 2: 1 }, { 3: 1 }, 0)));
    untilEpoch(chain);
    const split = { netuid: 1, split: [65_535] };
    expect(chain.send(owner.coldkey, 'subnets.setMechanisms', split)).toBeNull();
    expectDone(chain.block(inBoth(validators, { 2: 1 }, { 3: 1 }, 1)));
    const last = untilEpoch(chain);
    expect(paidTo(last, 3) > 0n, 'its last epoch is paid').toBe(true);
    const leftover = [...chain.store.keys()].filter((key) => /^yuma\/.*\/00001\/\d{5}\/00001$/.test(key));
    expect(leftover).toEqual([]);
    expect(mechanismResults.get(chain.view, 1, 2)).toBeUndefined();
    expect(weights.get(chain.view, 1, 0)).toBeDefined();
    expect(subnets.get(chain.view, 1)!.mechanisms).toHaveLength(1);
    const { from, name, message } = weightsCall(validators[0]!, 1, { 3: 1 }, 2, 1);
    expect(chain.send(from, name, message)).toBe('MECHANISM_UNKNOWN');
    expectDone(chain.block(validators.map((person) => weightsCall(person, 1, { 2: 1 }, 2))));
    const events = untilEpoch(chain);
    expect(eventOf(events, 'yuma.dividendsForfeited')).toEqual([]);
    expect(paidTo(events, 3)).toBe(0n);
    expect(chain.query('subnets_metagraph', { netuid: 1 }).neurons[2]).not.toHaveProperty('mechanisms');
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('is forgotten with a subnet that ends', async () => {
    const { chain, validators, owner } = await aDouble([32_768, 32_767], {
      parameters: { dissolutionNoticeSlots: 3n, networkImmunitySlots: 0n },
    });
    expectDone(chain.block(inBoth(validators, { 2: 1 }, { 3: 1 }, 0)));
    untilEpoch(chain);
    expect(chain.send(owner.coldkey, 'subnets.dissolve', { netuid: 1 })).toBeNull();
    chain.advance(8);
    expect([...chain.store.keys()].filter((key) => /^yuma\/.*\/00001/.test(key))).toEqual([]);
    expect(brokenInvariants(chain)).toEqual([]);
  });
});

describe('mechanisms and money', () => {
  it('a further one with no part changes nothing that anybody is paid', async () => {
    const run = async (parts: number[] | null) => {
      const market = await aMarket({ validators: 3, miners: 4 });
      const { chain, validators, miners } = market;
      untilEpoch(chain);
      if (parts !== null) setMechanisms(chain, parts);
      for (let n = 0; n < 4; n += 1) {
        const row = { 3: 5 + n, 4: 3, 5: n };
        expectDone(
          chain.block(validators.map((person, index) => weightsCall(person, 1, { ...row, 6: index }, n))),
        );
        untilEpoch(chain);
      }
      const found = Array.from({ length: 7 }, (_, uid) => neurons.get(chain.view, 1, uid));
      const tokens = [...validators, ...miners].map(({ coldkey }) => chain.tokens(coldkey));
      return { found, tokens };
    };
    expect(await run([65_535, 0])).toEqual(await run(null));
  });

  it('conserve tokens to the last unit, whatever the split and whoever scores what', async () => {
    const part = fc.nat(65_535);
    const mask = fc.array(fc.tuple(fc.boolean(), fc.boolean()), { minLength: 3, maxLength: 3 });
    let forfeits = 0;
    await fc.assert(
      fc.asyncProperty(part, fc.array(mask, { minLength: 2, maxLength: 4 }), async (first, epochs) => {
        const { chain, validators } = await aDouble([first, 65_535 - first], { validators: 3, miners: 3 });
        const shown = [0, 0, 0];
        for (const plan of epochs) {
          const calls = plan.flatMap(([one, two], index) => {
            const person = validators[index]!;
            const n = shown[index]!;
            if (one || two) shown[index] = n + 1;
            return [
              ...(one ? [weightsCall(person, 1, { 3: 2, 4: 1 + index }, n)] : []),
              ...(two ? [weightsCall(person, 1, { 4: 1, 5: 3 }, n, 1)] : []),
            ];
          });
          expectDone(chain.block(calls));
          const events = untilEpoch(chain);
          const [ran] = eventOf(events, 'yuma.epochRan');
          const sum = (name: string) =>
            eventOf(events, name).reduce((total, { amount }) => total + BigInt(amount as string), 0n);
          expect(sum('emission.paid')).toBe(BigInt(ran!.paid as string));
          expect(sum('emission.paid') + sum('emission.recycled')).toBe(BigInt(ran!.emission as string));
          forfeits += eventOf(events, 'yuma.dividendsForfeited').length;
          expect(brokenInvariants(chain)).toEqual([]);
        }
      }),
      { numRuns: 30, seed: 20_270_101 },
    );
    expect(forfeits).toBeGreaterThan(20);
  });
});

describe('epochs of several mechanisms', () => {
  it('count once each against the most of a block, and a subnet with more runs alone', async () => {
    const { chain, owner } = await aMarket({ parameters: { maxEpochsPerBlock: 2n, subnetLockMin: 1n } });
    for (const name of ['two', 'three', 'four']) {
      expect(chain.send(owner.coldkey, 'subnets.create', { name, lockLimit: 1n << 60n })).toBeNull();
    }
    setMechanisms(chain, [20_000, 20_000, 25_535], 2);
    chain.block([], 10);
    chain.block([], 10);
    chain.block([], 10);
    const blocks = Array.from({ length: 6 }, () =>
      eventOf([...chain.block().events], 'yuma.epochRan').map(({ netuid }) => netuid),
    );
    for (const ran of blocks) expect(ran.includes(2) ? ran.length : 1, `${ran}`).toBe(1);
  });
});
