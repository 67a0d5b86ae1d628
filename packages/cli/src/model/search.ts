import type { FoundModel, ModelKind, ModelWishes } from '@cairn/sdk';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { type CommonFlags, defineCommand, outputOf } from '../command.ts';
import type { Connection } from '../connect.ts';
import { usage } from '../errors.ts';
import { formatCairn, formatCount } from '../terminal/format.ts';
import { printable } from '../terminal/printable.ts';
import { renderTable } from '../terminal/table.ts';
import { fetchPrivacy, type OfferPrivacy, privacyCell, privacyJson, privacyLegend } from './privacy.ts';
import { formatScore, scoreJson } from './scores.ts';

type Flags = CommonFlags & {
  readonly task?: string;
  readonly language?: string;
  readonly kind?: string;
  readonly licence?: string;
  readonly capability?: string;
  readonly maxPrice?: string;
  readonly minQuality?: string;
  readonly maxLatency?: string;
  readonly sort?: string;
  readonly all?: boolean;
};

const SORTS = ['quality', 'price', 'latency', 'newest'] as const;

/** `cairn model search` */
export function createModelSearchCommand(cli: Cli): Command {
  return defineCommand({
    name: 'search',
    help: 'Finds models by task, language, licence, price and measured quality; the best for a task first.',
    examples: [
      'model search --task crontab',
      'model search translate --language pt --licence Apache-2.0,MIT --max-price 50',
      'model search --task crontab --min-quality 90% --json',
      'model search --max-latency 500 --sort latency',
    ],
    node: true,
  })
    .argument('[words...]', 'each in the name, the description or the tasks')
    .option('--task <task>', 'what it has to do, such as crontab')
    .option('--language <tag>', 'a language it was made for, such as pt')
    .option('--kind <kind>', 'chat, embed, image, audio, rank, moderation, function, container or dataset')
    .option('--licence <list>', 'SPDX licences that will do, with commas between')
    .option('--capability <list>', 'what it has to be able to, with commas between')
    .option('--max-price <cairn>', 'most CAIRN for a million output tokens')
    .option('--min-quality <percent>', 'least that validators found right of the task, with 95 % confidence')
    .option(
      '--max-latency <ms>',
      'longest time to the first token, as the gateway of the node has seen it; providers it never asked are left out',
    )
    .option('--sort <order>', SORTS.join(', '))
    .option('--all', 'also models that nobody offers')
    .action(async (words: string[], flags: Flags) => {
      const { connectNode } = await import('../connect.ts');
      const { fetchRegistry, searchModels } = await import('@cairn/sdk');
      const wishes = await readWishes(words, flags);
      const connection = await connectNode(cli, flags);
      const needsLatency = wishes.maxLatencyMs !== undefined || wishes.sort === 'latency';
      const latencies = needsLatency ? await fetchLatencies(connection) : new Map<string, number>();
      const found = searchModels(
        await fetchRegistry(connection.ledger),
        wishes,
        ({ provider }) => latencies.get(provider) ?? null,
      );
      const privacy = await fetchPrivacy(connection);
      const output = outputOf(cli, flags);
      const models = found.map((each) => ({
        ...foundJson(each),
        privacy: privacyJson(privacy, each.offers),
      }));
      output.result({ models }, () =>
        found.length === 0
          ? ['No model meets all of this. Leave a wish out, or add --all for models that nobody offers.']
          : renderFound(found, privacy, output.columns),
      );
    });
}

