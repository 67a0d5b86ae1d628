import type { BlockContext } from '../execution/context.ts';
import { subnets } from '../subnets/state.ts';
import { runSubnetEpoch } from './run-subnet-epoch.ts';
import { type ScheduledEpoch, scheduleCell } from './state.ts';

const dueSlot = ({ lastEpochSlot, tempo }: ScheduledEpoch): bigint => lastEpochSlot + BigInt(tempo);

/**
 * Runs the epochs that are due, the longest overdue first so that a subnet with a short tempo cannot keep
 * another waiting, at most `maxEpochsPerBlock`; the others run in later blocks. All mechanisms of a subnet run
 * together and each counts as one epoch; a subnet that has more of them than that runs alone.
 */
export function runDueEpochs(context: BlockContext): void {
  const due = scheduleCell
    .get(context.state)
    .filter((entry) => dueSlot(entry) <= context.slot)
    .sort((a, b) => (dueSlot(a) === dueSlot(b) ? a.netuid - b.netuid : dueSlot(a) < dueSlot(b) ? -1 : 1));
  let left = context.parameters.maxEpochsPerBlock;
  for (const [index, entry] of due.entries()) {
    const cost = BigInt(subnets.get(context.state, entry.netuid)!.mechanisms.length);
    if (index > 0 && cost > left) return;
    runSubnetEpoch(context, entry);
    left -= cost;
  }
}
