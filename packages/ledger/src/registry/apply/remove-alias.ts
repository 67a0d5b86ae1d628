import { areBytesEqual } from '@cairn/core';
import { releaseDeposit } from '../../accounts/money.ts';
import { defineMessage, problem } from '../../execution/message.ts';
import { aliasId } from '../alias.ts';
import { aliasRemoved } from '../events.ts';
import { removeAliasShape } from '../messages/aliases.ts';
import { aliases, isAliasDead } from '../state.ts';

export const removeAliasMessage = defineMessage({
  id: 71,
  name: 'registry.removeAlias',
  help: 'Removes an alias of the sender and returns its deposit. One whose owner has the name no more anyone may clear away: the deposit goes to who paid it.',
  shape: removeAliasShape,
  work: () => 6,
  apply(context, key) {
    const id = aliasId(key);
    const alias = aliases.get(context.state, id);
    if (alias === undefined)
      return problem(
        'ALIAS_UNKNOWN',
        `There is no alias ${key.name}:${key.tag}. It may never have been set.`,
      );
    if (!areBytesEqual(alias.owner, context.sender) && !isAliasDead(context.state, alias)) {
      return problem(
        'NOT_OWNER',
        `Only its owner can remove ${key.name}:${key.tag} while the name is its own.`,
      );
    }
    aliases.delete(context.state, id);
    releaseDeposit(context, alias.owner, alias.recordDeposit);
    aliasRemoved(context, alias);
    return null;
  },
});
