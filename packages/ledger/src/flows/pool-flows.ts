import { defineFlows } from './definition.ts';

const exact = 'exact';

/** What goes into the pools of subnet tokens and out of them, and what swaps hold until they clear. */
export const POOL_FLOWS = defineFlows({
  'pools.lock': {
    from: 'circulating',
    to: 'pooled',
    payer: 'creator of a subnet',
    payee: 'reserve of its pool',
    rounding: exact,
  },
  'pools.registration': {
    from: 'circulating',
    to: 'pooled',
    payer: 'who registers a neuron',
    payee: "the subnet's pool, for tokens that are burned",
    rounding: 'price rounds down',
  },
  'pools.escrowBuy': {
    from: 'circulating',
    to: 'escrowed',
    payer: 'buyer',
    payee: 'order that clears next',
    rounding: exact,
  },
  'pools.buy': { from: 'escrowed', to: 'pooled', payer: 'order', payee: 'pool', rounding: 'fees round up' },
  'pools.returnBuy': {
    from: 'escrowed',
    to: 'circulating',
    payer: 'order',
    payee: 'who placed it',
    rounding: exact,
  },
  'pools.sealFee': {
    from: 'circulating',
    to: 'recycle',
    payer: 'who seals an order',
    payee: 'nobody',
    rounding: exact,
  },
  'pools.escrowBond': {
    from: 'circulating',
    to: 'escrowed',
    payer: 'who seals an order',
    payee: 'its bond',
    rounding: exact,
  },
  'pools.returnBond': {
    from: 'escrowed',
    to: 'circulating',
    payer: 'bond of a sealed order',
    payee: 'who opened it',
    rounding: exact,
  },
  'pools.forfeitBond': {
    from: 'escrowed',
    to: 'recycle',
    payer: 'bond of a sealed order that was not opened',
    payee: 'nobody',
    rounding: exact,
  },
  'pools.unpaid': {
    from: 'escrowed',
    to: 'recycle',
    payer: 'order',
    payee: 'nobody: its account was closed and the amount is below the deposit of another',
    rounding: exact,
  },
  'pools.sell': {
    from: 'pooled',
    to: 'circulating',
    payer: 'pool',
    payee: 'seller, or the take of root dividends',
    rounding: 'down: the pool never loses',
  },
  'pools.sellLeg': {
    from: 'pooled',
    to: 'escrowed',
    payer: 'pool',
    payee: "the seller's order of the next block",
    rounding: 'down: the pool never loses',
  },
  'pools.rootDividend': {
    from: 'pooled',
    to: 'staked',
    payer: 'pool',
    payee: 'all who stake on root at the hotkey',
    rounding: 'down: the pool never loses',
  },
});
