import { defineFlows } from './definition.ts';

const exact = 'exact';

/** Where the money of subnets goes that end, and of those that want their place. */
export const SUBNET_FLOWS = defineFlows({
  'subnets.dissolve': {
    from: 'pooled',
    to: 'escrowed',
    payer: 'pool of a subnet that ends',
    payee: 'all who hold its token',
    rounding: exact,
  },
  'subnets.dissolveUnheld': {
    from: 'pooled',
    to: 'recycle',
    payer: 'pool of a subnet that ends and whose token nobody holds',
    payee: 'nobody',
    rounding: exact,
  },
  'subnets.claimDissolved': {
    from: 'escrowed',
    to: 'circulating',
    payer: 'what was in the pool of a dissolved subnet',
    payee: 'holder of its token',
    rounding: 'the running sum rounds down: each within a pebble of its quota, the last takes the rest',
  },
  'subnets.unpaid': {
    from: 'escrowed',
    to: 'recycle',
    payer: 'what was in the pool of a dissolved subnet',
    payee: 'nobody: the account of the holder was closed and its part is below the deposit of another',
    rounding: exact,
  },
  'subnets.escrowChallenge': {
    from: 'circulating',
    to: 'escrowed',
    payer: 'who creates a subnet when all places are taken',
    payee: 'its challenge',
    rounding: exact,
  },
  'subnets.lockChallenge': {
    from: 'escrowed',
    to: 'pooled',
    payer: 'challenge that got a place',
    payee: 'reserve of the new pool',
    rounding: exact,
  },
  'subnets.returnChallenge': {
    from: 'escrowed',
    to: 'circulating',
    payer: 'challenge that was matched',
    payee: 'challenger',
    rounding: exact,
  },
  'subnets.match': {
    from: 'circulating',
    to: 'pooled',
    payer: 'who keeps a challenged subnet',
    payee: 'reserve of its pool',
    rounding: exact,
  },
});
