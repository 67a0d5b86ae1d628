import { bytesToHex } from '@cairn/core';
import { releaseDeposit } from '../../accounts/money.ts';
import { defineMessage, problem } from '../../execution/message.ts';
import { royaltiesCleared } from '../events.ts';
import { clearRoyaltiesShape } from '../messages/models.ts';
import { soldArtifactOf } from '../royalties.ts';
import { soldArtifacts } from '../state.ts';

export const clearRoyaltiesMessage = defineMessage({
  id: 72,
  name: 'registry.clearRoyalties',
  help: 'Clears away the royalties of an artifact whose model was retired long enough ago. The deposit goes to who published it; anybody may send it.',
  shape: clearRoyaltiesShape,
  work: () => 4,
  apply(context, sold) {
    const key = bytesToHex(soldArtifactOf(context.crypto, sold));
    const record = soldArtifacts.get(context.state, key);
    if (record === undefined) {
      return problem(
        'ROYALTIES_UNKNOWN',
        `Artifact ${bytesToHex(sold.artifact)} of model ${bytesToHex(sold.model)} pays no royalties.`,
      );
    }
    if (record.endSlot === 0n)
      return problem('ROYALTIES_DUE', `Model ${bytesToHex(sold.model)} is registered. Retire it first.`);
    if (record.endSlot > context.slot) {
      return problem(
        'ROYALTIES_DUE',
        `Claims pay these royalties until slot ${record.endSlot}, now is ${context.slot}. Clear them then.`,
      );
    }
    soldArtifacts.delete(context.state, key);
    releaseDeposit(context, record.owner, record.recordDeposit);
    royaltiesCleared(context, sold.model, sold.artifact);
    return null;
  },
});
