import { areBytesEqual, bytesToHex, encode } from '@cairn/core';
import { holdDeposit, recordDeposit, releaseDeposit } from '../../accounts/money.ts';
import { defineMessage, problem } from '../../execution/message.ts';
import { type Alias, aliasId, isTag } from '../alias.ts';
import { aliasSet } from '../events.ts';
import { setAliasShape } from '../messages/aliases.ts';
import { ALIAS_EXTRA_BYTES, aliases, findNameOwner, isModelRegistered } from '../state.ts';

export const setAliasMessage = defineMessage({
  id: 70,
  name: 'registry.setAlias',
  help: "Lets `name:tag` stand for registered models, the preferred one first; replaces what it stood for. By the name's owner.",
  shape: setAliasShape,
  work: ({ models }) => 8 + models.length,
  apply(context, message) {
    const { name, tag, models } = message;
    if (!isTag(tag))
      return problem('ALIAS_INVALID', 'A tag is lower-case letters, digits, dots, dashes and underscores.');
    if (models.length === 0 || new Set(models.map(bytesToHex)).size < models.length)
      return problem('ALIAS_INVALID', 'An alias names at least one model, and each once.');
    const owner = findNameOwner(context.state, name);
    if (owner === null || !areBytesEqual(owner, context.sender)) {
      return problem(
        'NOT_OWNER',
        `${name} is no registered name of the sender. Publish a model under it first.`,
      );
    }
    const missing = models.find((model) => !isModelRegistered(context.state, model));
    if (missing !== undefined)
      return problem('MODEL_UNKNOWN', `No model ${bytesToHex(missing)} is registered.`);
    const id = aliasId(message);
    const earlier = aliases.get(context.state, id);
    // Of who had the name before: it counts no more.
    if (earlier !== undefined) releaseDeposit(context, earlier.owner, earlier.recordDeposit);
    const deposit = recordDeposit(context, encode(setAliasShape, message).length + ALIAS_EXTRA_BYTES);
    const refused = holdDeposit(context, context.sender, deposit);
    if (refused !== null) return refused;
    const alias: Alias = { name, tag, owner: context.sender, models, recordDeposit: deposit };
    aliases.set(context.state, id, alias);
    aliasSet(context, alias);
    return null;
  },
});
