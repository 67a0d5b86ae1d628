import { defineFlows } from './definition.ts';

const exact = 'exact';

/** What training runs hold, and what they pay. */
export const TRAINING_FLOWS = defineFlows({
  'training.fund': {
    from: 'circulating',
    to: 'escrowed',
    payer: 'owner of a run, or anybody',
    payee: 'pool of the run',
    rounding: exact,
  },
  'training.bond': {
    from: 'circulating',
    to: 'escrowed',
    payer: 'wallet of a trainer',
    payee: 'bond of its seat',
    rounding: exact,
  },
  'training.returnBond': {
    from: 'escrowed',
    to: 'circulating',
    payer: 'bond of a seat that left and can be challenged no more',
    payee: 'wallet of the trainer',
    rounding: exact,
  },
  'training.pay': {
    from: 'escrowed',
    to: 'circulating',
    payer: 'reward of a round whose window closed',
    payee: 'trainers, witnesses (their wallets) and validators (coldkey of a hotkey)',
    rounding:
      'down, the pool keeps the rest: 80 % by score, steps and ramp, 10 % by stake and agreement, 5 % by what a witness was right about',
  },
  'training.unpaid': {
    from: 'escrowed',
    to: 'escrowed',
    payer: 'pay that is forfeited, or whose payee cannot be paid',
    payee: 'pool of the run',
    rounding: exact,
  },
  'training.challenge': {
    from: 'circulating',
    to: 'escrowed',
    payer: 'who challenges a step, or appeals',
    payee: 'deposit of the case',
    rounding: exact,
  },
  'training.returnDeposit': {
    from: 'escrowed',
    to: 'circulating',
    payer: 'deposit of a case that was right, or was not judged',
    payee: 'who paid it',
    rounding: exact,
  },
  'training.compensate': {
    from: 'escrowed',
    to: 'circulating',
    payer: 'half of the deposit of a challenge of an honest step',
    payee: 'wallet of the trainer',
    rounding: 'down',
  },
  'training.burnDeposit': {
    from: 'escrowed',
    to: 'burn',
    payer: 'the other half of that deposit',
    payee: 'nobody',
    rounding: 'what the trainer’s half leaves',
  },
  'training.keepDeposit': {
    from: 'escrowed',
    to: 'escrowed',
    payer: 'deposit of an appeal that was lost, or whose payee cannot be paid',
    payee: 'challenge fund of the run',
    rounding: exact,
  },
  'training.payJudge': {
    from: 'escrowed',
    to: 'circulating',
    payer: 'a sixteenth of the challenge fund, when a case is decided',
    payee: 'validators that judged as it was decided (coldkey of a hotkey), by stake',
    rounding: 'down, the fund keeps the rest',
  },
  'training.bounty': {
    from: 'escrowed',
    to: 'circulating',
    payer: 'half of the bond of a convicted trainer',
    payee: 'challenger',
    rounding: 'down',
  },
  'training.keepBounty': {
    from: 'escrowed',
    to: 'escrowed',
    payer: 'the same, when the step was drawn or the challenger cannot be paid',
    payee: 'challenge fund of the run',
    rounding: 'down',
  },
  'training.slash': {
    from: 'escrowed',
    to: 'burn',
    payer: 'the other half of the bond',
    payee: 'nobody',
    rounding: 'what the bounty leaves',
  },
  'training.refund': {
    from: 'escrowed',
    to: 'circulating',
    payer: 'pool and challenge fund of a run that ended',
    payee: 'owner of the run',
    rounding: exact,
  },
});
