import { bytesToHex } from '@cairn/core';
import type { PaidRoundView, RoundView, RunReader, RunView } from '@cairn/protocol';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { type CommonFlags, defineCommand, outputOf } from '../command.ts';
import type { Connection } from '../connect.ts';
import { exactCairn, formatBytes, formatCairn, formatCount } from '../terminal/format.ts';
import { renderFields, toJson } from '../terminal/output.ts';
import { printable } from '../terminal/printable.ts';
import { renderTable } from '../terminal/table.ts';

const LOOK_MS = 1_000;
/** Settled rounds that are shown. */
const ROUNDS = 10;

interface Flags extends CommonFlags {
  readonly once?: true;
}

/** One settled round, as it is shown. */
interface RoundRow {
  readonly round: number;
  /** Millionths of a nat. */
  readonly evalLoss: number;
  readonly trainers: number;
  readonly accepted: number;
  readonly steps: number;
  readonly sizeBytes: number | null;
  readonly slots: number;
  /** Of all trainers together, from one outcome to the next; null when it cannot be said. */
  readonly tokensPerSecond: number | null;
  readonly paid: bigint;
  readonly isVoid: boolean;
}

/** `cairn train watch` */
export function createTrainWatchCommand(cli: Cli): Command {
  return defineCommand({
    name: 'watch',
    help: 'Shows a training run while it goes on: phase, trainers, loss, tokens per second, bytes and pay of its rounds, until Ctrl-C.',
    examples: ['train watch', 'train watch 3f2a --once --json'],
    node: true,
  })
    .argument('[run]', 'its id from train list, or its first digits (default: the only open run)')
    .option('--once', 'show it once and stop')
    .action(async (named: string | undefined, flags: Flags) => watch(cli, named, flags));
}

async function watch(cli: Cli, named: string | undefined, flags: Flags): Promise<void> {
  const { connectNode } = await import('../connect.ts');
  const { createRunReader } = await import('@cairn/sdk');
  const { pause } = await import('../pause.ts');
  const { findRun } = await import('./runs.ts');
  const { createLivePanel } = await import('../up/live-panel.ts');
  const connection = await connectNode(cli, flags);
  const { id } = await findRun(connection, named);
  const reader = createRunReader(connection.ledger);
  const pace = await readPace(connection, (await reader.run(id))!);
  const output = outputOf(cli, flags);
  const { out } = cli.terminal;
  const read = async () => {
    const view = (await reader.round(id))!;
    return { view, rows: await readRows(reader, view, pace) };
  };
  if (flags.once === true) {
    const { view, rows } = await read();
    output.result(asJson(view, rows), () => render(view, rows, output.columns));
    return;
  }
  const live = out.isLive && !output.isJson ? createLivePanel(out) : null;
  let shown = '';
  try {
    while (!cli.signal.aborted) {
      const { view, rows } = await read();
      const state = toJson({ ...asJson(view, rows), slot: null });
      if (live !== null) live.draw(render(view, rows, out.columns - 1));
      else if (state !== shown)
        out.write(output.isJson ? `${toJson(asJson(view, rows))}\n` : `${headline(view)}\n`);
      shown = state;
      if (view.run.phase === 'ended') break;
      await pause(LOOK_MS, cli.signal);
    }
  } finally {
    live?.end();
  }
}

/** What turns steps and slots into tokens and seconds; without a manifest nobody knows how large a step is. */
interface Pace {
  readonly tokensPerStep: number | null;
  readonly slotMs: number;
}

async function readPace(connection: Connection, run: RunView): Promise<Pace> {
  const { fetchParameters } = await import('@cairn/sdk');
  const { readManifest } = await import('./read-manifest.ts');
  const batch = (await readManifest(connection, run))?.batch;
  const { slotMs } = await fetchParameters(connection.ledger);
  return { tokensPerStep: batch === undefined ? null : batch.rows * batch.length, slotMs: Number(slotMs) };
}

async function readRows(reader: RunReader, { run }: RoundView, pace: Pace): Promise<RoundRow[]> {
  const numbers = Array.from({ length: ROUNDS }, (_, back) => run.round - 1 - back).filter(
    (round) => round >= 1,
  );
  const paid = await Promise.all(numbers.map((round) => reader.paidRound(run.id, round)));
  return paid.flatMap((round, index) =>
    round === null ? [] : [rowOf(round, paid[index + 1] ?? null, pace)],
  );
}

