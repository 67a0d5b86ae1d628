import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { outputOf } from '../command.ts';
import { CliError } from '../errors.ts';
import { formatCount } from '../terminal/format.ts';
import { renderFields } from '../terminal/output.ts';
import { printable } from '../terminal/printable.ts';
import { defineVerifyCommand, type VerifyFlags } from './define.ts';
import type { Verifier } from './verifier.ts';

/** `cairn verify model` */
export function createVerifyModelCommand(cli: Cli): Command {
  return defineVerifyCommand('model', 'Shows the card of a model, proved by the votes for a block.', [
    'verify model cairn/crontab',
    'verify model cairn/crontab --json',
  ])
    .argument('<model>', 'a name such as cairn/crontab, or an id of 64 digits')
    .action(async (given: string, flags: VerifyFlags) => {
      const { bytesToHex, hexToBytes } = await import('@cairn/core');
      const { describeStateValue, modelFromState, modelStateKey } = await import('@cairn/sdk');
      const { openVerifier, vouchingOf } = await import('./verifier.ts');
      const { renderVouching } = await import('./render.ts');
      const verifier = await openVerifier(cli, flags);
      const id = /^[0-9a-f]{64}$/.test(given) ? hexToBytes(given) : await findModel(verifier, given);
      const key = modelStateKey(id);
      const proved = await verifier.read(key);
      if (proved.value === null) throw notFound(given);
      const { card, publishedHeight } = modelFromState(proved.value);
      const vouching = vouchingOf(verifier, proved);
      const model = { id: bytesToHex(id), record: describeStateValue(key, proved.value) };
      outputOf(cli, flags).result({ ...model, ...vouching }, () => [
        ...renderFields([
          ['model', `${printable(card.name)} ${printable(card.version)}`],
          ['id', model.id],
          ['licence', printable(card.licence)],
          ['published', `at height ${formatCount(publishedHeight)}`],
        ]),
        '',
        ...renderVouching(vouching),
      ]);
    });
}

/** The newest version of a name, proved too. */
async function findModel(verifier: Verifier, name: string): Promise<Uint8Array> {
  const { modelNameFromState, modelNameStateKey } = await import('@cairn/sdk');
  const { value } = await verifier.read(modelNameStateKey(name));
  if (value === null) throw notFound(name);
  return modelNameFromState(value).model;
}

function notFound(given: string): CliError {
  return new CliError(
    { code: 'NOT_FOUND', what: `model ${given}` },
    `It is proved that there is no model ${given}. ./cairn model list shows those there are.`,
  );
}
