import { defineParameters } from '../definition.ts';

/** Verdicts on answers of providers. */
export const VERIFICATION_PARAMETERS = defineParameters({
  verdictSlots: {
    unit: 'slots',
    initial: 600n,
    min: 1n,
    max: 50_400n,
    source: 'own choice',
    help: 'For how long validators may join a case, and anew after the provider has answered it.',
  },
  verdictConvictBps: {
    unit: 'bps',
    initial: 6_666n,
    min: 5_000n,
    max: 10_000n,
    source: 'PROTOCOL: more than two thirds of validator stake',
    help: 'A provider is convicted by more than this part of the voting power of the others.',
  },
  slashVerdictBps: {
    unit: 'bps',
    initial: 500n,
    min: 0n,
    max: 10_000n,
    source: 'as for a duplicate vote',
    help: 'Part of the stake behind it that a convicted provider loses.',
  },
});
