/** Durations of repeated runs. */
export interface BenchTiming {
  readonly name: string;
  readonly runs: number;
  /** Wall-clock milliseconds. */
  readonly medianMs: number;
  readonly minMs: number;
  readonly maxMs: number;
  /** Processor milliseconds of a run on average, which other load on the machine does not stretch. */
  readonly cpuMs: number;
}

const WARM_UP_RUNS = 3;

/** Times a function after three runs that warm up the compiler. */
export function measureRuns(name: string, runs: number, run: () => void): BenchTiming {
  for (let i = 0; i < WARM_UP_RUNS; i += 1) run();
  const durations: number[] = [];
  const cpuBefore = process.cpuUsage();
  for (let i = 0; i < runs; i += 1) {
    const start = performance.now();
    run();
    durations.push(performance.now() - start);
  }
  const { user, system } = process.cpuUsage(cpuBefore);
  durations.sort((a, b) => a - b);
  return {
    name,
    runs,
    medianMs: durations[Math.floor(runs / 2)] as number,
    minMs: durations[0] as number,
    maxMs: durations[runs - 1] as number,
    cpuMs: (user + system) / 1000 / runs,
  };
}
