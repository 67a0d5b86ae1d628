import { defineParameters } from '../definition.ts';

/** Keys and sub-keys of accounts. */
export const ACCOUNTS_PARAMETERS = defineParameters({
  keyChangeDelaySlots: {
    unit: 'slots',
    initial: 36_000n,
    min: 2n,
    max: 1_000_000n,
    source: 'incentives reference a (5 days)',
    help: 'Between announcing another key, or other guardians, and its taking effect; and the calm after a freeze.',
  },
  recoveryDelaySlots: {
    unit: 'slots',
    initial: 21_600n,
    min: 2n,
    max: 1_000_000n,
    source: 'own choice (3 days)',
    help: 'Between enough votes of guardians for another key and its taking effect, in which the key can dispute.',
  },
  keyFreezeSlots: {
    unit: 'slots',
    initial: 100_800n,
    min: 2n,
    max: 1_000_000n,
    source: 'own choice (14 days)',
    help: 'Longest time that a disputed account waits for the ruling of its guardians.',
  },
  subKeyDaySlots: {
    unit: 'slots',
    initial: 7_200n,
    min: 1n,
    max: 1_000_000n,
    source: '24 hours of 12 s',
    help: 'Day in which a sub-key may spend so much.',
  },
});
