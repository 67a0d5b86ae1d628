import type { Environment } from './engine-job.ts';

/** A kind of machine, and how many parts of the honest samples it takes: those that take long take fewer. */
export interface HonestMachine extends Environment {
  readonly parts: number;
  /** Honest answers that the limits are set by. */
  readonly calibration: number;
}

const FAST = { parts: 100, calibration: 48 };
/** Without AVX2 an answer takes ten times as long. */
const SLOW = { parts: 3, calibration: 24 };
/** Threads of llama.cpp wait for each other by spinning, which on a machine with other work takes seconds an answer. */
const SPINNING = { parts: 1, calibration: 8 };

/**
 * Honest machines: sets of instructions from the oldest 64-bit processors to the newest, one and two threads, one to
 * eight answers in a batch. Those that this processor lacks are left out, and the result says so.
 */
export const ENVIRONMENTS: readonly HonestMachine[] = [
  { variant: 'native', threads: 1, parallel: 1, ...FAST },
  { variant: 'haswell', threads: 1, parallel: 1, ...FAST },
  { variant: 'icelake', threads: 1, parallel: 4, ...FAST },
  { variant: 'haswell', threads: 1, parallel: 8, ...FAST },
  { variant: 'cooperlake', threads: 1, parallel: 1, ...FAST },
  { variant: 'zen4', threads: 1, parallel: 2, ...FAST },
  { variant: 'skylakex', threads: 1, parallel: 1, ...FAST },
  { variant: 'alderlake', threads: 1, parallel: 1, ...FAST },
  { variant: 'sapphirerapids', threads: 1, parallel: 1, ...FAST },
  { variant: 'x64', threads: 1, parallel: 1, ...SLOW },
  { variant: 'sse42', threads: 1, parallel: 2, ...SLOW },
  { variant: 'sandybridge', threads: 1, parallel: 4, ...SLOW },
  { variant: 'native', threads: 2, parallel: 4, ...SPINNING },
  { variant: 'haswell', threads: 2, parallel: 1, ...SPINNING },
];

export const nameOf = ({ variant, threads, parallel }: Environment): string =>
  `${variant}, ${threads} thread${threads === 1 ? '' : 's'}, batch ${parallel}`;
