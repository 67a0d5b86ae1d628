import type { EventView } from '@cairn/protocol';
import type { Command } from 'commander';
import { describeEvents } from '../chain/describe-event.ts';
import type { Cli } from '../cli.ts';
import { defineCommand, outputOf } from '../command.ts';
import { usage } from '../errors.ts';
import { parseNetuid } from '../subnet/netuid.ts';
import { formatCairn, formatCount, formatTime } from '../terminal/format.ts';
import { printable } from '../terminal/printable.ts';
import { renderTable } from '../terminal/table.ts';
import { moreLines, type PageFlags, pageParams, parseCount, withPageOptions } from './page-options.ts';

interface EventPage {
  readonly events: readonly EventView[];
  readonly next: string | null;
}

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
      const { ledger } = await connectNode(cli, flags);
      const page = await ledger.call<EventPage>('index_events', { netuid, ...params });
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

interface PricePage {
  readonly prices: readonly {
    readonly height: number;
    readonly timeMs: number | null;
    readonly amount: string;
  }[];
  readonly next: string | null;
}

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
      const { ledger } = await connectNode(cli, flags);
      const page = await ledger.call<PricePage>('index_prices', { netuid, kind, ...params });
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
                  formatCairn(BigInt(amount), 9),
                ]),
                output.columns,
              ),
              ...moreLines(page.next),
            ],
      );
    },
  );
}

interface EmissionPage {
  readonly sums: readonly {
    readonly from: number;
    readonly to: number;
    readonly kinds: Readonly<Record<string, string>>;
    readonly payments: number;
  }[];
  readonly next: string | null;
}

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
      const { ledger } = await connectNode(cli, flags);
      const page = await ledger.call<EmissionPage>('index_emission', { netuid, ...params });
      const output = outputOf(cli, flags);
      output.result({ netuid, ...page }, () =>
        page.sums.length === 0
          ? ['Nothing was paid in this part of history.']
          : [...renderSums(page, output.columns), ...moreLines(page.next)],
      );
    },
  );
}

function renderSums({ sums }: EmissionPage, columns: number): string[] {
  const kinds = [...new Set(sums.flatMap((sum) => Object.keys(sum.kinds)))].sort();
  return renderTable(
    [
      { header: 'BLOCKS', align: 'right' },
      ...kinds.map((kind) => ({ header: `${printable(kind).toUpperCase()} CAIRN`, align: 'right' as const })),
      { header: 'PAYMENTS', align: 'right' },
    ],
    sums.map((sum) => [
      `${formatCount(sum.from)}–${formatCount(sum.to)}`,
      ...kinds.map((kind) => formatCairn(BigInt(sum.kinds[kind] ?? '0'), 6)),
      formatCount(sum.payments),
    ]),
    columns,
  );
}
