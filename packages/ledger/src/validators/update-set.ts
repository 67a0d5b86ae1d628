import type { BlockContext } from '../execution/context.ts';
import { powerChanged } from './events.ts';
import { movePowers } from './move-powers.ts';
import { punishDowntime } from './punish.ts';
import { removeValidators } from './remove.ts';
import { type Roster, rosterCell, type Validator } from './state.ts';
import { targetPowers } from './target-powers.ts';

/**
 * Once per `validatorEpochSlots` moves the voting powers towards what stake says and tells consensus what changed.
 *
 * Cost: one hotkey read for each entry of the roster, at most a few hundred.
 */
export function updateValidatorSet(context: BlockContext): void {
  const { state, parameters, slot } = context;
  const { validators: known, updatedSlot } = rosterCell.get(state);
  if (known.length === 0 || slot < updatedSlot + parameters.validatorEpochSlots) return;
  punishDowntime(context);
  const roster = rosterCell.get(state);
  const target = targetPowers(state, parameters, roster);
  // A chain cannot go on without votes: while nobody could replace them, those who have power keep it.
  const isEmpty = target.powers.every((power) => power === 0n);
  const powers = isEmpty
    ? roster.validators.map(({ power }) => power)
    : movePowers(
        roster.validators.map(({ power }) => power),
        target.powers,
        parameters.validatorPowerMoveBps,
      );
  const validators = roster.validators.map((validator, index): Validator => {
    const power = powers[index]!;
    if (power === validator.power) return validator;
    context.changePower(validator.publicKey, power);
    powerChanged(context, validator, power);
    return { ...validator, power };
  });
  const left = validators.filter(({ isLeaving, power }) => isLeaving && power === 0n);
  removeValidators(context, left);
  rosterCell.set(state, {
    // Entries of genesis stay, so that what they were granted is known.
    validators: validators.filter((validator) => !left.includes(validator)),
    bootstrapLeft: bootstrapLeftAfter(roster, validators),
    updatedSlot: slot,
  });
}

/**
 * Granted power is given up only for staked power in force, so that stake that comes for one update and goes again
 * ends no more of it than one update moves.
 */
function bootstrapLeftAfter({ bootstrapLeft }: Roster, validators: readonly Validator[]): bigint {
  const granted = validators.reduce((total, validator) => total + validator.granted, 0n);
  const staked = validators.reduce(
    (total, { origin, power }) => (origin === 'stake' ? total + power : total),
    0n,
  );
  const lacking = staked < granted ? granted - staked : 0n;
  return lacking < bootstrapLeft ? lacking : bootstrapLeft;
}
