import { accountIdToAddress, bytesToHex } from '@cairn/core';
import type { RoundView, RunView, SeatView } from '@cairn/protocol';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { type CommonFlags, defineCommand, outputOf } from '../command.ts';
import { exactCairn, formatCairn, formatCount, shorten } from '../terminal/format.ts';
import { renderFields } from '../terminal/output.ts';
import { printable } from '../terminal/printable.ts';
import { renderTable } from '../terminal/table.ts';

/** `cairn train status` */
export function createTrainStatusCommand(cli: Cli): Command {
  return defineCommand({
    name: 'status',
    help: 'Shows a training run: its round, its trainers and what they earned, open cases, its checkpoint.',
    examples: ['train status', 'train status 3f2a'],
    node: true,
  })
    .argument('[run]', 'its id from train list, or its first digits (default: the only open run)')
    .action(async (named: string | undefined, flags: CommonFlags) => {
      const { connectNode } = await import('../connect.ts');
      const { createRunReader, fetchCheckpoints, fetchSeats } = await import('@cairn/sdk');
      const { describeOrigin, describePhase, findRun, originJson } = await import('./runs.ts');
      const connection = await connectNode(cli, flags);
      const { id } = await findRun(connection, named);
      const reader = createRunReader(connection.ledger);
      const [view, seats, cases, checkpoints] = await Promise.all([
        reader.round(id),
        fetchSeats(connection.ledger, id),
        reader.cases(id),
        fetchCheckpoints(connection.ledger, id),
      ]);
      const open = view!;
      const [newest] = checkpoints;
      const output = outputOf(cli, flags);
      const fields = runFields(open, describePhase(open.run), await describeOrigin(connection, open.run));
      output.result(
        {
          run: bytesToHex(id),
          ...jsonOf(open.run),
          ...originJson(open.run),
          slot: open.slot,
          deadlineSlot: open.round?.deadlineSlot ?? null,
          seats: seats.map(seatJson),
          cases: cases.map(({ number, round, place, step, phase }) => ({
            number,
            round,
            place,
            step,
            phase,
          })),
          checkpoint:
            newest === undefined
              ? null
              : { round: newest.round, signers: newest.checkpoint.signers.map(accountIdToAddress) },
        },
        () => [
          ...renderFields(fields),
          ...(newest === undefined
            ? []
            : renderFields([
                ['released', `after round ${newest.round}, signed by ${newest.checkpoint.signers.length}`],
              ])),
          '',
          ...seatTable(open, seats, output.columns),
          ...cases.map(
            ({ number, round, place, step, phase }) =>
              `Case ${number}: step ${step} of place ${place} in round ${round}, ${phase}.`,
          ),
        ],
      );
    });
}

function runFields(
  { run, round, slot }: RoundView,
  state: string,
  origin: string,
): (readonly [string, string])[] {
  const { terms } = run;
  const ends = round === null ? '' : `, ends in ${formatCount(round.deadlineSlot - slot)} slots`;
  return [
    ['run', `${printable(run.name)} ${bytesToHex(run.id)}`],
    ['subnet', `${run.netuid}, engine ${terms.engine}`],
    ['state', `round ${run.round}: ${state}${ends}`],
    ['weights', bytesToHex(run.root)],
    ['begun with', origin],
    ['learning rate', run.halvings === 0 ? "the manifest's" : `the manifest's / ${2 ** run.halvings}`],
    ['checkpoint', `after round ${run.checkpointRound}`],
    ['pool', `${exactCairn(run.pool)}, ${exactCairn(terms.rewardPerRound)} a round`],
    ['bond', `${exactCairn(terms.bond)}; pay vests ${formatCount(terms.vestSlots)} slots after its round`],
  ];
}

function jsonOf(run: RunView) {
  return {
    name: run.name,
    netuid: run.netuid,
    phase: run.phase,
    reason: run.reason,
    isEnding: run.isEnding,
    round: run.round,
    root: bytesToHex(run.root),
    halvings: run.halvings,
    checkpointRound: run.checkpointRound,
    pool: run.pool,
    challengeFund: run.challengeFund,
    rewardPerRound: run.terms.rewardPerRound,
    bond: run.terms.bond,
  };
}

const seatJson = ({
  number,
  wallet,
  device,
  peer,
  paidRounds,
  missed,
  leftSlot,
  isConvicted,
  paid,
}: SeatView) => ({
  seat: number,
  wallet: accountIdToAddress(wallet),
  device: accountIdToAddress(device),
  peer,
  paidRounds,
  missed,
  hasLeft: leftSlot > 0n,
  isConvicted,
  paid,
});

function seatTable({ roster }: RoundView, seats: readonly SeatView[], columns: number): string[] {
  if (seats.length === 0) return ['Nobody trains here yet.'];
  return renderTable(
    [
      { header: 'SEAT', align: 'right' },
      { header: 'DEVICE' },
      { header: 'THIS ROUND', cut: true },
      { header: 'ROUNDS PAID', align: 'right' },
      { header: 'MISSED', align: 'right' },
      { header: 'VESTED CAIRN', align: 'right' },
    ],
    seats.map((seat) => [
      String(seat.number),
      shorten(accountIdToAddress(seat.device)),
      describeSeat(seat, roster),
      formatCount(seat.paidRounds),
      String(seat.missed),
      formatCairn(seat.paid),
    ]),
    columns,
  );
}

function describeSeat({ number, leftSlot, isConvicted }: SeatView, roster: RoundView['roster']): string {
  if (isConvicted) return 'convicted';
  const place = roster.find(({ seat }) => seat === number);
  if (leftSlot > 0n) return place === undefined ? 'has left' : 'is leaving';
  if (place === undefined) return 'not drawn';
  return place.update === null ? 'trains' : `committed, ${place.update.steps} steps`;
}
