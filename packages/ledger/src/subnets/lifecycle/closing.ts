import type { BlockContext } from '../../execution/context.ts';
import { problem, type Verdict } from '../../execution/message.ts';
import { noticeOf } from './state.ts';

/**
 * Why nobody can join a subnet in the last `dissolutionNoticeSlots` of a notice; null: they can. Neurons would pay for
 * a place that is about to go, and who buys the token below what it will be paid takes that from those who hold it.
 * A challenged subnet goes on as before until then, and after a match.
 */
export function closingFault({ state, slot, parameters }: BlockContext, netuid: number): Verdict {
  const notice = noticeOf(state, netuid);
  if (notice === undefined || slot + parameters.dissolutionNoticeSlots < notice.endSlot) return null;
  return problem(
    'SUBNET_CLOSING',
    `Subnet ${netuid} is announced to end at slot ${notice.endSlot}, this is ${slot}. Choose another.`,
  );
}
