import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { medianScore, shareByWeight, splitReward } from '../../src/training/share-pay.ts';
import { brokenInvariants } from '../support/invariants.ts';
import { aRun, VEST } from '../support/training.ts';

const seed = 20_261_122;

describe(`what rounds pay (seed ${seed})`, () => {
  it('is never more than the reward, and each share is in proportion', () => {
    const weights = fc.array(fc.bigInt({ min: 0n, max: 2n ** 46n }), { minLength: 1, maxLength: 256 });
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 63n }), weights, (reward, given) => {
        const split = splitReward(reward);
        expect(split.trainers + split.judges + split.witnesses + split.challenges).toBeLessThanOrEqual(
          reward,
        );
        const shares = shareByWeight(split.trainers, given);
        const total = given.reduce((sum, weight) => sum + weight, 0n);
        const paid = shares.reduce((sum, share) => sum + share, 0n);
        expect(paid).toBeLessThanOrEqual(split.trainers);
        if (total > 0n) expect(split.trainers - paid).toBeLessThan(BigInt(given.length));
        for (const [at, share] of shares.entries())
          expect(share * total).toBeLessThanOrEqual(split.trainers * given[at]!);
      }),
      { seed, numRuns: 300 },
    );
  });

  it('goes by a median that less than half of the stake cannot move', () => {
    const score = fc.integer({ min: 0, max: 65_535 });
    fc.assert(
      fc.property(score, fc.array(score, { minLength: 1, maxLength: 15 }), (honest, others) => {
        const loyal = { stake: 16n, scores: [honest] };
        const rows = [loyal, ...others.map((other) => ({ stake: 1n, scores: [other] }))];
        expect(medianScore(rows, 0)).toBe(honest);
      }),
      { seed, numRuns: 300 },
    );
  });

  it('conserves the supply over rounds with missing trainers, absent validators and cases of every end', async () => {
    const step = fc.record({
      missing: fc.integer({ min: 0, max: 3 }),
      silent: fc.integer({ min: 0, max: 3 }),
      accepted: fc.integer({ min: 0, max: 3 }),
      score: fc.integer({ min: 0, max: 65_535 }),
      verdict: fc.constantFrom('none', 'guilty', 'honest', 'unavailable'),
      leaves: fc.boolean(),
      wait: fc.integer({ min: 0, max: VEST }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 5 }), async (steps) => {
        const play = await aRun({ terms: { minTrainSlots: 8, drawBps: 5_000 } });
        const { chain, trainers } = play;
        const [first] = trainers;
        for (const { missing, silent, accepted, score, verdict, leaves, wait } of steps) {
          // Who left or missed three rounds comes back, and a round that is nearly over is let go by.
          const open = play.run().round;
          while (play.run().round === open && play.run().phase !== 'cooldown') chain.block();
          const gone = trainers.filter((person) => play.seatOf(person) === null);
          if (gone.length > 0) chain.block(gone.map((person) => play.joinCall(person)));
          play.untilPhase('train');
          const present = trainers
            .filter((person) => play.placeOf(person) >= 0)
            .slice(0, Math.max(1, 3 - missing));
          const number = play.play({
            people: present,
            silent,
            accepted: present.slice(0, accepted),
            scoreOf: (person) => (person === first ? score : 100),
          });
          expect(brokenInvariants(chain), `after round ${number}`).toEqual([]);
          const place = play
            .explain(number)
            .trainers.findIndex(({ steps: done }: { steps: number }) => done > 0);
          if (verdict !== 'none') {
            const { from, name, message } = play.challengeCall(play.owner.coldkey, { round: number, place });
            chain.send(from, name, message);
            for (const { number: open } of chain.query('training_cases', { run: play.hex }))
              chain.block([0, 1, 2].map((judge) => play.judgeCall(judge, open, verdict)));
          }
          if (leaves)
            chain.send(first!.coldkey, 'training.leave', { run: play.id, device: first!.hotkey.account });
          chain.advance(wait);
          expect(brokenInvariants(chain), `after the cases of round ${number}`).toEqual([]);
        }
        chain.send(play.owner.coldkey, 'training.endRun', { run: play.id });
        for (let blocks = 0; play.run().phase !== 'ended'; blocks += 1) {
          if (blocks > 300) throw new Error(`The run does not end: ${play.run().reason}`);
          chain.block();
        }
        expect(brokenInvariants(chain), 'after the end').toEqual([]);
        expect(play.run().pool + play.run().challengeFund).toBe(0n);
      }),
      { seed, numRuns: 8 },
    );
  }, 120_000);
});