function rowOf(paid: PaidRoundView, before: PaidRoundView | null, { tokensPerStep, slotMs }: Pace): RoundRow {
  const { lines, updates, isVoid } = paid;
  const steps = lines.reduce((sum, line) => sum + line.steps, 0);
  const slots = before === null ? 0 : Number(paid.settledSlot - before.settledSlot);
  const isIn = (place: number) => ((paid.accepted[place >> 3] ?? 0) & (1 << (place & 7))) !== 0;
  return {
    round: paid.round,
    evalLoss: paid.evalLoss,
    trainers: lines.length,
    accepted: lines.filter((_, place) => isIn(place)).length,
    steps,
    // The ledger forgets the updates of rounds that are vested.
    sizeBytes: updates.length === 0 ? null : updates.reduce((sum, { update }) => sum + update.sizeBytes, 0),
    slots,
    tokensPerSecond:
      slots === 0 || tokensPerStep === null ? null : (steps * tokensPerStep * 1_000) / (slots * slotMs),
    paid: lines.reduce((sum, { pay, witnessPay }) => sum + pay + witnessPay, 0n),
    isVoid,
  };
}

function asJson({ run, round, roster, slot }: RoundView, rows: readonly RoundRow[]) {
  return {
    run: bytesToHex(run.id),
    name: run.name,
    phase: run.phase,
    reason: run.reason,
    round: run.round,
    slot,
    deadlineSlot: round?.deadlineSlot ?? null,
    trainers: roster.map(({ seat, peer, update }) => ({
      seat,
      peer,
      committed: update !== null,
      steps: update?.steps ?? 0,
    })),
    pool: run.pool,
    checkpointRound: run.checkpointRound,
    rounds: rows,
  };
}

function headline({ run, round, roster, slot }: RoundView): string {
  const committed = roster.filter(({ update }) => update !== null).length;
  const ends = round === null ? '' : `, ${formatCount(round.deadlineSlot - slot)} slots left`;
  return `round ${run.round}: ${run.phase === 'cooldown' ? `waits (${run.reason})` : run.phase}, ${committed} of ${roster.length} updates${ends}`;
}

function render(view: RoundView, rows: readonly RoundRow[], columns: number): string[] {
  const { run } = view;
  return [
    ...renderFields([
      ['run', `${printable(run.name)} ${bytesToHex(run.id).slice(0, 12)}…`],
      ['now', headline(view)],
      ['peers', `${view.roster.length} in the round, ${speedOf(rows)}`],
      ['pool', exactCairn(run.pool)],
      ['checkpoint', run.checkpointRound === 0 ? 'none yet' : `after round ${run.checkpointRound}`],
    ]),
    '',
    ...(rows.length === 0
      ? ['No round is settled yet.']
      : renderTable(
          [
            { header: 'ROUND', align: 'right' },
            { header: 'LOSS', align: 'right' },
            { header: 'SOUND', align: 'right' },
            { header: 'STEPS', align: 'right' },
            { header: 'TOKENS/S', align: 'right' },
            { header: 'BYTES', align: 'right' },
            { header: 'SLOTS', align: 'right' },
            { header: 'PAID CAIRN', align: 'right' },
          ],
          rows.map((row) => [
            formatCount(row.round),
            row.isVoid ? 'void' : lossText(row.evalLoss),
            `${row.accepted}/${row.trainers}`,
            formatCount(row.steps),
            row.tokensPerSecond === null ? '' : formatCount(Math.round(row.tokensPerSecond)),
            row.sizeBytes === null ? '' : formatBytes(row.sizeBytes),
            row.slots === 0 ? '' : formatCount(row.slots),
            formatCairn(row.paid),
          ]),
          columns,
        )),
  ];
}

/** Speed of the newest round that has one. */
function speedOf(rows: readonly RoundRow[]): string {
  const found = rows.find(({ tokensPerSecond, isVoid }) => tokensPerSecond !== null && !isVoid);
  return found === undefined
    ? 'no speed known yet'
    : `${formatCount(Math.round(found.tokensPerSecond!))} tokens per second together`;
}

const lossText = (millionths: number): string =>
  millionths === 0 || millionths === 0xffff_ffff ? 'none' : (millionths / 1e6).toFixed(4);
