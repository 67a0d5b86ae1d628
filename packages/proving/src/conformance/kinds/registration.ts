import {
  type BurnPriceRules,
  chooseNeuronToPrune,
  decayBurnPrice,
  type PruningCandidate,
  raiseBurnPrice,
} from '@cairn/ledger';
import type { Checker } from '../case.ts';
import { createComparison } from '../compare.ts';
import { readBigint, readCount, readCounts, readFields, readList, readRatio } from '../read-fields.ts';

const DEFAULT_MIN_NON_IMMUNE = 10;

const checkBurnPrice: Checker = ({ input, expected, tolerance }) => {
  const fields = readFields(input, 'input');
  const rules: BurnPriceRules = {
    halfLifeSlots: readCount(fields.half_life, 'input.half_life'),
    increase: readRatio(fields.increase_mult, 'input.increase_mult'),
    min: readBigint(fields.min ?? 0, 'input.min'),
    max: readBigint(fields.max ?? '18446744073709551615', 'input.max'),
  };
  const comparison = createComparison(tolerance);
  const afterEach = readList(readFields(expected, 'expected').after_each, 'expected.after_each');
  let price = readBigint(fields.burn, 'input.burn');
  readList(fields.ops, 'input.ops').forEach((op, index) => {
    if (op === 'block') price = decayBurnPrice(price, 1, rules);
    else if (op === 'register') price = raiseBurnPrice(price, rules);
    else comparison.note(`input.ops[${index}] is ${String(op)}, neither block nor register`);
    const figure = afterEach[index] ?? null;
    if (figure !== null) {
      comparison.value(`price after op ${index}`, price, readBigint(figure, `expected.after_each[${index}]`));
    }
  });
  return comparison.differences;
};

const checkNeuronToPrune: Checker = ({ input, expected }) => {
  const fields = readFields(input, 'input');
  const immune = new Set(readCounts(fields.immune ?? [], 'input.immune'));
  const immortal = new Set(readCounts(fields.owner_immortal ?? [], 'input.owner_immortal'));
  const candidates = readList(fields.neurons, 'input.neurons').map((entry, index): PruningCandidate => {
    const neuron = readFields(entry, `input.neurons[${index}]`);
    const uid = readCount(neuron.uid ?? index, `input.neurons[${index}].uid`);
    return {
      uid,
      emission: readBigint(neuron.emission ?? 0, `input.neurons[${index}].emission`),
      registeredAt: readCount(neuron.reg_block ?? 0, `input.neurons[${index}].reg_block`),
      isImmune: immune.has(uid),
      isProtected: immortal.has(uid),
    };
  });
  const minNonImmune = readCount(
    fields.min_non_immune_uids ?? DEFAULT_MIN_NON_IMMUNE,
    'input.min_non_immune_uids',
  );
  const chosen = chooseNeuronToPrune(candidates, minNonImmune);
  const wanted = expected === null ? null : readCount(expected, 'expected');
  return chosen === wanted ? [] : [`uid to prune is ${chosen}, expected ${wanted}`];
};

export const registrationKinds: Readonly<Record<string, Checker>> = {
  burn_price: checkBurnPrice,
  neuron_to_prune: checkNeuronToPrune,
};
