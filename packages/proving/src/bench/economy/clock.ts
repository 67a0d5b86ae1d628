/** What a piece of work took, in milliseconds. */
export interface Spent {
  readonly wallMs: number;
  /** Of the processor, all threads of the process together: what other load on the machine does not stretch. */
  readonly cpuMs: number;
}

export function timed<T>(work: () => T): { readonly result: T; readonly spent: Spent } {
  const cpuBefore = process.cpuUsage();
  const startMs = performance.now();
  const result = work();
  const wallMs = performance.now() - startMs;
  const { user, system } = process.cpuUsage(cpuBefore);
  return { result, spent: { wallMs, cpuMs: (user + system) / 1_000 } };
}
