import { accountIdToAddress, areBytesEqual, bytesToHex } from '@cairn/core';
import { defineMessage, problem } from '../../execution/message.ts';
import { agenda } from '../agenda.ts';
import { scheduledCancelled } from '../events.ts';
import { cancelScheduledShape } from '../messages/cancel-scheduled.ts';
import { refundScheduled } from '../run-scheduled.ts';

export const cancelScheduledMessage = defineMessage({
  id: 12,
  name: 'accounts.cancelScheduled',
  help: 'Takes a scheduled call of the sender back. What was paid for its work returns.',
  shape: cancelScheduledShape,
  work: () => 5,
  apply(context, { scheduled: id }) {
    const found = agenda.get(context.state, id);
    if (found === undefined)
      return problem(
        'SCHEDULED_UNKNOWN',
        `Call ${bytesToHex(id)} is not scheduled: it ran or was cancelled.`,
      );
    if (!areBytesEqual(found.owner, context.sender)) {
      return problem(
        'NOT_SCHEDULED_BY_SENDER',
        `Call ${bytesToHex(id)} was scheduled by ${accountIdToAddress(found.owner)}, who alone can cancel it.`,
      );
    }
    agenda.remove(context.state, id, found);
    refundScheduled(context, found);
    scheduledCancelled(context, id, found);
    return null;
  },
});
