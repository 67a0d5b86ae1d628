import { accountIdToAddress } from '@cairn/core';
import { defineMessage, problem } from '../../execution/message.ts';
import { agenda, MAX_CALLS_OF_ACCOUNT, MAX_CALLS_OF_SLOT, scheduledBytes, scheduledIdOf } from '../agenda.ts';
import { callScheduled } from '../events.ts';
import { scheduleShape } from '../messages/schedule.ts';
import { debit, holdDeposit, recordDeposit } from '../money.ts';

export const scheduleMessage = defineMessage({
  id: 11,
  name: 'accounts.schedule',
  help: "Has a call of the sender run in a later slot. Its work is paid now, at today's price.",
  shape: scheduleShape,
  work: () => 5,
  apply(context, { slot, call }) {
    const { crypto, chainId, state, sender, nonce, calls, parameters } = context;
    const last = context.slot + parameters.scheduleHorizonSlots;
    if (slot <= context.slot || slot > last) {
      return problem(
        'SLOT_OUT_OF_RANGE',
        `A call can be scheduled for slots ${context.slot + 1n} to ${last}, not ${slot}.`,
      );
    }
    const work = calls.workAlone(call);
    if (typeof work !== 'number') return work;
    if (BigInt(work) > parameters.scheduledWorkPerBlock) {
      return problem(
        'SCHEDULED_TOO_HEAVY',
        `${work} work units are more than the ${parameters.scheduledWorkPerBlock} of scheduled calls in a block. Schedule parts.`,
      );
    }
    if (agenda.ofSlot(state, slot).length >= MAX_CALLS_OF_SLOT)
      return problem(
        'SLOT_FULL',
        `Slot ${slot} has ${MAX_CALLS_OF_SLOT} calls, as many as it can. Take another.`,
      );
    if (agenda.ofOwner(state, sender).length >= MAX_CALLS_OF_ACCOUNT) {
      return problem(
        'TOO_MANY_SCHEDULED',
        `${accountIdToAddress(sender)} has ${MAX_CALLS_OF_ACCOUNT} scheduled calls, as many as an account can. Cancel one or wait.`,
      );
    }
    const prepaid = parameters.feePerWork * BigInt(work);
    const scheduled = { owner: sender, slot, call, prepaid, deposit: 0n };
    const deposit = recordDeposit(context, scheduledBytes(call));
    const refused =
      holdDeposit(context, sender, deposit) ?? debit(context, sender, prepaid, 'accounts.prepayCall');
    if (refused !== null) return refused;
    const id = scheduledIdOf(crypto, chainId, sender, nonce);
    agenda.add(state, id, { ...scheduled, deposit }, context.slot);
    callScheduled(context, id, scheduled, calls.nameOf(call)!);
    return null;
  },
});
