import { defineFlows } from './definition.ts';

const exact = 'exact';

/** CAIRN on root: staked, waiting, given back, slashed. */
export const STAKING_FLOWS = defineFlows({
  'staking.stake': {
    from: 'circulating',
    to: 'staked',
    payer: 'coldkey',
    payee: 'its position at the hotkey',
    rounding: 'shares round down: the pool never loses',
  },
  'staking.unstake': {
    from: 'staked',
    to: 'circulating',
    payer: 'position',
    payee: 'coldkey',
    rounding: 'amount rounds down: the pool never loses',
  },
  'staking.unbond': {
    from: 'staked',
    to: 'escrowed',
    payer: 'position',
    payee: 'what waits to be paid to the coldkey',
    rounding: 'amount rounds down: the pool never loses',
  },
  'staking.release': {
    from: 'escrowed',
    to: 'circulating',
    payer: 'unstaked CAIRN that is due',
    payee: 'coldkey',
    rounding: exact,
  },
  'staking.slash': {
    from: 'staked',
    to: 'burn',
    payer: 'all who stake to a hotkey',
    payee: 'nobody',
    rounding: 'down, for those who lose it',
  },
  'staking.slashUnbonding': {
    from: 'escrowed',
    to: 'burn',
    payer: 'what left a hotkey and is not free',
    payee: 'nobody',
    rounding: 'down, for those who lose it',
  },
});
