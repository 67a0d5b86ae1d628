import { nestedNonce } from '../execution/calls.ts';
import type { BlockContext } from '../execution/context.ts';
import { recordFlow } from '../flows/record.ts';
import { agenda, agendaCell, type ScheduledCall } from './agenda.ts';
import { scheduledRan } from './events.ts';
import { credit, releaseDeposit } from './money.ts';

/** Slots without calls that one block passes over. More than a block accrues, so a late agenda catches up. */
const MAX_EMPTY_SLOTS = 256;

/**
 * Runs the scheduled calls that are due, in the order of their slots and in a slot of their scheduling: as many
 * as a block may, the others in the next blocks. After the transactions, so that no transaction of a block finds
 * its fee spent. Each call is gone from the agenda before it runs, and may itself change the agenda.
 */
export function runScheduled(context: BlockContext): void {
  const { state, slot, parameters, calls } = context;
  let [ran, empty, worked] = [0n, 0, 0n];
  while (ran < parameters.scheduledPerBlock && empty < MAX_EMPTY_SLOTS) {
    const { waiting, nextSlot } = agendaCell.get(state);
    if (waiting === 0 || nextSlot > slot) return;
    const [id] = agenda.ofSlot(state, nextSlot);
    if (id === undefined) {
      agendaCell.set(state, { waiting, nextSlot: nextSlot + 1n });
      empty += 1;
      continue;
    }
    const scheduled = agenda.get(state, id)!;
    worked += BigInt(calls.workOf(scheduled.call));
    // The first runs whatever its work: it fitted when it was scheduled, and nothing may stand still behind it.
    if (ran > 0n && worked > parameters.scheduledWorkPerBlock) return;
    runOne(context, id, scheduled);
    ran += 1n;
  }
}

/** A call that cannot even begin, because a later version does not know it, gives its price back. */
function runOne(context: BlockContext, id: Uint8Array, scheduled: ScheduledCall): void {
  const { state, crypto, calls } = context;
  const { owner, call, prepaid, deposit } = scheduled;
  agenda.remove(state, id, scheduled);
  const work = calls.workAlone(call);
  if (typeof work !== 'number') {
    refundScheduled(context, scheduled);
    scheduledRan(context, id, scheduled, null, work);
    return;
  }
  releaseDeposit(context, owner, deposit);
  recordFlow(state, 'accounts.payCall', prepaid);
  const refused = calls.run(context, call, { sender: owner, nonce: nestedNonce(crypto, id) });
  scheduledRan(context, id, scheduled, calls.nameOf(call), refused);
}

/** Gives the deposit and the prepaid work back. The owner exists: it owns the record. */
export function refundScheduled(context: BlockContext, { owner, prepaid, deposit }: ScheduledCall): void {
  releaseDeposit(context, owner, deposit);
  credit(context, owner, prepaid, 'accounts.refundCall');
}
