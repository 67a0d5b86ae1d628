import { describe, expect, it } from 'vitest';
import { trainSlotsOf } from '../../src/training/deadlines.ts';
import { aRun, TERMS } from '../support/training.ts';

const terms = { ...TERMS, minTrainSlots: 4, maxTrainSlots: 400 };

describe('how long a round is open for updates', () => {
  it('is as long as allowed while no arrival is known', () => {
    expect(trainSlotsOf(terms, [])).toBe(400n);
  });

  it('is four deviations more than the median, and at least half as long again', () => {
    expect(trainSlotsOf(terms, [20, 30, 40])).toBe(71n);
    expect(trainSlotsOf(terms, [30, 30, 30])).toBe(46n);
    expect(trainSlotsOf(terms, [1, 1])).toBe(4n);
    expect(trainSlotsOf(terms, [390, 390])).toBe(400n);
  });

  it('is not moved by one that is late for ever', () => {
    expect(trainSlotsOf(terms, [9, 10, 11, 10, 399])).toBeLessThan(20n);
  });

  it('leaves trainers that stop in time for a block all their steps, round after round, however long these take', () => {
    for (let steps = 1; steps <= 200; steps += 1) {
      let arrivals: number[] = [];
      for (let round = 0; round < 40; round += 1) {
        const whole = Number(trainSlotsOf(terms, arrivals));
        // A quarter of the phase, three slots at most, and one for the way there.
        const left = whole - Math.min(3, Math.floor(whole / 4));
        const made = Math.min(steps, left);
        expect(made, `a slot for each of ${steps} steps, round ${round}`).toBe(steps);
        arrivals = [made + 1, made + 1, made + 1];
      }
    }
  });

  it('is as long as allowed after a round to which nobody came in time: all machines became slower', async () => {
    const play = await aRun({ terms: { minTrainSlots: 4, maxTrainSlots: 400 } });
    const open = () => play.round().deadlineSlot - play.round().startSlot;
    play.play();
    play.play();
    play.untilPhase('train');
    expect(open()).toBeLessThan(20n);
    while (play.run().round === 3) play.chain.block();
    play.untilPhase('train');
    expect(play.run().voidRounds).toBe(1);
    expect(open()).toBe(400n);
  });
});
