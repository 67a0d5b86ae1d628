import type { Environment } from './engine-job.ts';

/**
 * Honest machines: sets of instructions from the oldest 64-bit processors to the newest, one and two threads, one to
 * eight answers in a batch. Those that this processor lacks are left out, and the result says so.
 */
export const ENVIRONMENTS: readonly Environment[] = [
  { variant: 'native', threads: 1, parallel: 1 },
  { variant: 'native', threads: 2, parallel: 4 },
  { variant: 'haswell', threads: 1, parallel: 1 },
  { variant: 'haswell', threads: 2, parallel: 8 },
  { variant: 'skylakex', threads: 2, parallel: 1 },
  { variant: 'icelake', threads: 1, parallel: 4 },
  { variant: 'cooperlake', threads: 1, parallel: 1 },
  { variant: 'zen4', threads: 1, parallel: 2 },
  { variant: 'alderlake', threads: 1, parallel: 1 },
  { variant: 'sapphirerapids', threads: 1, parallel: 1 },
  { variant: 'x64', threads: 1, parallel: 1 },
  { variant: 'sse42', threads: 2, parallel: 2 },
  { variant: 'sandybridge', threads: 1, parallel: 4 },
  { variant: 'ivybridge', threads: 2, parallel: 1 },
];

export const nameOf = ({ variant, threads, parallel }: Environment): string =>
  `${variant}, ${threads} thread${threads === 1 ? '' : 's'}, batch ${parallel}`;
