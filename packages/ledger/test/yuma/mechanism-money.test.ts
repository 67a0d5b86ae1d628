import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { neurons } from '../../src/index.ts';
import { aDouble } from '../support/double-market.ts';
import { brokenInvariants } from '../support/invariants.ts';
import { aMarket, expectDone, setMechanisms, untilEpoch, weightsCall } from '../support/market.ts';
import { eventOf } from '../support/secret-market.ts';

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
