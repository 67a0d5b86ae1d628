import {
  type BurnPriceRules,
  DEFAULT_EPOCH_PARAMETERS,
  decayBurnPrice,
  HYPERPARAMETERS,
  raiseBurnPrice,
  runEpoch,
} from '@cairn/ledger';
import { createSeededRandom } from '../simulation/seeded-random.ts';
import type { Attack } from './attack.ts';
import { EPOCH_EMISSION, TEMPO } from './yuma-world.ts';

interface Bot {
  /** Slots before the end of an epoch at which it registers. */
  readonly before: number;
  /** Neurons it registers for each epoch, one in a block. */
  readonly count: number;
}

const VALIDATORS = 4;
const MINERS = 28;
const NEURONS = VALIDATORS + MINERS;
const EPOCHS = 10;
const CAIRN = 1_000_000_000;

const RULES: BurnPriceRules = {
  halfLifeSlots: Number(HYPERPARAMETERS.burnHalfLifeSlots.initial),
  increase: { numerator: HYPERPARAMETERS.burnIncreaseBps.initial, denominator: 10_000n },
  min: HYPERPARAMETERS.burnMin.initial,
  max: HYPERPARAMETERS.burnMax.initial,
};

/**
 * A bot that takes the place of the least earning miner just before an epoch, to be paid by the weights that others
 * set for it. The honest twin keeps its money.
 *
 * @param isMasked whether weights set before a neuron was registered count for it; false is the rule before the mask
 */
export function registrationBot(isMasked: boolean): Attack<Bot> {
  return {
    name: 'registration bot',
    rule: isMasked
      ? 'older weights do not count (the same on both now)'
      : 'older weights count, as before the mask',
    of: isMasked ? 'cairn' : 'bittensor',
    shareOf: 'none needed',
    shares: [0],
    judgedAt: 0,
    unit: 'of what its neurons cost',
    strategies: [1, 30, 120].flatMap((before) => [1, 2, 4, 8].map((count) => ({ before, count }))),
    describe: ({ before, count }) => `${count} new neurons in each epoch, ${before} slots before its end`,
    gain(seed, _, { before, count }) {
      const random = createSeededRandom(seed);
      // CAIRN for a token: what the subnet's emission is worth.
      const price = (5 + random.below(50)) / 1_000;
      const weights = Array.from({ length: VALIDATORS }, () => ({
        uids: Uint16Array.from({ length: MINERS }, (_, index) => VALIDATORS + index),
        values: Uint16Array.from({ length: MINERS }, () => 3_000 + random.below(62_535)),
      }));
      // Nobody has registered for long, so the price has fallen as far as it goes.
      let burn = RULES.min;
      let cost = 0;
      let income = 0;
      for (let epoch = 1; epoch <= EPOCHS; epoch += 1) {
        burn = decayBurnPrice(burn, TEMPO - count, RULES);
        for (let bought = 0; bought < count; bought += 1) {
          cost += Number(burn) / CAIRN;
          burn = decayBurnPrice(raiseBurnPrice(burn, RULES), 1, RULES);
        }
        income += price * tokensOf(weights, count, isMasked ? epoch * TEMPO - before : 0, epoch * TEMPO);
      }
      return (income - cost) / cost;
    },
  };
}

/** Tokens that the newest neurons earn in one epoch: those that weigh least of all made room for them. */
function tokensOf(
  weights: readonly { readonly uids: Uint16Array; readonly values: Uint16Array }[],
  count: number,
  registered: number,
  slot: number,
): number {
  const sums = Array.from({ length: MINERS }, (_, miner) =>
    weights.reduce((sum, { values }) => sum + values[miner]!, 0),
  );
  const least = [...sums.keys()].sort((a, b) => sums[a]! - sums[b]!).slice(0, count);
  const registeredAt = new Float64Array(NEURONS);
  for (const miner of least) registeredAt[VALIDATORS + miner] = registered;
  const output = runEpoch({
    parameters: DEFAULT_EPOCH_PARAMETERS,
    slot,
    lastEpochSlot: slot - TEMPO,
    ownerUid: null,
    stakes: Array.from({ length: NEURONS }, (_, uid) => (uid < VALIDATORS ? 1_000n : 0n)),
    permits: Uint8Array.from({ length: NEURONS }, (_, uid) => (uid < VALIDATORS ? 1 : 0)),
    lastUpdate: new Float64Array(NEURONS).fill(slot - TEMPO / 2),
    registeredAt,
    earliestCommit: null,
    weights: Array.from({ length: NEURONS }, (_, uid) => weights[uid] ?? null),
    bonds: Array(NEURONS).fill(null),
    emission: EPOCH_EMISSION,
  });
  return least.reduce((sum, miner) => sum + Number(output.serverEmission[VALIDATORS + miner]!) / CAIRN, 0);
}
