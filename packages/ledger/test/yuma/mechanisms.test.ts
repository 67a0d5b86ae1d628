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
import { aDouble, dividendsOf, inBoth, paidTo } from '../support/double-market.ts';
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
