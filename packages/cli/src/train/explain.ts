import { bytesToHex } from '@cairn/core';
import type { Command } from 'commander';
import { askNode } from '../answer/ask-node.ts';
import {
  asAddress,
  asAmount,
  asBool,
  asCount,
  asList,
  asNullable,
  asObject,
  asText,
  type Checked,
} from '../answer/checks.ts';
import type { Cli } from '../cli.ts';
import { type CommonFlags, defineCommand, outputOf } from '../command.ts';
import { CliError } from '../errors.ts';
import { exactCairn, formatCairn, formatCount, shorten } from '../terminal/format.ts';
import { renderFields } from '../terminal/output.ts';
import { printable } from '../terminal/printable.ts';
import { renderTable } from '../terminal/table.ts';

const asTrainer = asObject({
  place: asCount,
  seat: asCount,
  wallet: asNullable(asAddress),
  device: asNullable(asAddress),
  steps: asCount,
  innerSteps: asCount,
  score: asCount,
  rampBps: asCount,
  weight: asAmount,
  shareBps: asAmount,
  pay: asAmount,
  witnessWeight: asCount,
  witnessPay: asAmount,
  deductions: asList(asText),
  state: asText,
});

const asExplained = asObject({
  round: asCount,
  isVoid: asBool,
  seeds: asText,
  reward: asAmount,
  split: asObject({ trainers: asAmount, judges: asAmount, witnesses: asAmount, challengeFund: asAmount }),
  sumOfWeights: asAmount,
  sumOfWitnessWeights: asAmount,
  rounding: asText,
  slot: asAmount,
  settledSlot: asAmount,
  vestSlot: asAmount,
  isVested: asBool,
  evalLoss: asCount,
  halvings: asCount,
  trainers: asList(asTrainer),
  judges: asList(
    asObject({
      hotkey: asAddress,
      payee: asAddress,
      stake: asAmount,
      agreementBps: asCount,
      weight: asAmount,
      pay: asAmount,
    }),
  ),
});
type Explained = Checked<typeof asExplained>;

/** `cairn train explain` */
export function createTrainExplainCommand(cli: Cli): Command {
  return defineCommand({
    name: 'explain',
    help: "Shows every factor of a settled round's pay: scores, steps, shares, rounding, deductions, and when it vests.",
    examples: ['train explain 12', 'train explain 12 --run 3f2a'],
    node: true,
  })
    .argument('<round>', 'number of the round')
    .option('--run <run>', 'its id from train list, or its first digits (default: the only open run)')
    .action(async (number: string, flags: CommonFlags & { readonly run?: string }) => {
      const { connectNode } = await import('../connect.ts');
      const { describeRefusals, fetchRefusals } = await import('./refusals.ts');
      const { describeOrigin, findRun, formatLoss, originJson } = await import('./runs.ts');
      const { parseCount } = await import('../tx/parse.ts');
      const round = parseCount(number, 'The number of a round', 0xffff_ffff);
      const connection = await connectNode(cli, flags);
      const found = await findRun(connection, flags.run);
      const run = bytesToHex(found.id);
      const explained = await askNode(
        connection,
        'training_explain',
        { run, round },
        asNullable(asExplained),
      );
      if (explained === null) {
        throw new CliError(
          { code: 'NOT_FOUND', what: `round ${round}` },
          `Round ${round} of this run is not settled, or so long ago that the ledger has forgotten it. Its event training.roundSettled has every figure.`,
        );
      }
      const updates = new Set(explained.trainers.flatMap(({ place, steps }) => (steps > 0 ? [place] : [])));
      const refusals = (await fetchRefusals(connection, run, round)).filter(({ place }) =>
        updates.has(place),
      );
      const output = outputOf(cli, flags);
      const origin = await describeOrigin(connection, found);
      output.result({ run, ...originJson(found), ...explained, refusals }, () => [
        ...renderFields([
          ['run', `${printable(found.name)}, begun with ${origin}`],
          ...roundFields(explained, formatLoss(explained.evalLoss)),
        ]),
        '',
        ...trainerTable(explained, output.columns),
        ...explained.trainers.flatMap(({ place, deductions }) =>
          deductions.map((reason) => `place ${place}: ${printable(reason)}`),
        ),
        ...describeRefusals(refusals),
        '',
        ...judgeTable(explained, output.columns),
      ]);
    });
}

function roundFields(explained: Explained, loss: string): (readonly [string, string])[] {
  const { split, slot, vestSlot, isVested, sumOfWeights, sumOfWitnessWeights } = explained;
  const left = vestSlot > slot ? vestSlot - slot : 0n;
  return [
    ['round', `${explained.round}${explained.isVoid ? ', void' : ''}`],
    ['reward', exactCairn(explained.reward)],
    ['  trainers', `${exactCairn(split.trainers)} by weight, of ${formatCount(sumOfWeights)}`],
    [
      '  witnesses',
      `${exactCairn(split.witnesses)} by what was right, of ${formatCount(sumOfWitnessWeights)}`,
    ],
    ['  validators', `${exactCairn(split.judges)} by stake and agreement`],
    ['  challenge fund', exactCairn(split.challengeFund)],
    ['rounding', printable(explained.rounding)],
    ['vests', isVested ? 'it has vested' : `in ${formatCount(left)} slots`],
    ['held-out loss', loss],
    ['seeds', printable(explained.seeds)],
  ];
}

function trainerTable({ trainers }: Explained, columns: number): string[] {
  return renderTable(
    [
      { header: 'PLACE', align: 'right' },
      { header: 'SEAT', align: 'right' },
      { header: 'SCORE', align: 'right' },
      { header: 'STEPS', align: 'right' },
      { header: 'RAMP %', align: 'right' },
      { header: 'SHARE %', align: 'right' },
      { header: 'PAY CAIRN', align: 'right' },
      { header: 'WITNESS CAIRN', align: 'right' },
      { header: 'STATE', cut: true },
    ],
    trainers.map((line) => [
      String(line.place),
      String(line.seat),
      formatCount(line.score),
      `${line.steps}/${line.innerSteps}`,
      percentOf(line.rampBps),
      percentOf(Number(line.shareBps)),
      formatCairn(line.pay),
      formatCairn(line.witnessPay),
      printable(line.state),
    ]),
    columns,
  );
}

function judgeTable({ judges }: Explained, columns: number): string[] {
  return renderTable(
    [
      { header: 'VALIDATOR' },
      { header: 'STAKE', align: 'right' },
      { header: 'AGREEMENT %', align: 'right' },
      { header: 'PAY CAIRN', align: 'right' },
    ],
    judges.map(({ hotkey, stake, agreementBps, pay }) => [
      shorten(hotkey),
      formatCairn(stake),
      percentOf(agreementBps),
      formatCairn(pay),
    ]),
    columns,
  );
}

/** Hundredths of a percent as a percentage. */
const percentOf = (bps: number): string => `${Math.floor(bps / 100)}.${String(bps % 100).padStart(2, '0')}`;
