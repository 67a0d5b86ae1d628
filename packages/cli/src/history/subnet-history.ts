import type { EventView } from '@cairn/protocol';
import type { Command } from 'commander';
import { askNode } from '../answer/ask-node.ts';
import {
  asAmount,
  asCount,
  asIs,
  asList,
  asNullable,
  asNumber,
  asObject,
  asRecord,
  asSigned,
  asText,
  type Check,
  type Checked,
} from '../answer/checks.ts';
import { describeEvents } from '../chain/describe-event.ts';
import type { Cli } from '../cli.ts';
import { defineCommand, outputOf } from '../command.ts';
import { usage } from '../errors.ts';
import { parseNetuid } from '../subnet/netuid.ts';
import { formatCairn, formatCount, formatTime } from '../terminal/format.ts';
import { printable } from '../terminal/printable.ts';
import { renderTable } from '../terminal/table.ts';
import { moreLines, type PageFlags, pageParams, parseCount, withPageOptions } from './page-options.ts';

const asEventPage = asIs<{ readonly events: readonly EventView[]; readonly next: string | null }>(
  asObject({
    events: asList(asObject({ name: asText, height: asCount, data: asRecord })),
    next: asNullable(asText),
  }),
);

/** `cairn subnet history` */
export function createSubnetHistoryCommand(cli: Cli): Command {
  const command = defineCommand({
    name: 'history',
    help: 'Shows what happened in a subnet, from the index.',
    examples: ['subnet history 1', 'subnet history 1 --names yuma.epochRan,emission.* --limit 5'],
    node: true,
  })
    .argument('<netuid>', 'number of the subnet')
    .option('--names <names>', 'only these events, with commas between them; emission.* is a whole module');
  return withPageOptions(command).action(
    async (given: string, flags: PageFlags & { readonly names?: string }) => {
      const netuid = parseNetuid(given);
      const params = { ...pageParams(flags), ...(flags.names ? { names: flags.names.split(',') } : {}) };
      const { connectNode } = await import('../connect.ts');
      const connection = await connectNode(cli, flags);
      const page = await askNode(connection, 'index_events', { netuid, ...params }, asEventPage);
      const output = outputOf(cli, flags);
      output.result({ netuid, ...page }, () => [
        ...(page.events.length === 0
          ? ['Nothing in this part of history.']
          : describeEvents(
              page.events.map((event) => ({ ...event, name: `${event.height} ${event.name}` })),
              output.columns,
            ).slice(1)),
        ...moreLines(page.next),
      ]);
    },
  );
}

const asPricePage = asObject({
  prices: asList(asObject({ height: asCount, timeMs: asNullable(asNumber), amount: asAmount })),
  next: asNullable(asText),
});

const PRICES: Readonly<Record<string, string>> = {
  burn: 'a place in the subnet',
  lock: 'the subnet itself',
  pool: 'one token of the subnet',
};

/** `cairn subnet prices` */
export function createSubnetPricesCommand(cli: Cli): Command {
  const command = defineCommand({
    name: 'prices',
    help: 'Shows what a place in a subnet or its token cost over time, from the index.',
    examples: ['subnet prices 1', 'subnet prices 1 --kind pool --oldest --json'],
    node: true,
  })
    .argument('<netuid>', 'number of the subnet')
    .option('--kind <kind>', 'burn: a registration; lock: the subnet; pool: its token', 'burn');
  return withPageOptions(command).action(
    async (given: string, flags: PageFlags & { readonly kind: string }) => {
      const netuid = parseNetuid(given);
      const { kind } = flags;
      if (!Object.hasOwn(PRICES, kind)) throw usage(`--kind is burn, lock or pool, not ${kind}.`);
      const params = pageParams(flags);
      const { connectNode } = await import('../connect.ts');
      const connection = await connectNode(cli, flags);
      const page = await askNode(connection, 'index_prices', { netuid, kind, ...params }, asPricePage);
      const output = outputOf(cli, flags);
      output.result({ netuid, kind, ...page }, () =>
        page.prices.length === 0
          ? [`Nobody paid for ${PRICES[kind]} in this part of history.`]
          : [
              ...renderTable(
                [
                  { header: 'BLOCK', align: 'right' },
                  { header: 'TIME' },
                  { header: 'PRICE CAIRN', align: 'right' },
                ],
                page.prices.map(({ height, timeMs, amount }) => [
                  formatCount(height),
                  timeMs === null ? '' : formatTime(timeMs),
                  formatCairn(amount, 9),
                ]),
                output.columns,
              ),
              ...moreLines(page.next),
            ],
      );
    },
  );
}

/** Amounts by what they were paid for. */
const asKinds: Check<Readonly<Record<string, bigint>>> = (value, path) =>
  Object.fromEntries(
    Object.entries(asRecord(value, path)).map(([kind, amount]) => [
      kind,
      asSigned(amount, `${path}.${kind}`),
    ]),
  );

const asEmissionPage = asObject({
  sums: asList(asObject({ from: asCount, to: asCount, kinds: asKinds, payments: asCount })),
  next: asNullable(asText),
});

/** `cairn subnet emission` */
export function createSubnetEmissionCommand(cli: Cli): Command {
  const command = defineCommand({
    name: 'emission',
    help: 'Shows what a subnet paid over time, to whom by role, from the index.',
    examples: ['subnet emission 1', 'subnet emission 1 --every 1000 --json'],
    node: true,
  })
    .argument('<netuid>', 'number of the subnet')
    .option('--every <blocks>', 'blocks that are summed up together', '100');
  return withPageOptions(command).action(
    async (given: string, flags: PageFlags & { readonly every: string }) => {
      const netuid = parseNetuid(given);
      const params = { ...pageParams(flags), every: parseCount('--every', flags.every) };
      const { connectNode } = await import('../connect.ts');
      const connection = await connectNode(cli, flags);
      const page = await askNode(connection, 'index_emission', { netuid, ...params }, asEmissionPage);
      const output = outputOf(cli, flags);
      output.result({ netuid, ...page }, () =>
        page.sums.length === 0
          ? ['Nothing was paid in this part of history.']
          : [...renderSums(page, output.columns), ...moreLines(page.next)],
      );
    },
  );
}

function renderSums({ sums }: Checked<typeof asEmissionPage>, columns: number): string[] {
  const kinds = [...new Set(sums.flatMap((sum) => Object.keys(sum.kinds)))].sort();
  return renderTable(
    [
      { header: 'BLOCKS', align: 'right' },
      ...kinds.map((kind) => ({ header: `${printable(kind).toUpperCase()} CAIRN`, align: 'right' as const })),
      { header: 'PAYMENTS', align: 'right' },
    ],
    sums.map((sum) => [
      `${formatCount(sum.from)}–${formatCount(sum.to)}`,
      ...kinds.map((kind) => formatCairn(sum.kinds[kind] ?? 0n, 6)),
      formatCount(sum.payments),
    ]),
    columns,
  );
}
