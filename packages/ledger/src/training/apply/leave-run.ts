import { accountIdToAddress, areBytesEqual, bytesToHex } from '@cairn/core';
import { defineMessage, problem } from '../../execution/message.ts';
import { wakeRun } from '../agenda.ts';
import { left } from '../events.ts';
import { leaveRunShape } from '../messages/seats.ts';
import { runUnknown, seatUnknown } from '../problems.ts';
import { runs } from '../run.ts';
import { deviceKey, devices, seatKey, seats } from '../seat.ts';
import { takePlace } from '../seat-record.ts';

export const leaveRunMessage = defineMessage({
  id: 204,
  name: 'training.leave',
  help: 'Gives up the seat of a machine, by its wallet or its device. What it earned vests without it; its bond returns once nothing it did can be challenged.',
  shape: leaveRunShape,
  work: () => 10,
  apply(context, { run: id, device }) {
    const { state, sender } = context;
    if (runs.get(state, bytesToHex(id)) === undefined) return runUnknown(id);
    const number = devices.get(state, deviceKey(id, device))?.seat;
    if (number === undefined) return seatUnknown(id, device);
    const seat = seats.get(state, seatKey(id, number))!;
    if (!areBytesEqual(sender, seat.wallet) && !areBytesEqual(sender, device)) {
      return problem(
        'NOT_SEAT_OWNER',
        `That seat belongs to ${accountIdToAddress(seat.wallet)}, which alone gives it up, or its device.`,
      );
    }
    seats.set(state, seatKey(id, number), takePlace(context, id, number, seat));
    wakeRun(state, id);
    left(context, id, number, seat);
    return null;
  },
});
