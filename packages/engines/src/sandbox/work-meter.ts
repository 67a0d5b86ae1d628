import { CONTROL_GRANTED, CONTROL_STOP, CONTROL_TURN } from './thread-messages.ts';

/** Why running code is ended from outside of it. */
export type MeterVerdict = 'go' | 'stopped' | 'exceeded';

/** Counts the CPU time of this thread, and holds the code up while what it used is not granted. */
export interface WorkMeter {
  /** Units since it began, rounded up; at least 1. */
  work(): number;
  /** Called often by the code that runs. */
  check(): MeterVerdict;
  /** What the last check that was not `go` said. */
  readonly verdict: MeterVerdict;
}

/**
 * @param cpuMicroseconds CPU time of this thread so far.
 * @param ask tells the other side that this many units are wanted; the answer comes through `control`.
 */
export function createWorkMeter(
  control: Int32Array<SharedArrayBuffer>,
  maxWork: number,
  cpuMicroseconds: () => number,
  ask: (work: number) => void,
): WorkMeter {
  const begun = cpuMicroseconds();
  const work = () => Math.max(1, Math.ceil((cpuMicroseconds() - begun) / 1000));
  let verdict: MeterVerdict = 'go';
  return {
    work,
    get verdict() {
      return verdict;
    },
    check() {
      const used = work();
      if (used > maxWork) verdict = 'exceeded';
      while (verdict === 'go') {
        const turn = Atomics.load(control, CONTROL_TURN);
        if (Atomics.load(control, CONTROL_STOP) !== 0) verdict = 'stopped';
        else if (used <= Atomics.load(control, CONTROL_GRANTED)) return 'go';
        else {
          ask(used);
          Atomics.wait(control, CONTROL_TURN, turn);
        }
      }
      return verdict;
    },
  };
}
