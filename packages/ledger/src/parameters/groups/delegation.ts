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
});
