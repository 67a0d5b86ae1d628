import { areBytesEqual, bytesToHex } from '@cairn/core';
import { releaseDeposit } from '../../accounts/money.ts';
import { defineMessage, problem } from '../../execution/message.ts';
import { datasets } from '../card.ts';
import { datasetRetired } from '../events.ts';
import { retireDatasetShape } from '../messages/datasets.ts';

export const retireDatasetMessage = defineMessage({
  id: 151,
  name: 'datasets.retire',
  help: 'Takes a data set of the sender off the list and returns its deposit.',
  shape: retireDatasetShape,
  work: () => 4,
  apply(context, { dataset: id }) {
    const hex = bytesToHex(id);
    const found = datasets.get(context.state, hex);
    if (found === undefined) return problem('DATASET_UNKNOWN', `No data set ${hex} is listed.`);
    if (!areBytesEqual(found.owner, context.sender))
      return problem('NOT_OWNER', `Only its owner can take data set ${hex} off the list.`);
    datasets.delete(context.state, hex);
    releaseDeposit(context, found.owner, found.recordDeposit);
    datasetRetired(context, id, found.owner);
    return null;
  },
});
