import type { SealSuite } from './sealing-key.ts';

/**
 * Who can read a request and its answer. The texts say what is so, not what one would wish: what is proved by
 * cryptography, and who has to be trusted besides.
 */
export type PrivacyLevel = 'L0' | 'L1' | 'L2';

export interface PrivacyText {
  readonly level: PrivacyLevel;
  readonly name: string;
  /** Who can read prompt and answer. */
  readonly readers: string;
  /** What is not hidden from others. */
  readonly leaks: string;
}

const SEALED_LEAKS =
  'Who passes it on sees who pays whom, which model, when, the sums of the vouchers, and how many pieces of which size class there are.';

export const PRIVACY_TEXTS: Readonly<Record<PrivacyLevel, PrivacyText>> = {
  L0: {
    level: 'L0',
    name: 'in clear',
    readers: 'this gateway, the provider and everything that passes it on between them',
    leaks: 'All of it, except where the connection itself is encrypted.',
  },
  L1: {
    level: 'L1',
    name: "sealed to the provider's host",
    readers:
      'this gateway and the host of the provider, with whoever runs that host; nothing between the two',
    leaks: SEALED_LEAKS,
  },
  L2: {
    level: 'L2',
    name: 'sealed to attested hardware',
    readers:
      'this gateway and the program that the hardware attested; whoever runs the host only by breaking the hardware or its maker',
    leaks: SEALED_LEAKS,
  },
};

/** The level of an answer: what happened to it, not what was asked for. */
export function privacyLevelOf(sealed: SealSuite | undefined, isAttested = false): PrivacyLevel {
  if (sealed === undefined) return 'L0';
  return isAttested ? 'L2' : 'L1';
}

/** What several providers of one model come to: who is asked decides who can read. */
export interface PrivacySummary extends Omit<PrivacyText, 'level'> {
  /** The level of the best of them, which the texts are of. */
  readonly best: PrivacyLevel;
  /** How many providers there are of each. */
  readonly providers: Readonly<Record<PrivacyLevel, number>>;
}

/** @param levels of each provider. @returns null without any */
export function summarizePrivacy(levels: readonly PrivacyLevel[]): PrivacySummary | null {
  const best = (['L2', 'L1', 'L0'] as const).find((level) => levels.includes(level));
  if (best === undefined) return null;
  const { name, readers, leaks } = PRIVACY_TEXTS[best];
  const count = (level: PrivacyLevel) => levels.filter((each) => each === level).length;
  return { best, name, readers, leaks, providers: { L0: count('L0'), L1: count('L1'), L2: count('L2') } };
}
