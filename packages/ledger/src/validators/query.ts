import { account, accountIdToAddress, areBytesEqual, bytesToHex, struct, u16, u64 } from '@cairn/core';
import { defineQuery, noParams } from '../execution/query.ts';
import { readParameters } from '../parameters/state.ts';
import type { StateView } from '../state/view.ts';
import { conducts, FAULT_KINDS, missedCell, NEVER } from './conduct.ts';
import { type Roster, rosterCell } from './state.ts';
import { leastStake, targetPowers } from './target-powers.ts';

const validatorSchema = {
  type: 'object',
  properties: {
    validator: { type: 'string' },
    publicKey: { type: 'string' },
    origin: { type: 'string', enum: ['genesis', 'stake'] },
    account: { type: 'string' },
    power: u64.schema,
    target: u64.schema,
    isLeaving: { type: 'boolean' },
    isJailed: { type: 'boolean' },
  },
};

/** Fewest validators that together hold more than a third of the power, and so could stop the chain. */
function nakamotoCoefficient(powers: readonly bigint[]): number {
  const total = powers.reduce((sum, power) => sum + power, 0n);
  let held = 0n;
  let count = 0;
  for (const power of [...powers].sort((a, b) => (a === b ? 0 : a > b ? -1 : 1))) {
    if (held * 3n > total || power === 0n) break;
    held += power;
    count += 1;
  }
  return count;
}

export const validatorsQuery = defineQuery({
  name: 'validators_list',
  help: 'Who votes on blocks: power in force, the power it moves to, and what is left of the power that genesis granted. One unit is a thousandth of a staked CAIRN. `nakamoto` is the fewest validators that could stop the chain.',
  params: noParams,
  result: {
    type: 'object',
    properties: {
      totalPower: u64.schema,
      bootstrapLeft: u64.schema,
      leastStake: u64.schema,
      nextUpdateSlot: u64.schema,
      nakamoto: u16.schema,
      validators: { type: 'array', items: validatorSchema },
    },
  },
  run({ view }) {
    const parameters = readParameters(view);
    const roster = rosterCell.get(view);
    const target = targetPowers(view, parameters, roster);
    const powers = roster.validators.map(({ power }) => power);
    return {
      totalPower: powers.reduce((sum, power) => sum + power, 0n).toString(),
      bootstrapLeft: roster.bootstrapLeft.toString(),
      leastStake: leastStake(view, parameters).toString(),
      nextUpdateSlot: (roster.updatedSlot + parameters.validatorEpochSlots).toString(),
      nakamoto: nakamotoCoefficient(powers),
      validators: roster.validators.map((validator, index) =>
        describe(view, validator, target.powers[index]!),
      ),
    };
  },
});

function describe(view: StateView, validator: Roster['validators'][number], target: bigint) {
  const { id, publicKey, origin, account: votesFor, power, isLeaving } = validator;
  return {
    validator: accountIdToAddress(id),
    publicKey: bytesToHex(publicKey),
    origin,
    account: accountIdToAddress(votesFor),
    power: power.toString(),
    target: target.toString(),
    isLeaving,
    isJailed: conducts.get(view, id).jailedUntil > 0n,
  };
}

const faultSchema = {
  type: 'object',
  properties: {
    kind: { type: 'string', enum: FAULT_KINDS },
    height: u64.schema,
    slot: u64.schema,
    slashed: u64.schema,
  },
};

export const validatorQuery = defineQuery({
  name: 'validators_show',
  help: 'One consensus key: its place on the roster (null when it has none), whether it is jailed and from which slot it may vote again (null: never, it signed twice), and what it was punished for, the latest eight.',
  params: struct('ValidatorsShow', { validator: account }),
  result: {
    type: 'object',
    properties: {
      validator: { type: 'string' },
      entry: { oneOf: [{ type: 'null' }, validatorSchema] },
      isJailed: { type: 'boolean' },
      isTombstoned: { type: 'boolean' },
      jailedUntil: { oneOf: [{ type: 'null' }, u64.schema] },
      missedVotes: { type: 'integer' },
      faults: { type: 'array', items: faultSchema },
    },
  },
  run({ view }, { validator: id }) {
    const roster = rosterCell.get(view);
    const index = roster.validators.findIndex((other) => areBytesEqual(other.id, id));
    const target = index < 0 ? 0n : targetPowers(view, readParameters(view), roster).powers[index]!;
    const { jailedUntil, isTombstoned, faults } = conducts.get(view, id);
    return {
      validator: accountIdToAddress(id),
      entry: index < 0 ? null : describe(view, roster.validators[index]!, target),
      isJailed: jailedUntil > 0n,
      isTombstoned,
      jailedUntil: jailedUntil === NEVER ? null : jailedUntil.toString(),
      missedVotes: missedCell.get(view).missed.find((other) => areBytesEqual(other.id, id))?.votes ?? 0,
      faults: faults.map(({ kind, height, slot, slashed }) => ({
        kind,
        height: height.toString(),
        slot: slot.toString(),
        slashed: slashed.toString(),
      })),
    };
  },
});
