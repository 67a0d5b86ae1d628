import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { CliError } from '../errors.ts';
import { defineSending } from '../sending.ts';

/** `cairn model publish` */
export function createModelPublishCommand(cli: Cli): Command {
  return defineSending(cli, {
    name: 'publish',
    help: 'Registers a model from a card, after checking its files, and its licence against those of its parents.',
    examples: [
      'model publish card.json --wallet savings',
      'model publish card.json --wallet savings --dry-run',
    ],
    words: [['<card>', 'a JSON file, see docs/guide/models.md']],
    async build({ connection, payer, words: [path = ''] }) {
      const { bytesToHex, createPureCrypto } = await import('@cairn/core');
      const { depositOfModel, fetchModels, fetchParameters, findLineageFault, inheritRoyalties, modelIdOf } =
        await import('@cairn/sdk');
      const { exactCairn, formatBytes } = await import('../terminal/format.ts');
      const { findModel } = await import('./find-model.ts');
      const { readCard } = await import('./read-card.ts');
      const models = await fetchModels(connection.ledger);
      const card = await readCard(path, {
        owner: payer.address,
        parentId: async (given) => (await findModel(connection, models, given)).id,
      });
      const ids = new Set(card.parents.map(bytesToHex));
      const parents = models.filter(({ id }) => ids.has(id));
      const fault = findLineageFault(
        card.licence,
        parents.map(({ card: { name, licence } }) => ({ name, licence })),
      );
      if (fault !== null) throw new CliError({ code: 'LICENCE_REFUSED', licence: card.licence }, fault);
      const id = modelIdOf(createPureCrypto(), card);
      const royalties = inheritRoyalties(
        card.royaltyBps === 0 ? null : { model: id, owner: card.owner, bps: card.royaltyBps },
        parents.map((parent) => parent.royalties),
      );
      const sum = royalties.reduce((total, { bps }) => total + bps, 0);
      const deposit = depositOfModel(await fetchParameters(connection.ledger), card, royalties.length);
      return {
        message: 'registry.publishModel',
        value: { card },
        what: `Publish model ${card.name} ${card.version}`,
        amount: 0n,
        deposit,
        details: [
          ['id', bytesToHex(id)],
          ['licence', card.licence],
          ['made from', parents.length === 0 ? 'nothing registered' : parents.map(nameOf).join(', ')],
          [
            'royalties',
            sum === 0
              ? 'none'
              : `${sum / 100} % of what its answers cost, ${card.royaltyBps / 100} % to its owner and the rest to those it was made from`,
          ],
          ...card.artifacts.map(
            ({ path: file, quantisation, sizeBytes }) =>
              ['artifact', `${file}  ${quantisation}  ${formatBytes(Number(sizeBytes))}`] as const,
          ),
          ...(card.evaluations.length === 0
            ? []
            : [['claims', `${card.evaluations.length}, shown as its owner's word`] as const]),
          [
            'changes',
            `a change of the card is another model; ${exactCairn(deposit)} come back when it is retired`,
          ],
        ],
        plan: { model: bytesToHex(id), name: card.name, version: card.version, royaltyBps: sum },
      };
    },
  });
}

const nameOf = ({ card }: { readonly card: { readonly name: string; readonly version: string } }): string =>
  `${card.name} ${card.version}`;
