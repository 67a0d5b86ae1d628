import { bytesToHex, encode } from '@cairn/core';
import { holdDeposit, recordDeposit } from '../../accounts/money.ts';
import { defineMessage, problem } from '../../execution/message.ts';
import { subnetDissolved } from '../../subnets/problems.ts';
import { isDissolved } from '../../subnets/state.ts';
import { DATASET_EXTRA_BYTES, datasetCardShape, datasetIdOf, datasets, findDatasetFault } from '../card.ts';
import { datasetPublished } from '../events.ts';
import { publishDatasetShape } from '../messages/datasets.ts';

export const publishDatasetMessage = defineMessage({
  id: 150,
  name: 'datasets.publish',
  help: 'Lists a data set with its licence, the root of its chunks, its price for a chunk and the sample that is free.',
  shape: publishDatasetShape,
  work: () => 6,
  apply(context, { card }) {
    if (isDissolved(context.state, card.netuid)) return subnetDissolved(card.netuid);
    const fault = findDatasetFault(card);
    if (fault !== null) return problem('DATASET_INVALID', fault);
    const id = datasetIdOf(context.crypto, context.sender, card);
    const hex = bytesToHex(id);
    if (datasets.get(context.state, hex) !== undefined)
      return problem('DATASET_EXISTS', `This data set is listed already, as ${hex}.`);
    const deposit = recordDeposit(context, encode(datasetCardShape, card).length + DATASET_EXTRA_BYTES);
    const refused = holdDeposit(context, context.sender, deposit);
    if (refused !== null) return refused;
    const publishedHeight = BigInt(context.block.height);
    datasets.set(context.state, hex, {
      owner: context.sender,
      card,
      publishedHeight,
      recordDeposit: deposit,
    });
    datasetPublished(context, id, context.sender, card);
    return null;
  },
});
