import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { CliError } from '../errors.ts';
import { defineSending } from '../sending.ts';

/** `cairn model retire` */
export function createModelRetireCommand(cli: Cli): Command {
  return defineSending(cli, {
    name: 'retire',
    help: 'Removes a model of yours from the registry. Its deposit comes back, and offers of it count no more.',
    examples: [
      'model retire 3f2a… --wallet savings',
      'model retire someone/weather --wallet savings --dry-run',
    ],
    words: [['<model>', 'its id or name, from model list']],
    async build({ connection, words: [given = ''] }) {
      const { hexToBytes } = await import('@cairn/core');
      const { askAllPages } = await import('../answer/ask-node.ts');
      const { asModelView, asOfferView } = await import('../node-views.ts');
      const [models, offers] = await Promise.all([
        askAllPages(connection, 'registry_models', {}, asModelView, ({ id }) => id),
        askAllPages(connection, 'registry_offers', {}, asOfferView, ({ id }) => id),
      ]);
      const found = models.filter(({ id, name }) => id === given || name === given);
      const [model] = found;
      if (model === undefined) {
        throw new CliError(
          { code: 'NOT_FOUND', what: `model ${given}` },
          `There is no model ${given}. See ./cairn model list --json.`,
        );
      }
      if (found.length > 1) {
        const { usage } = await import('../errors.ts');
        throw usage(
          `There are several versions of ${given}. Name one by its id: ${found.map(({ id }) => id).join(', ')}.`,
        );
      }
      const { id, name, version } = model;
      return {
        message: 'registry.retireModel',
        value: { model: hexToBytes(id) },
        what: `Retire model ${name} ${version}`,
        amount: 0n,
        deposit: 0n,
        details: [
          ['model', id],
          ['offers', `${offers.filter((offer) => offer.model === id).length}, which count no more`],
          ['comes back', 'the deposit of its card'],
        ],
        plan: { model: id, name, version },
      };
    },
  });
}

/** `cairn model withdraw` */
export function createModelWithdrawCommand(cli: Cli): Command {
  return defineSending(cli, {
    name: 'withdraw',
    help: 'Takes an offer back, and its deposit. One that expired, or whose model is retired, anybody may clear away.',
    examples: ['model withdraw 3f2a… --wallet role:miner-1'],
    words: [['<offer>', 'its id, from model list --json']],
    async build({ connection, words: [id = ''] }) {
      const { askAllPages } = await import('../answer/ask-node.ts');
      const { asOfferView } = await import('../node-views.ts');
      const { parseId } = await import('../tx/parse.ts');
      const offer = parseId(id, 'An offer');
      const offers = await askAllPages(connection, 'registry_offers', {}, asOfferView, (entry) => entry.id);
      const found = offers.find((entry) => entry.id === id);
      if (found === undefined) {
        throw new CliError(
          { code: 'NOT_FOUND', what: `offer ${id}` },
          `There is no offer ${id}. See ./cairn model list --json.`,
        );
      }
      return {
        message: 'registry.withdrawOffer',
        value: { offer },
        what: 'Withdraw an offer',
        amount: 0n,
        deposit: 0n,
        details: [
          ['provider', `${found.provider}, whom the deposit returns to`],
          ['model', found.model],
        ],
        plan: { offer: id, model: found.model },
      };
    },
  });
}
