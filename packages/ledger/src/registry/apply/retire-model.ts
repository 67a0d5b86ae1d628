import { areBytesEqual, bytesToHex, utf8ToBytes } from '@cairn/core';
import { releaseDeposit } from '../../accounts/money.ts';
import { defineMessage, problem } from '../../execution/message.ts';
import type { Overlay } from '../../state/view.ts';
import { MAX_ARTIFACTS } from '../card.ts';
import { modelRetired } from '../events.ts';
import { retireModelShape } from '../messages/models.ts';
import { type ModelRecord, modelNames, models } from '../state.ts';
import { endRoyalties } from './sold-artifacts.ts';

export const retireModelMessage = defineMessage({
  id: 65,
  name: 'registry.retireModel',
  help: 'Removes a model of the sender from the registry and gives its deposit back. Offers of it count no more, claims pay its royalties for a while longer; its name stays with the sender while another version is registered.',
  shape: retireModelShape,
  work: () => 8 + MAX_ARTIFACTS,
  apply(context, { model }) {
    const hex = bytesToHex(model);
    const record = models.get(context.state, hex);
    if (record === undefined) return problem('MODEL_UNKNOWN', `No model ${hex} is registered.`);
    if (!areBytesEqual(record.card.owner, context.sender))
      return problem('NOT_OWNER', `Only its owner can retire model ${hex}.`);
    const nameKey = bytesToHex(utf8ToBytes(record.card.name));
    const { earlierVersion, laterVersion } = record;
    if (laterVersion !== null) relink(context.state, laterVersion, { earlierVersion });
    else if (earlierVersion !== null) modelNames.set(context.state, nameKey, { model: earlierVersion });
    else modelNames.delete(context.state, nameKey);
    if (earlierVersion !== null) relink(context.state, earlierVersion, { laterVersion });
    endRoyalties(context, model, record.card);
    models.delete(context.state, hex);
    releaseDeposit(context, context.sender, record.recordDeposit);
    modelRetired(context, model, record.card);
    return null;
  },
});

function relink(state: Overlay, model: Uint8Array, change: Partial<ModelRecord>): void {
  const hex = bytesToHex(model);
  models.set(state, hex, { ...models.get(state, hex)!, ...change });
}
