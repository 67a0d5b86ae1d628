import type { BlockContext } from '../execution/context.ts';
import { runSubnetEpoch } from './run-subnet-epoch.ts';
import { type ScheduledEpoch, scheduleCell } from './state.ts';

const dueSlot = ({ lastEpochSlot, tempo }: ScheduledEpoch): bigint => lastEpochSlot + BigInt(tempo);

/**
 * Runs the epochs that are due, the longest overdue first so that a subnet with a short tempo cannot keep
 * another waiting, at most `maxEpochsPerBlock`; the others run in later blocks.
 */
export function runDueEpochs(context: BlockContext): void {
  const due = scheduleCell
    .get(context.state)
    .filter((entry) => dueSlot(entry) <= context.slot)
    .sort((a, b) => (dueSlot(a) === dueSlot(b) ? a.netuid - b.netuid : dueSlot(a) < dueSlot(b) ? -1 : 1));
  for (const entry of due.slice(0, Number(context.parameters.maxEpochsPerBlock))) {
    runSubnetEpoch(context, entry);
  }
}
