import { account, type JsonSchema, u16, u64 } from '@cairn/core';
import type { QueryContext } from '../execution/query.ts';
import { hotkeys } from '../staking/state.ts';
import { bytesToRow } from '../yuma/row-bytes.ts';
import { weights } from '../yuma/state.ts';
import { neuronShape, readNeurons, type Subnet } from './state.ts';
import { describeSubnet, subnetSchema } from './summary.ts';

const rowSchema = {
  anyOf: [
    { type: 'array', items: { type: 'array', items: u16.schema, minItems: 2, maxItems: 2 } },
    { type: 'null' },
  ],
  description: 'Pairs of uid and weight (a proportion of 65535 of the largest); null when never set.',
};

export const metagraphSchema: JsonSchema = {
  type: 'object',
  properties: {
    subnet: subnetSchema,
    neurons: {
      type: 'array',
      items: {
        type: 'object',
        properties: {
          uid: u16.schema,
          coldkey: account.schema,
          stake: { ...u64.schema, description: 'Pebbles staked to the hotkey.' },
          active: { type: 'boolean', description: 'Whether its latest weights are recent enough to count.' },
          ...(neuronShape.schema.properties as object),
          weights: rowSchema,
        },
      },
    },
  },
};

/** Everything about a subnet in one answer. Reads two records for each neuron, three with weights. */
export function describeMetagraph(
  context: QueryContext,
  netuid: number,
  subnet: Subnet,
  withWeights: boolean,
): object {
  const { view, slot } = context;
  const cutoff = BigInt(subnet.hyperparameters.activityCutoffSlots);
  const neurons = readNeurons(view, netuid, subnet.neuronCount).map((neuron, uid) => {
    const record = hotkeys.get(view, neuron.hotkey)!;
    const stored = withWeights ? weights.get(view, netuid, uid) : undefined;
    return {
      uid,
      ...(neuronShape.toJson(neuron) as object),
      coldkey: account.toJson(record.owner),
      stake: record.totalStake.toString(),
      active: neuron.lastUpdateSlot + cutoff >= slot,
      ...(withWeights ? { weights: stored === undefined ? null : rowToPairs(stored.row) } : {}),
    };
  });
  return { subnet: describeSubnet(context, netuid, subnet), neurons };
}

/** Entries of a stored row as pairs of uid and value. */
function rowToPairs(bytes: Uint8Array): [number, number][] {
  const { uids, values } = bytesToRow(bytes);
  return Array.from(uids, (uid, index) => [uid, values[index]!]);
}
