import { describe, expect, it } from 'vitest';
import { aReplay, oneBit } from './replays.ts';

const REPLAYS = 1_000;

describe('the replay of a step, many times', () => {
  it('acquits 1,000 of 1,000 honest trainers: a false conviction is rarer than 0.3 %, at 95 %', async () => {
    let acquitted = 0;
    for (let seed = 1; seed <= REPLAYS; seed += 1)
      if ((await aReplay(seed)).verdict === 'equal') acquitted += 1;
    expect(acquitted).toBe(REPLAYS);
  });

  it('convicts 1,000 of 1,000 that altered one bit of a gradient', async () => {
    let convicted = 0;
    for (let seed = 1; seed <= REPLAYS; seed += 1)
      if ((await aReplay(seed, oneBit(seed))).verdict === 'differs') convicted += 1;
    expect(convicted).toBe(REPLAYS);
  });
});
