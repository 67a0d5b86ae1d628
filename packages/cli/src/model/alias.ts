import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { usage } from '../errors.ts';
import { defineSending } from '../sending.ts';

/** `cairn model alias` */
export function createModelAliasCommand(cli: Cli): Command {
  return defineSending(cli, {
    name: 'alias',
    help: 'Lets a name of yours with a tag stand for models, the preferred one first; none takes it away.',
    examples: [
      'model alias me/maps:small 3f2a… --wallet savings',
      'model alias me/maps:latest me/maps:tuned,other/maps --wallet savings',
      'model alias me/maps:small none --wallet savings',
    ],
    words: [
      ['<alias>', 'owner/model:tag'],
      ['<models>', 'ids, names or aliases with commas between, or none'],
    ],
    async build({ connection, words: [alias = '', given = ''] }) {
      const { hexToBytes } = await import('@cairn/core');
      const { fetchModels } = await import('@cairn/sdk');
      const { splitList } = await import('../tx/parse.ts');
      const { findModel } = await import('./find-model.ts');
      const colon = alias.indexOf(':');
      if (colon <= 0 || colon === alias.length - 1)
        throw usage(`An alias is owner/model:tag, not ${alias.slice(0, 80)}.`);
      const key = { name: alias.slice(0, colon), tag: alias.slice(colon + 1) };
      const isRemoval = given === 'none';
      const models = isRemoval ? [] : await fetchModels(connection.ledger);
      const found = [];
      for (const model of isRemoval ? [] : splitList(given))
        found.push(await findModel(connection, models, model));
      return {
        message: isRemoval ? 'registry.removeAlias' : 'registry.setAlias',
        value: isRemoval ? key : { ...key, models: found.map(({ id }) => hexToBytes(id)) },
        what: isRemoval ? `Take alias ${alias} away` : `Let ${alias} stand for ${found.length} models`,
        amount: 0n,
        details: [
          ...found.map(({ id, card }) => ['model', `${card.name} ${card.version}  ${id}`] as const),
          ['deposit', isRemoval ? 'comes back' : 'refundable, for the record'],
        ],
        plan: { alias, models: found.map(({ id }) => id) },
      };
    },
  });
}

/** `cairn model clear` */
export function createModelClearCommand(cli: Cli): Command {
  return defineSending(cli, {
    name: 'clear',
    help: 'Gives the deposit of royalties back to who published a model, long enough after it was retired. Anybody may.',
    examples: ['model clear 3f2a… 91aa… --wallet savings'],
    words: [
      ['<model>', 'its id'],
      ['<artifact>', 'SHA-256 of the file'],
    ],
    async build({ words: [model = '', artifact = ''] }) {
      const { parseId } = await import('../tx/parse.ts');
      return {
        message: 'registry.clearRoyalties',
        value: { model: parseId(model, 'A model'), artifact: parseId(artifact, 'An artifact') },
        what: 'Clear royalties away',
        amount: 0n,
        deposit: 0n,
        details: [
          ['model', model],
          ['artifact', artifact],
          ['comes back', 'the deposit, to who published the model'],
        ],
        plan: { model, artifact },
      };
    },
  });
}
