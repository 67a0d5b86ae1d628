import type { RegistryModel } from '@cairn/sdk';
import { askNode } from '../answer/ask-node.ts';
import { asHex, asList } from '../answer/checks.ts';
import type { Connection } from '../connect.ts';
import { CliError } from '../errors.ts';

/**
 * The model of an id, a name such as `cairn/crontab`, or an alias such as `cairn/crontab:latest`.
 *
 * @throws CliError `NOT_FOUND`
 */
export async function findModel(
  connection: Connection,
  models: readonly RegistryModel[],
  given: string,
): Promise<RegistryModel> {
  const ids = /^[0-9a-f]{64}$/.test(given)
    ? [given]
    : await askNode(connection, 'registry_resolve', { alias: given.slice(0, 129) }, asList(asHex));
  const found = models.find(({ id }) => id === ids[0]);
  if (found !== undefined) return found;
  throw new CliError(
    { code: 'NOT_FOUND', what: `model ${given}` },
    `There is no model ${given}. See ./cairn model search.`,
  );
}
