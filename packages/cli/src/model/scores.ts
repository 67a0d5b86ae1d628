import type { Score, Standing } from '@cairn/sdk';

const percent = (share: number): string => (share * 100).toFixed(1);

/** A share with its interval: `95.0 (89.9–97.5)`. */
export const formatScore = ({ share, low, high }: Score): string =>
  `${percent(share)} (${percent(low)}–${percent(high)})`;

/** A standing for `--json`. */
export function scoreJson(standing: Omit<Standing, 'model' | 'task'>) {
  const { artifact, quantisation, score, validators, stake, isBacked, isAhead } = standing;
  return { artifact, quantisation, ...score, validators, stake, isBacked, isAhead };
}
