import type { RegistryModel, Relative } from '@cairn/sdk';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { type CommonFlags, defineCommand, outputOf } from '../command.ts';
import { shorten } from '../terminal/format.ts';
import { printable } from '../terminal/printable.ts';
import { renderTable } from '../terminal/table.ts';

/** `cairn model lineage` */
export function createModelLineageCommand(cli: Cli): Command {
  return defineCommand({
    name: 'lineage',
    help: 'Shows what a model was made from and what was made from it, with licences and royalties.',
    examples: ['model lineage cairn/crontab', 'model lineage cairn/crontab:latest --json'],
    node: true,
  })
    .argument('<model>', 'its id, name or alias')
    .action(async (given: string, flags: CommonFlags) => {
      const { connectNode } = await import('../connect.ts');
      const { bytesToHex } = await import('@cairn/core');
      const { fetchModels, lineageOf, royaltiesShape } = await import('@cairn/sdk');
      const { findModel } = await import('./find-model.ts');
      const connection = await connectNode(cli, flags);
      const models = await fetchModels(connection.ledger);
      const model = await findModel(connection, models, given);
      const { ancestors, descendants } = lineageOf(models, model.id);
      const paid = new Map(model.royalties.map((royalty) => [bytesToHex(royalty.model), royalty.bps]));
      const output = outputOf(cli, flags);
      const result = {
        model: model.id,
        name: model.card.name,
        royalties: royaltiesShape.toJson([...model.royalties]),
        ancestors: ancestors.map(relativeJson),
        descendants: descendants.map(relativeJson),
      };
      output.result(result, () => renderLineage(model, paid, ancestors, descendants, output.columns));
    });
}

function relativeJson({ id, model, distance }: Relative) {
  const card = model?.card;
  return {
    model: id,
    distance,
    name: card?.name ?? null,
    version: card?.version ?? null,
    licence: card?.licence ?? null,
    royaltyBps: card?.royaltyBps ?? null,
  };
}

function renderLineage(
  model: RegistryModel,
  paid: ReadonlyMap<string, number>,
  ancestors: readonly Relative[],
  descendants: readonly Relative[],
  columns: number,
): string[] {
  const row = (kind: string, { id, model: found, distance }: Relative): string[] => [
    kind === '' ? '' : `${kind} ${distance}`,
    printable(found === null ? `retired  ${shorten(id)}` : `${found.card.name} ${found.card.version}`),
    printable(found?.card.licence ?? '?'),
    paid.has(id) ? String(paid.get(id)! / 100) : '',
  ];
  return renderTable(
    [
      { header: 'GENERATION' },
      { header: 'MODEL', cut: true },
      { header: 'LICENCE', cut: true },
      { header: 'ROYALTY %', align: 'right' },
    ],
    [
      ...ancestors.toReversed().map((relative) => row('up', relative)),
      row('', { id: model.id, model, distance: 0 }),
      ...descendants.map((relative) => row('down', relative)),
    ],
    columns,
  );
}