/** @throws CliError `USAGE` */
async function readWishes(words: readonly string[], flags: Flags): Promise<ModelWishes> {
  const { parseAmount } = await import('@cairn/core');
  const { findLicenceFault, isTask, MODEL_KINDS } = await import('@cairn/sdk');
  const { splitList } = await import('../tx/parse.ts');
  const { task, language, kind, licence, minQuality, maxPrice, maxLatency, sort } = flags;
  if (task !== undefined && !isTask(task))
    throw usage(`A task is lower-case letters, digits, dots and dashes, not ${task.slice(0, 60)}.`);
  if (kind !== undefined && !MODEL_KINDS.some((known) => known === kind))
    throw usage(`A kind is one of ${MODEL_KINDS.join(', ')}, not ${kind.slice(0, 40)}.`);
  const licences = splitList(licence);
  const fault = licences.map(findLicenceFault).find((each) => each !== null);
  if (fault !== undefined) throw usage(fault);
  if (minQuality !== undefined && task === undefined) throw usage('--min-quality is of a task: name --task.');
  const order = SORTS.find((known) => known === sort);
  if (sort !== undefined && order === undefined) throw usage(`Sort by ${SORTS.join(', ')}, not ${sort}.`);
  return {
    words,
    capabilities: splitList(flags.capability),
    isUnservedIncluded: flags.all === true,
    ...(task === undefined ? {} : { task }),
    ...(language === undefined ? {} : { language }),
    ...(kind === undefined ? {} : { kind: kind as ModelKind }),
    ...(licence === undefined ? {} : { licences }),
    ...(maxPrice === undefined ? {} : { maxOutputPerMillion: parseAmount(maxPrice) }),
    ...(minQuality === undefined ? {} : { minQuality: parseShare(minQuality) }),
    ...(maxLatency === undefined ? {} : { maxLatencyMs: readLatency(maxLatency) }),
    ...(order === undefined ? {} : { sort: order }),
  };
}

/** Time to the first token of providers that the gateway of the node has asked, by address. */
async function fetchLatencies(connection: Connection): Promise<ReadonlyMap<string, number>> {
  const { askNode } = await import('../answer/ask-node.ts');
  const { asAddress, asList, asNumber, asObject } = await import('../answer/checks.ts');
  const asSeen = asList(asObject({ provider: asAddress, ttftMs: asNumber }));
  const seen = await askNode(connection, 'node_latencies', {}, asSeen);
  return new Map(seen.map(({ provider, ttftMs }) => [provider, ttftMs]));
}

function readLatency(text: string): number {
  const ms = Number(/^\d{1,7}$/.exec(text)?.[0] ?? Number.NaN);
  if (ms > 0) return ms;
  throw usage(`A latency is a whole number of milliseconds, not ${text.slice(0, 40)}.`);
}

function parseShare(text: string): number {
  const percent = Number(/^(\d{1,3}(?:\.\d{1,4})?)%?$/.exec(text)?.[1] ?? Number.NaN);
  if (percent >= 0 && percent <= 100) return percent / 100;
  throw usage(`A quality is a percentage such as 90%, not ${text.slice(0, 40)}.`);
}

function foundJson({ model, offers, standing, latencyMs }: FoundModel) {
  const [cheapest] = offers;
  return {
    model: model.id,
    name: model.card.name,
    version: model.card.version,
    kind: model.card.kind,
    licence: model.card.licence,
    parameters: model.card.parameters,
    offers: offers.length,
    latencyMs,
    inputPerMillion: cheapest?.terms.price.inputPerMillion ?? null,
    outputPerMillion: cheapest?.terms.price.outputPerMillion ?? null,
    measured: standing === null ? null : scoreJson(standing),
  };
}

function renderFound(found: readonly FoundModel[], privacy: OfferPrivacy, columns: number): string[] {
  const right = { align: 'right' } as const;
  const table = renderTable(
    [
      { header: 'MODEL', cut: true },
      { header: 'VERSION' },
      { header: 'KIND' },
      { header: 'MEASURED %', ...right },
      { header: 'PARAMETERS', ...right },
      { header: 'INPUT CAIRN', ...right },
      { header: 'OUTPUT CAIRN', ...right },
      { header: 'OFFERS', ...right },
      { header: 'PRIVACY' },
      { header: 'LICENCE', cut: true },
    ],
    found.map(({ model: { card }, offers, standing }) => [
      printable(card.name),
      printable(card.version),
      card.kind,
      standing === null ? '' : formatScore(standing.score),
      formatCount(card.parameters),
      offers[0] === undefined ? '' : formatCairn(offers[0].terms.price.inputPerMillion, 3),
      offers[0] === undefined ? '' : formatCairn(offers[0].terms.price.outputPerMillion, 3),
      String(offers.length),
      privacyCell(privacy, offers),
      printable(card.licence),
    ]),
    columns,
  );
  const legend = privacyLegend(
    privacy,
    found.flatMap(({ offers }) => offers),
  );
  return legend.length === 0 ? table : [...table, '', ...legend];
}
