import { account, type JsonSchema, u16, u64 } from '@cairn/core';
import type { QueryContext } from '../execution/query.ts';
import { readParameters } from '../parameters/state.ts';
import { hotkeys } from '../staking/state.ts';
import { createOverlay } from '../state/view.ts';
import { readMemberStakes, stakeThatCounts } from '../yuma/member-stakes.ts';
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
          stake: {
            ...u64.schema,
            description: 'Stake that counts: tokens, and CAIRN on root at its weight.',
          },
          tokenStake: {
            ...u64.schema,
            description: 'Tokens it speaks for here, own and lent, in 1e-9 token.',
          },
          rootStake: { ...u64.schema, description: 'Pebbles on root that it speaks for here.' },
          active: { type: 'boolean', description: 'Whether its latest weights are recent enough to count.' },
          ...(neuronShape.schema.properties as object),
          weights: rowSchema,
        },
      },
    },
  },
};

/** Everything about a subnet in one answer. Reads six records for each neuron, seven with weights, and three for each parent of one. */
export function describeMetagraph(
  context: QueryContext,
  netuid: number,
  subnet: Subnet,
  withWeights: boolean,
): object {
  const { slot } = context;
  // Each hotkey is asked for twice: an overlay keeps what it read.
  const view = createOverlay(context.view);
  const cutoff = BigInt(subnet.hyperparameters.activityCutoffSlots);
  const parameters = readParameters(view);
  const members = readNeurons(view, netuid, subnet.neuronCount);
  const stakes = readMemberStakes(view, netuid, members, slot);
  const neurons = members.map((neuron, uid) => {
    const stake = stakes[uid]!;
    const record = hotkeys.get(view, neuron.hotkey)!;
    const stored = withWeights ? weights.get(view, netuid, uid) : undefined;
    return {
      uid,
      ...(neuronShape.toJson(neuron) as object),
      coldkey: account.toJson(record.owner),
      stake: stakeThatCounts(parameters, stake).toString(),
      tokenStake: stake.alphaStake.toString(),
      rootStake: stake.rootStake.toString(),
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
