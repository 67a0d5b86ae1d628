import { accountIdToAddress, bytesToHex, u16, u64 } from '@cairn/core';
import { defineQuery, noParams } from '../execution/query.ts';
import { readParameters } from '../parameters/state.ts';
import { rosterCell } from './state.ts';
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
      validators: roster.validators.map(({ id, publicKey, origin, account, power, isLeaving }, index) => ({
        validator: accountIdToAddress(id),
        publicKey: bytesToHex(publicKey),
        origin,
        account: accountIdToAddress(account),
        power: power.toString(),
        target: target.powers[index]!.toString(),
        isLeaving,
      })),
    };
  },
});
