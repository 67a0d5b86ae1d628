import { describe, expect, it } from 'vitest';
import { brokenInvariants } from '../support/invariants.ts';
import { aMarket, expectDone, untilEpoch, weightsCall } from '../support/market.ts';

describe('a subnet with two validators and four miners', () => {
  it('pays miners by the quality that validators agree on, epoch after epoch', async () => {
    const { chain, validators, miners, owner } = await aMarket();
    const before = miners.map((miner) => chain.tokens(miner.coldkey));
    const ownerBefore = chain.tokens(owner.coldkey);
    untilEpoch(chain);
    for (let epoch = 0; epoch < 3; epoch += 1) {
      const calls = validators.map((validator) =>
        weightsCall(validator, 1, { 2: 1_000, 3: 1_000, 4: 400, 5: 0 }, epoch),
      );
      expectDone(chain.block(calls));
      untilEpoch(chain);
      expect(brokenInvariants(chain), `epoch ${epoch}`).toEqual([]);
    }
    const earned = miners.map((miner, index) => chain.tokens(miner.coldkey) - before[index]!);
    expect(earned[0]).toBe(earned[1]);
    expect(earned[0]! > earned[2]! * 2n).toBe(true);
    expect(earned[2]! > 0n).toBe(true);
    expect(earned[3]).toBe(0n);
    expect(chain.tokens(owner.coldkey) > ownerBefore).toBe(true);
    const metagraph = chain.query('subnets_metagraph', { netuid: 1, weights: true });
    const { neurons } = metagraph;
    expect(neurons.map((neuron: { incentive: number }) => neuron.incentive)).toEqual([
      0, 0, 27_306, 27_306, 10_922, 0,
    ]);
    expect(neurons[0].permit).toBe(true);
    expect(BigInt(neurons[0].rootStake) > 1_000_000_000_000n).toBe(true);
    // Nobody stakes tokens here, so what counts is root's stake at its weight.
    const weighed = (BigInt(neurons[0].rootStake) * 971_718_665_099_567_868n) >> 64n;
    expect(BigInt(neurons[0].stake)).toBe(weighed);
    expect(neurons[0].missedReveals).toBe(0);
  });
});
