import { defineParameters } from '../definition.ts';

/** Calls of several accounts, for another account and at a later time. */
export const DELEGATION_PARAMETERS = defineParameters({
  multisigProposalSlots: {
    unit: 'slots',
    initial: 50_400n,
    min: 10n,
    max: 2_628_000n,
    source: 'own choice (7 days)',
    help: 'How long members can approve a call of their multisig account after the first of them did.',
  },
  proxyAnnouncementSlots: {
    unit: 'slots',
    initial: 50_400n,
    min: 10n,
    max: 2_628_000n,
    source: 'own choice (7 days)',
    help: 'How long an announced call of a delegate can run after its delay has passed.',
  },
  scheduleHorizonSlots: {
    unit: 'slots',
    initial: 2_628_000n,
    min: 100n,
    max: 26_280_000n,
    source: 'own choice (1 year)',
    help: 'How far ahead a call can be scheduled.',
  },
  scheduledPerBlock: {
    unit: 'count',
    initial: 32n,
    min: 1n,
    max: 1_024n,
    source: 'own choice',
    help: 'Most scheduled calls that one block runs; the others run in the next blocks, in order.',
  },
  scheduledWorkPerBlock: {
    unit: 'work units',
    initial: 20_000n,
    min: 1_000n,
    max: 1_000_000n,
    source: 'own choice (a tenth of maxBlockWork)',
    help: 'Most declared work of the scheduled calls of one block, on top of that of its transactions; also the most of one call.',
  },
});
