import type { EpochOutput } from '@cairn/ledger';
import type { Checker } from '../case.ts';
import { type Comparison, createComparison } from '../compare.ts';
import { createEpochWorld, type EpochWorld } from '../epoch-world.ts';
import { type Fields, readCount, readCounts, readFields, readList, readNumbers } from '../read-fields.ts';
import { readWeightRow, setWeights } from '../read-weights.ts';
import { compareBonds, compareQuantity } from './epoch.ts';

const U16_MAX = 65_535;

const checkStages: Checker = ({ input, tolerance }) => {
  const fields = readFields(input, 'input');
  const world = createEpochWorld(fields, false);
  if (fields.weights !== undefined) setWeights(world, fields.weights, 'input.weights');
  const comparison = createComparison(tolerance);
  readList(fields.stages, 'input.stages').forEach((entry, index) => {
    const name = `input.stages[${index}]`;
    const stage = readFields(entry, name);
    if (stage.set_weights !== undefined) setWeights(world, stage.set_weights, `${name}.set_weights`);
    const output = world.runEpoch(readCounts(stage.inactive ?? [], `${name}.inactive`));
    const expected = readFields(stage.expected ?? {}, `${name}.expected`);
    compareStage(comparison, world, output, expected, `stage ${index}`);
  });
  return comparison.differences;
};

function compareStage(
  comparison: Comparison,
  world: EpochWorld,
  output: EpochOutput,
  expected: Fields,
  label: string,
): void {
  for (const [name, list] of Object.entries(expected)) {
    if (name === 'bonds_col') continue;
    if (name === 'bonds_u16') {
      const miner = readCount(expected.bonds_col, `${label} bonds_col`);
      const wanted = readCounts(list, `${label} bonds_u16`);
      const bonds = wanted.map((_, index) => world.bond(world.validators[index] ?? index, miner));
      comparison.list(`${label} bonds to ${miner}`, bonds, wanted);
    } else {
      const quantity = name === 'emission_trace' ? 'emission' : name;
      compareQuantity(comparison, world, output, quantity, list, `${label} ${name}`);
    }
  }
}

const checkActiveStake: Checker = ({ input, expected, tolerance }) => {
  const fields = readFields(input, 'input');
  const world = createEpochWorld(fields, false);
  setWeights(world, fields.weights, 'input.weights');
  const comparison = createComparison(tolerance);
  const epochs = readList(readFields(expected, 'expected').epochs, 'expected.epochs');
  epochs.forEach((entry, index) => {
    const { inactive, ...figures } = readFields(entry, `expected.epochs[${index}]`);
    const output = world.runEpoch(readCounts(inactive ?? [], `expected.epochs[${index}].inactive`));
    for (const [name, list] of Object.entries(figures)) {
      const label = `epoch ${index} ${name}`;
      if (name.startsWith('bonds')) compareBonds(comparison, world, list, label);
      else compareQuantity(comparison, world, output, name, list, label);
    }
  });
  return comparison.differences;
};

const checkYuma3: Checker = ({ input, expected, tolerance }) => {
  const fields = readFields(input, 'input');
  const world = createEpochWorld(fields, true);
  const figures = readFields(expected, 'expected');
  const weights = rowsByEpoch(fields.weights_u16_by_epoch, 'input.weights_u16_by_epoch');
  const dividends = rowsByEpoch(figures.dividends_by_epoch ?? [], 'expected.dividends_by_epoch');
  const incentive = rowsByEpoch(figures.incentive_by_epoch ?? [], 'expected.incentive_by_epoch');
  const bonds = rowsByEpoch(figures.bonds_by_epoch ?? [], 'expected.bonds_by_epoch');
  const resets = [fields.reset_bonds ?? []]
    .flat()
    .map((entry, index) => readFields(entry, `reset_bonds[${index}]`));
  const last = Math.max(-1, ...dividends.keys(), ...bonds.keys(), ...incentive.keys());
  const epochs = fields.epochs === undefined ? last + 1 : readCount(fields.epochs, 'input.epochs');
  const comparison = createComparison(tolerance);
  if (last >= epochs) comparison.note(`epoch ${last} is expected, but only ${epochs} are run`);
  for (let epoch = 0; epoch < epochs; epoch += 1) {
    if (weights.has(epoch)) setServerWeights(world, weights.get(epoch), `weights of epoch ${epoch}`);
    for (const reset of resets) {
      if (readCount(reset.before_epoch, 'reset_bonds.before_epoch') !== epoch) continue;
      for (const uid of [reset.uid].flat()) world.resetBonds(readCount(uid, 'reset_bonds.uid'));
    }
    const output = world.runEpoch();
    compareProportions(
      comparison,
      world.validators,
      output.dividends,
      dividends.get(epoch),
      `epoch ${epoch} dividends`,
    );
    compareProportions(
      comparison,
      world.servers,
      output.incentive,
      incentive.get(epoch),
      `epoch ${epoch} incentive`,
    );
    if (bonds.has(epoch)) {
      readList(bonds.get(epoch), `epoch ${epoch} bonds`).forEach((row, index) => {
        const validator = world.validators[index] ?? index;
        const held = Float64Array.from(world.servers, (miner) => world.bond(validator, miner) / U16_MAX);
        comparison.list(
          `epoch ${epoch} bonds of ${validator}`,
          held,
          readNumbers(row, `epoch ${epoch} bonds`),
        );
      });
    }
  }
  return comparison.differences;
};

/** Entries of a list, or of a map whose keys are epochs. */
function rowsByEpoch(value: unknown, name: string): ReadonlyMap<number, unknown> {
  if (Array.isArray(value)) return new Map(value.entries());
  return new Map(
    Object.entries(readFields(value, name)).map(([epoch, rows]) => [readCount(epoch, `${name} epoch`), rows]),
  );
}

/** Rows are validators, columns are servers. */
function setServerWeights(world: EpochWorld, value: unknown, name: string): void {
  readList(value, name).forEach((row, index) => {
    const validator = world.validators[index] ?? index;
    world.setWeights(validator, readWeightRow(row, `${name}[${index}]`, world));
  });
}

function compareProportions(
  comparison: Comparison,
  uids: readonly number[],
  actual: Uint16Array,
  expected: unknown,
  label: string,
): void {
  if (expected === undefined) return;
  const shares = Float64Array.from(uids, (uid) => actual[uid]! / U16_MAX);
  comparison.list(label, shares, readNumbers(expected, label));
}

export const epochSequenceKinds: Readonly<Record<string, Checker>> = {
  yuma2_epoch_sequence: checkStages,
  yuma2_active_stake_sequence: checkActiveStake,
  yuma3_epoch_sequence: checkYuma3,
};
