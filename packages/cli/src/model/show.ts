import type { Registry, RegistryModel } from '@cairn/sdk';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { type CommonFlags, defineCommand, outputOf } from '../command.ts';
import { formatBytes, formatCairn, formatCount, shorten } from '../terminal/format.ts';
import { renderFields } from '../terminal/output.ts';
import { printable } from '../terminal/printable.ts';
import { renderTable } from '../terminal/table.ts';
import { evaluationsOf, renderEvaluations } from './evals.ts';
import { fetchPrivacy, type OfferPrivacy, privacyJson, privacyLegend } from './privacy.ts';

/** `cairn model show` */
export function createModelShowCommand(cli: Cli): Command {
  return defineCommand({
    name: 'show',
    help: 'Shows the card of a model: files, licence, royalties, what is measured and what is claimed, who offers it.',
    examples: ['model show cairn/crontab', 'model show 3f2a… --json'],
    node: true,
  })
    .argument('<model>', 'its id, name or alias')
    .action(async (given: string, flags: CommonFlags) => {
      const { bytesToHex } = await import('@cairn/core');
      const { connectNode } = await import('../connect.ts');
      const { fetchRegistry, modelCardShape, royaltiesShape } = await import('@cairn/sdk');
      const { findModel } = await import('./find-model.ts');
      const connection = await connectNode(cli, flags);
      const market = await fetchRegistry(connection.ledger);
      const model = await findModel(connection, market.models, given);
      const offers = market.offers.filter(({ terms }) => bytesToHex(terms.model) === model.id);
      const evaluations = await evaluationsOf(market, model);
      const privacy = await fetchPrivacy(connection);
      const output = outputOf(cli, flags);
      const result = {
        id: model.id,
        card: modelCardShape.toJson(model.card),
        publishedHeight: model.publishedHeight,
        royalties: royaltiesShape.toJson([...model.royalties]),
        evaluations: evaluations.map(({ score, ...rest }) => ({ ...rest, ...score })),
        privacy: privacyJson(privacy, offers),
        offers: offers.map((offer) => ({
          id: offer.id,
          provider: offer.provider,
          netuid: offer.terms.netuid,
          artifact: bytesToHex(offer.terms.artifact),
          inputPerMillion: offer.terms.price.inputPerMillion,
          outputPerMillion: offer.terms.price.outputPerMillion,
          tier: offer.terms.tier,
          privacy: privacy.levelOf(offer),
        })),
      };
      output.result(result, () => [
        ...renderCard(model),
        '',
        ...renderArtifacts(model, output.columns),
        '',
        ...renderEvaluations(evaluations, output.columns),
        '',
        ...renderOffers(offers, privacy, output.columns),
      ]);
    });
}

const listed = (words: readonly string[]): string => (words.length === 0 ? 'not said' : words.join(', '));

function renderCard({ id, card, publishedHeight, royalties }: RegistryModel): string[] {
  const sum = royalties.reduce((total, { bps }) => total + bps, 0);
  const made = card.parents.length;
  return renderFields([
    ['model', printable(`${card.name} ${card.version}`)],
    ['id', id],
    ['kind', card.kind],
    ...(card.description === '' ? [] : [['description', printable(card.description)] as const]),
    ['licence', printable(card.licence)],
    ['parameters', formatCount(card.parameters)],
    ['context', `${formatCount(card.contextTokens)} tokens`],
    ['tasks', printable(listed(card.tasks))],
    ['languages', printable(listed(card.languages))],
    ['capabilities', printable(listed(card.capabilities))],
    ['made from', made === 0 ? 'nothing registered' : `${made} models, see ./cairn model lineage`],
    [
      'royalties',
      sum === 0 ? 'none' : `${sum / 100} % of what its answers cost, to ${royalties.length} models`,
    ],
    ['published', `at height ${formatCount(publishedHeight)}`],
  ]);
}

function renderArtifacts({ card }: RegistryModel, columns: number): string[] {
  return renderTable(
    [
      { header: 'ARTIFACT', cut: true },
      { header: 'FORMAT' },
      { header: 'QUANTISATION' },
      { header: 'SIZE', align: 'right' },
    ],
    card.artifacts.map(({ path, format, quantisation, sizeBytes }) => [
      printable(path),
      format,
      printable(quantisation),
      formatBytes(Number(sizeBytes)),
    ]),
    columns,
  );
}

function renderOffers(offers: Registry['offers'], privacy: OfferPrivacy, columns: number): string[] {
  if (offers.length === 0) return ['Nobody offers it.'];
  const right = { align: 'right' } as const;
  const table = renderTable(
    [
      { header: 'PROVIDER', cut: true },
      { header: 'SUBNET', ...right },
      { header: 'INPUT CAIRN', ...right },
      { header: 'OUTPUT CAIRN', ...right },
      { header: 'TIER', ...right },
      { header: 'PRIVACY' },
    ],
    offers.map((offer) => [
      shorten(offer.provider),
      String(offer.terms.netuid),
      formatCairn(offer.terms.price.inputPerMillion, 3),
      formatCairn(offer.terms.price.outputPerMillion, 3),
      String(offer.terms.tier),
      privacy.levelOf(offer),
    ]),
    columns,
  );
  return [...table, '', ...privacyLegend(privacy, offers)];
}
