import { areBytesEqual, bytesToHex, utf8ToBytes } from '@cairn/core';
import { releaseDeposit } from '../../accounts/money.ts';
import { defineMessage, problem } from '../../execution/message.ts';
import { modelRetired } from '../events.ts';
import { retireModelShape } from '../messages/models.ts';
import { modelNames, models } from '../state.ts';

export const retireModelMessage = defineMessage({
  id: 65,
  name: 'registry.retireModel',
  help: 'Removes a model of the sender from the registry and gives its deposit back.',
  shape: retireModelShape,
  work: () => 5,
  apply(context, { model }) {
    const hex = bytesToHex(model);
    const record = models.get(context.state, hex);
    if (record === undefined) return problem('MODEL_UNKNOWN', `No model ${hex} is registered.`);
    if (!areBytesEqual(record.card.owner, context.sender))
      return problem('NOT_OWNER', `Only its owner can retire model ${hex}.`);
    const nameKey = bytesToHex(utf8ToBytes(record.card.name));
    const named = modelNames.get(context.state, nameKey);
    if (named !== undefined && areBytesEqual(named.model, model)) modelNames.delete(context.state, nameKey);
    models.delete(context.state, hex);
    releaseDeposit(context, context.sender, record.recordDeposit);
    modelRetired(context, model, record.card);
    return null;
  },
});
