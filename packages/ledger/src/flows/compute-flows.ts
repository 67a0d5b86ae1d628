import { defineFlows } from './definition.ts';

const exact = 'exact';

/** What leases of compute hold, and what they pay. */
export const COMPUTE_FLOWS = defineFlows({
  'compute.fund': {
    from: 'circulating',
    to: 'escrowed',
    payer: 'tenant, or who tops a lease up',
    payee: 'lease',
    rounding: exact,
  },
  'compute.pay': {
    from: 'escrowed',
    to: 'circulating',
    payer: 'lease',
    payee: 'provider',
    rounding: 'whole slots that are over',
  },
  'compute.refund': {
    from: 'escrowed',
    to: 'circulating',
    payer: 'lease that ended',
    payee: 'tenant',
    rounding: exact,
  },
  'compute.bond': {
    from: 'circulating',
    to: 'escrowed',
    payer: 'provider',
    payee: 'bond of its bid',
    rounding: exact,
  },
  'compute.returnBond': {
    from: 'escrowed',
    to: 'circulating',
    payer: 'bond of a bid or lease that ended',
    payee: 'provider',
    rounding: exact,
  },
  'compute.forfeitBond': {
    from: 'escrowed',
    to: 'circulating',
    payer: 'bond of a provider that left without notice',
    payee: 'tenant',
    rounding: exact,
  },
});
