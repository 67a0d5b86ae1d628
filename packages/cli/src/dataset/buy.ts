import { basename, resolve } from 'node:path';
import { formatAmount, parseAmount } from '@cairn/core';
import type { Command } from 'commander';
import { askNode } from '../answer/ask-node.ts';
import { asAmount, asCount, asHex, asObject } from '../answer/checks.ts';
import type { Cli } from '../cli.ts';
import { type CommonFlags, defineCommand, outputOf } from '../command.ts';
import { usage } from '../errors.ts';
import { exactCairn } from '../terminal/format.ts';
import { renderFields } from '../terminal/output.ts';
import { printable } from '../terminal/printable.ts';
import { createProgress } from '../terminal/progress.ts';
import { findDataset } from './find.ts';
import { type Dataset, plainDataset, priceOfChunks } from './row.ts';

interface Flags extends CommonFlags {
  readonly out?: string;
  readonly chunks?: string;
  readonly sample?: boolean;
  readonly most?: string;
}

const asStep = asObject({ dataset: asHex, done: asCount, total: asCount, cost: asAmount });
/** Chunks of one step: 4 MiB. */
const STEP = 16;

/** `cairn dataset buy` */
export function createDatasetBuyCommand(cli: Cli): Command {
  return defineCommand({
    name: 'buy',
    help: 'Buys a data set chunk by chunk into a file. Run again after a cut, it goes on and pays nothing twice.',
    examples: [
      'dataset buy lab/weather --out weather.parquet --most 1',
      'dataset buy lab/weather --out sample.parquet --sample',
      'dataset buy lab/weather --chunks 4-7 --out part.bin --dry-run',
    ],
    node: true,
    spends: true,
  })
    .argument('<dataset>', 'name or id of a data set')
    .option('--out <file>', 'file to make (default: the name of the data set, here)')
    .option('--chunks <first-last>', 'only these chunks, counted from 0')
    .option('--sample', 'only the chunks that cost nothing')
    .option('--most <cairn>', 'refuse when it costs more')
    .action((nameOrId: string, flags: Flags) => buy(cli, nameOrId, flags));
}

async function buy(cli: Cli, nameOrId: string, flags: Flags): Promise<void> {
  const { connectNode } = await import('../connect.ts');
  const { confirm } = await import('../confirm.ts');
  const connection = await connectNode(cli, flags);
  const dataset = await findDataset(connection, nameOrId);
  const { card } = dataset;
  const range = rangeOf(dataset, flags);
  const price = priceOfChunks(dataset, range);
  const path = resolve(cli.folder, flags.out ?? basename(card.name));
  if (flags.most !== undefined && price > parseAmount(flags.most))
    throw usage(`These chunks cost ${exactCairn(price)}, above the ${flags.most} CAIRN of --most.`);
  const lines = [
    `Buy ${printable(card.name)} through the node at ${connection.address}:`,
    ...renderFields([
      ['  licence', printable(card.licence)],
      ['  chunks', `${range.from} to ${range.to - 1} of ${card.chunks}`],
      ['  into', printable(path)],
      ['  seller', printable(dataset.owner)],
      ['  costs at most', `${exactCairn(price)}; chunks that were paid before cost nothing`],
    ]),
  ];
  const output = outputOf(cli, flags);
  if (flags.dryRun === true) {
    output.result({ ...plainDataset(dataset), ...range, price: price.toString(), bought: false }, () => [
      ...lines,
      'Nothing was done: this was a dry run.',
    ]);
    return;
  }
  await confirm(cli, flags, lines);
  const progress = createProgress(cli.terminal.err, cli.nowMs, { what: 'buying', unit: 'chunks' });
  let cost = 0n;
  try {
    for (let isWhole = false; !isWhole; ) {
      const params = { dataset: dataset.id, path, ...range, count: STEP, most: (price - cost).toString() };
      const step = await askNode(connection, 'node_buyDataset', params, asStep);
      cost += step.cost;
      progress.update(step.done, step.total);
      isWhole = step.done === step.total;
    }
  } finally {
    progress.end();
  }
  output.result({ dataset: dataset.id, path, ...range, cost: cost.toString(), bought: true }, () => [
    `${printable(path)} is whole and checked against the root on the ledger. It cost ${formatAmount(cost)} CAIRN.`,
  ]);
}

function rangeOf({ card }: Dataset, { chunks, sample }: Flags): { from: number; to: number } {
  if (sample === true && chunks !== undefined) throw usage('Give --sample or --chunks, not both.');
  if (sample === true) {
    if (card.sampleChunks > 0) return { from: 0, to: card.sampleChunks };
    throw usage(`${printable(card.name)} has no free sample.`);
  }
  if (chunks === undefined) return { from: 0, to: card.chunks };
  const [, first, last = first] = /^(\d{1,8})(?:-(\d{1,8}))?$/.exec(chunks) ?? [];
  const [from, to] = [Number(first), Number(last) + 1];
  if (first !== undefined && from < to && to <= card.chunks) return { from, to };
  throw usage(`--chunks takes chunks such as 4-7, from 0 to ${card.chunks - 1}, not ${printable(chunks)}.`);
}
