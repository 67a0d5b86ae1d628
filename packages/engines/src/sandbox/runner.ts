import type { SandboxFault } from '@cairn/protocol';
import type { RunOrder } from './thread-messages.ts';
import type { WorkMeter } from './work-meter.ts';

export interface RunOutcome {
  readonly fault: SandboxFault | null;
  readonly message: string;
  readonly output: Uint8Array;
  readonly log: string;
}

/** Loaded code on its thread. */
export interface CodeRunner {
  /** @throws Error when the code broke what it runs in; the thread is given up then. */
  run(order: RunOrder, meter: WorkMeter): Promise<RunOutcome>;
}

export const NOTHING: Uint8Array = new Uint8Array(0);

/** What came of code that was ended from outside, or null when it was not. */
export function meterFault(meter: WorkMeter, log: string): RunOutcome | null {
  if (meter.verdict === 'exceeded')
    return { fault: 'WORK_EXCEEDED', message: 'The call used up the work it may do.', output: NOTHING, log };
  if (meter.verdict === 'stopped')
    return { fault: 'CANCELLED', message: 'The call was ended.', output: NOTHING, log };
  return null;
}
