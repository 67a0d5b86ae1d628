import type { Environment } from './engine-job.ts';

/** A kind of machine, and how many parts of the honest samples it takes: those that take long take fewer. */
export interface HonestMachine extends Environment {
  readonly parts: number;
}

/**
 * Honest machines: sets of instructions from the oldest 64-bit processors to the newest, one and two threads, one to
 * eight answers in a batch. Those that this processor lacks are left out, and the result says so.
 */
export const ENVIRONMENTS: readonly HonestMachine[] = [
  { variant: 'native', threads: 1, parallel: 1, parts: 12 },
  { variant: 'haswell', threads: 1, parallel: 1, parts: 12 },
  { variant: 'icelake', threads: 1, parallel: 4, parts: 12 },
  { variant: 'haswell', threads: 1, parallel: 8, parts: 12 },
  { variant: 'cooperlake', threads: 1, parallel: 1, parts: 12 },
  { variant: 'zen4', threads: 1, parallel: 2, parts: 12 },
  { variant: 'alderlake', threads: 1, parallel: 1, parts: 12 },
  { variant: 'sapphirerapids', threads: 1, parallel: 1, parts: 12 },
  { variant: 'native', threads: 2, parallel: 4, parts: 1 },
  { variant: 'skylakex', threads: 2, parallel: 1, parts: 1 },
  { variant: 'x64', threads: 1, parallel: 1, parts: 1 },
  { variant: 'sse42', threads: 1, parallel: 2, parts: 1 },
  { variant: 'sandybridge', threads: 1, parallel: 4, parts: 1 },
  { variant: 'ivybridge', threads: 2, parallel: 1, parts: 1 },
];

export const nameOf = ({ variant, threads, parallel }: Environment): string =>
  `${variant}, ${threads} thread${threads === 1 ? '' : 's'}, batch ${parallel}`;
