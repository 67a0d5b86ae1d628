import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { type CommonFlags, defineCommand, outputOf } from '../command.ts';
import type { ModelView, OfferView } from '../node-views.ts';
import { formatBytes, formatCairn, formatCount, shorten } from '../terminal/format.ts';
import { printable } from '../terminal/printable.ts';
import { renderTable } from '../terminal/table.ts';

/** A registered model with who offers it. */
interface RegisteredModel extends ModelView {
  readonly offers: readonly (OfferView & { readonly providerName: string | null })[];
}

interface ModelLists {
  /** Null when no node runs. */
  readonly registered: readonly RegisteredModel[] | null;
  readonly bundled: readonly {
    readonly name: string;
    readonly path: string;
    readonly quantisation: string;
    readonly sizeBytes: number;
    readonly sha256: string;
  }[];
  readonly upstreams: readonly {
    readonly kind: string;
    readonly baseUrl: string;
    readonly models: readonly { readonly id: string; readonly contextTokens: number | null }[];
  }[];
}

/** `cairn model list` */
export function createModelListCommand(cli: Cli): Command {
  return defineCommand({
    name: 'list',
    help: 'Lists models: on the network with who offers them and for how much, here, and at servers on this machine.',
    examples: ['model list', 'model list --json'],
    node: true,
  }).action(async (flags: CommonFlags) => {
    const { connectNodeIfRunning } = await import('../connect.ts');
    const { discoverUpstreams } = await import('@cairn/node');
    const { listBundledModels } = await import('./bundled.ts');
    const connection = await connectNodeIfRunning(cli, flags);
    const [registered, bundled, upstreams] = await Promise.all([
      connection === null ? null : fetchRegistered(connection),
      listBundledModels(cli.root),
      discoverUpstreams({}),
    ]);
    const lists: ModelLists = {
      registered,
      bundled: bundled.flatMap(({ name, artifacts }) =>
        artifacts.map(({ path, quantisation, sizeBytes, sha256 }) => ({
          ...{ name, path, quantisation, sizeBytes, sha256 },
        })),
      ),
      upstreams,
    };
    const output = outputOf(cli, flags);
    if (registered === null)
      output.note('No node runs on this folder: models of the network are not listed.');
    output.result(lists, () => renderLists(lists, output.columns));
  });
}

async function fetchRegistered(
  connection: Parameters<typeof import('../node-views.ts').findRoles>[0],
): Promise<RegisteredModel[]> {
  const { askAllPages } = await import('../answer/ask-node.ts');
  const { asModelView, asOfferView, findRoles } = await import('../node-views.ts');
  const [models, offers, roles] = await Promise.all([
    askAllPages(connection, 'registry_models', {}, asModelView, ({ id }) => id),
    askAllPages(connection, 'registry_offers', {}, asOfferView, ({ id }) => id),
    findRoles(connection),
  ]);
  const names = new Map(roles.map(({ address, name }) => [address, name]));
  return models.map((model) => ({
    ...model,
    offers: offers
      .filter((offer) => offer.model === model.id)
      .map((offer) => ({ ...offer, providerName: names.get(offer.provider) ?? null })),
  }));
}

function renderLists({ registered, bundled, upstreams }: ModelLists, columns: number): string[] {
  const right = { align: 'right' } as const;
  const lines: string[] = [];
  if (registered !== null) {
    lines.push('On the network (prices in CAIRN per million tokens)');
    const rows = registered.flatMap(offerRows);
    lines.push(
      ...renderTable(
        [
          { header: 'MODEL', cut: true },
          { header: 'VERSION' },
          { header: 'QUANTISATION' },
          { header: 'PROVIDER', cut: true },
          { header: 'INPUT', ...right },
          { header: 'OUTPUT', ...right },
          { header: 'CONTEXT TOKENS', ...right },
          { header: 'TIER', ...right },
        ],
        rows,
        columns,
      ),
      '',
    );
  }
  lines.push('With Cairn');
  lines.push(
    ...renderTable(
      [
        { header: 'MODEL', cut: true },
        { header: 'QUANTISATION' },
        { header: 'SIZE', ...right },
        { header: 'FILE', cut: true },
      ],
      bundled.map(({ name, quantisation, sizeBytes, path }) => [
        name,
        quantisation,
        formatBytes(sizeBytes),
        printable(path),
      ]),
      columns,
    ),
    '',
    'At servers on this machine',
  );
  const found = upstreams.flatMap(({ kind, baseUrl, models }) =>
    models.map(({ id, contextTokens }) => [
      printable(kind === 'ollama' ? `ollama:${id}` : id),
      kind,
      baseUrl,
      contextTokens === null ? '' : formatCount(contextTokens),
    ]),
  );
  if (found.length === 0)
    return [...lines, 'No Ollama, vLLM, LM Studio or llama-server answers on its usual port.'];
  const layout = [
    { header: 'MODEL', cut: true },
    { header: 'SERVER' },
    { header: 'ADDRESS' },
    { header: 'CONTEXT TOKENS', ...right },
  ];
  return [...lines, ...renderTable(layout, found, columns)];
}

function offerRows(model: RegisteredModel): string[][] {
  const name = [printable(model.name), printable(model.version)];
  if (model.offers.length === 0) return [[...name, '', 'nobody offers it', '', '', '', '']];
  return model.offers.map(({ provider, providerName, artifact, price, contextTokens, tier }) => [
    ...name,
    printable(model.artifacts.find(({ sha256 }) => sha256 === artifact)?.quantisation ?? '?'),
    printable(providerName ?? shorten(provider)),
    formatCairn(BigInt(price.inputPerMillion), 3),
    formatCairn(BigInt(price.outputPerMillion), 3),
    formatCount(contextTokens),
    String(tier),
  ]);
}
