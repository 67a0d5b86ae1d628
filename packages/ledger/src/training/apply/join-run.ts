import { accountIdToAddress, areBytesEqual, bytesToHex } from '@cairn/core';
import { debit, holdDeposit, recordDeposit } from '../../accounts/money.ts';
import type { MessageContext } from '../../execution/context.ts';
import { defineMessage, problem, type Verdict } from '../../execution/message.ts';
import { keepRun, wakeRun } from '../agenda.ts';
import { trainingSlot } from '../clock.ts';
import { joined } from '../events.ts';
import { MAX_ROSTER, MAX_SEATS } from '../limits.ts';
import { type JoinRun, joinRunShape } from '../messages/seats.ts';
import { runEnded, runUnknown } from '../problems.ts';
import { members, type Run, runs } from '../run.ts';
import { deviceKey, devices, type Seat, seatKey, seats } from '../seat.ts';
import { SEAT_BYTES } from '../sizes.ts';

export const joinRunMessage = defineMessage({
  id: 203,
  name: 'training.join',
  help: "Gives a machine a seat in a run, from the next round on. The sender's wallet puts up the bond and is paid; the machine has a key of its own.",
  shape: joinRunShape,
  work: () => 16,
  apply(context, message) {
    const { state, sender } = context;
    const { run: id, device, peer } = message;
    const hex = bytesToHex(id);
    const run = runs.get(state, hex);
    if (run === undefined) return runUnknown(id);
    if (run.isEnding) return runEnded(id);
    const unfit = checkSeat(context, run, message);
    if (unfit !== null) return unfit;
    const deposit = recordDeposit(context, SEAT_BYTES);
    const refused =
      holdDeposit(context, sender, deposit) ?? debit(context, sender, run.terms.bond, 'training.bond');
    if (refused !== null) return refused;
    const number = run.seats + 1;
    const seat: Seat = {
      wallet: sender,
      device,
      peer,
      joinedSlot: trainingSlot(state),
      leftSlot: 0n,
      bond: run.terms.bond,
      paidRounds: 0,
      missed: 0,
      lastRound: 0,
      openCases: 0,
      isConvicted: false,
      heldPay: 0n,
      paid: 0n,
      deposit,
    };
    seats.set(state, seatKey(id, number), seat);
    devices.set(state, deviceKey(id, device), { seat: number });
    const before = members.get(state, hex)!;
    members.set(state, hex, { ...before, active: [...before.active, number] });
    keepRun(state, id, { ...run, seats: number });
    if (run.phase === 'cooldown') wakeRun(state, id);
    joined(context, id, number, seat);
    return null;
  },
});

function checkSeat({ state }: MessageContext, run: Run, { run: id, device, engineClass }: JoinRun): Verdict {
  const { active, leaving } = members.get(state, bytesToHex(id))!;
  if (active.length >= MAX_ROSTER || active.length + leaving.length >= MAX_SEATS) {
    return problem(
      'RUN_FULL',
      `${active.length} of ${MAX_ROSTER} seats are taken, and ${leaving.length} wait for their bond. Try again later.`,
    );
  }
  if (run.terms.engine === 'exact' && !areBytesEqual(run.terms.engineClass, engineClass)) {
    return problem(
      'ENGINE_CLASS_OTHER',
      `This run is for engines of class ${bytesToHex(run.terms.engineClass)}; yours is ${bytesToHex(engineClass)}.`,
    );
  }
  if (devices.get(state, deviceKey(id, device)) === undefined) return null;
  return problem(
    'DEVICE_TAKEN',
    `${accountIdToAddress(device)} has a seat in this run. Give each machine a key of its own.`,
  );
}
