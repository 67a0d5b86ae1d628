import type { EpochOutput } from '@cairn/ledger';
import type { Checker } from '../case.ts';
import { type Comparison, createComparison, type Quantity } from '../compare.ts';
import { createEpochWorld, type EpochWorld } from '../epoch-world.ts';
import { type Fields, readBigint, readCount, readCounts, readFields, readList } from '../read-fields.ts';
import { setWeights, sparseRow } from '../read-weights.ts';

const QUANTITIES: Readonly<Record<string, (output: EpochOutput) => ArrayLike<Quantity>>> = {
  active: (output) => output.active,
  consensus: (output) => output.consensus,
  dividends: (output) => output.dividends,
  emission: (output) => output.emission,
  incentive: (output) => output.incentive,
  new_permits: (output) => output.newPermits,
  server_emission: (output) => output.serverEmission,
  stake_weight: (output) => output.stakeShare,
  validator_emission: (output) => output.validatorEmission,
  validator_permits: (output) => output.newPermits,
  validator_trust: (output) => output.validatorTrust,
};

/** The values of one quantity for all uids, or null when no rule computes it. */
function quantityOf(output: EpochOutput, name: string): ArrayLike<Quantity> | null {
  return QUANTITIES[name]?.(output) ?? null;
}

/** Compares a list that starts at uid 0, or that has one entry for each validator. */
export function compareQuantity(
  comparison: Comparison,
  world: EpochWorld,
  output: EpochOutput,
  name: string,
  expected: unknown,
  label = name,
): void {
  const actual = quantityOf(output, name);
  if (actual === null) {
    comparison.note(`${label}: no rule computes this quantity`);
    return;
  }
  const wanted = readList(expected, `expected.${label}`).map((entry) =>
    readBigint(typeof entry === 'boolean' ? Number(entry) : entry, `expected.${label}`),
  );
  const isByValidator = wanted.length < world.n && wanted.length === world.validators.length;
  const uids = isByValidator ? world.validators : wanted.map((_, uid) => uid);
  comparison.list(
    label,
    uids.map((uid) => BigInt(actual[uid] ?? -1)),
    wanted,
  );
}

/** Compares bonds of validators [row] to servers or, with rows as long as the subnet, to all uids. */
export function compareBonds(
  comparison: Comparison,
  world: EpochWorld,
  expected: unknown,
  label: string,
): void {
  const rows = readList(expected, `expected.${label}`);
  const validators = rows.length === world.n ? null : world.validators;
  rows.forEach((row, index) => {
    const wanted = readCounts(row, `expected.${label}[${index}]`);
    const miners = wanted.length === world.n ? null : serversOf(world, wanted.length);
    comparison.list(
      `${label}[${index}]`,
      wanted.map((_, column) => world.bond(validators?.[index] ?? index, miners?.[column] ?? column)),
      wanted,
    );
  });
}

/** The servers of a case that does not name them are the last uids. */
function serversOf(world: EpochWorld, count: number): readonly number[] {
  return world.servers.length === count
    ? world.servers
    : Array.from({ length: count }, (_, index) => world.n - count + index);
}

const checkEpoch: Checker = ({ input, expected, tolerance }) => {
  const fields = readFields(input, 'input');
  const world = createEpochWorld(fields, false);
  setWeights(world, fields.weights ?? [], 'input.weights');
  const comparison = createComparison(tolerance);
  let output = world.runEpoch();
  for (let epoch = 1; epoch < readCount(fields.epochs ?? 1, 'input.epochs'); epoch += 1) {
    output = world.runEpoch();
  }
  for (const [name, list] of Object.entries(readFields(expected, 'expected'))) {
    if (name === 'bonds') compareBonds(comparison, world, list, name);
    else compareQuantity(comparison, world, output, name, list);
  }
  return comparison.differences;
};

const checkLargeEpoch: Checker = ({ input, expected, tolerance }) => {
  const fields = readFields(input, 'input');
  const world = createEpochWorld(fields, false);
  setRuledWeights(world, readFields(fields.weights_rule, 'input.weights_rule'));
  const comparison = createComparison(tolerance);
  let output = world.runEpoch();
  for (let epoch = 1; epoch < readCount(fields.epochs ?? 3, 'input.epochs'); epoch += 1) {
    output = world.runEpoch();
  }
  const groups = readFields(expected, 'expected');
  for (const [group, uids] of [
    ['validator', world.validators],
    ['server', world.servers],
  ] as const) {
    if (groups[group] !== undefined) {
      compareGroup(comparison, world, output, group, uids, readFields(groups[group], `expected.${group}`));
    }
  }
  return comparison.differences;
};

/** Each uid of `from` gives `value_u16` to each uid of the inclusive range `to`. */
function setRuledWeights(world: EpochWorld, rule: Fields): void {
  const to = readCounts(rule.to, 'input.weights_rule.to');
  const first = to[0] ?? 0;
  const last = to[1] ?? first;
  const value = readCount(rule.value_u16, 'input.weights_rule.value_u16');
  const row = sparseRow(Array.from({ length: last - first + 1 }, (_, index) => [first + index, value]));
  for (const uid of readCounts(rule.from, 'input.weights_rule.from')) world.setWeights(uid, row);
}

function compareGroup(
  comparison: Comparison,
  world: EpochWorld,
  output: EpochOutput,
  group: string,
  uids: readonly number[],
  expected: Fields,
): void {
  for (const [name, figure] of Object.entries(expected)) {
    const wanted = readBigint(figure, `expected.${group}.${name}`);
    const miners =
      name === 'bond_to_server' ? world.servers : name === 'bond_to_validator' ? world.validators : null;
    const values = quantityOf(output, name);
    if (miners === null && values === null) {
      comparison.note(`${group} ${name}: no rule computes this quantity`);
      continue;
    }
    for (const uid of uids) {
      const actual = miners?.map((miner) => world.bond(uid, miner)) ?? [values![uid]!];
      const off = actual.find((value) => BigInt(value) !== wanted) ?? wanted;
      comparison.value(`${group} ${uid} ${name}`, BigInt(off), wanted);
    }
  }
}

export const epochKinds: Readonly<Record<string, Checker>> = {
  yuma_epoch: checkEpoch,
  yuma_epoch_large: checkLargeEpoch,
};
