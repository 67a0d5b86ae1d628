import { account, type JsonSchema, u16, u64 } from '@cairn/core';
import type { QueryContext } from '../execution/query.ts';
import { readParameters } from '../parameters/state.ts';
import { hotkeys } from '../staking/state.ts';
import { createOverlay, type StateView } from '../state/view.ts';
import { readMemberStakes, stakeThatCounts } from '../yuma/member-stakes.ts';
import { bytesToRow } from '../yuma/row-bytes.ts';
import { type MechanismResult, mechanismResultShape, mechanismResults, weights } from '../yuma/state.ts';
import { type Neuron, neuronShape, readNeurons, type Subnet } from './state.ts';
import { describeSubnet, subnetSchema } from './summary.ts';

const rowSchema = {
  anyOf: [
    { type: 'array', items: { type: 'array', items: u16.schema, minItems: 2, maxItems: 2 } },
    { type: 'null' },
  ],
  description: 'Pairs of uid and weight (a proportion of 65535 of the largest); null when never set.',
};

const mechanismSchema: JsonSchema = {
  type: 'object',
  properties: {
    ...(mechanismResultShape.schema.properties as object),
    lastUpdateSlot: { ...u64.schema, description: 'Slot of its latest weights there; 0: none.' },
    weights: rowSchema,
  },
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
          mechanisms: {
            type: 'array',
            items: mechanismSchema,
            description: 'Of each mechanism, where there are several; those above are of all together.',
          },
        },
      },
    },
  },
};

/** Everything about a subnet in one answer. Reads six records for each neuron, seven with weights, and three for each parent of one; and two more for each of several mechanisms. */
export function describeMetagraph(
  context: QueryContext,
  netuid: number,
  subnet: Subnet,
  withWeights: boolean,
): object {
  const { slot } = context;
  // Each hotkey is asked for twice: an overlay keeps what it read.
  const view = createOverlay(context.view);
  const count = subnet.mechanisms.length;
  const cutoff = BigInt(subnet.hyperparameters.activityCutoffSlots);
  const parameters = readParameters(view);
  const members = readNeurons(view, netuid, subnet.neuronCount);
  const stakes = readMemberStakes(view, netuid, members, slot);
  const neurons = members.map((neuron, uid) => {
    const stake = stakes[uid]!;
    const record = hotkeys.get(view, neuron.hotkey)!;
    return {
      uid,
      ...(neuronShape.toJson(neuron) as object),
      coldkey: account.toJson(record.owner),
      stake: stakeThatCounts(parameters, stake).toString(),
      tokenStake: stake.alphaStake.toString(),
      rootStake: stake.rootStake.toString(),
      active: neuron.lastUpdateSlot + cutoff >= slot,
      ...(withWeights ? { weights: readPairs(view, netuid, uid, 0) } : {}),
      ...(count > 1
        ? { mechanisms: describeMechanisms(view, { netuid, uid, count }, neuron, withWeights) }
        : {}),
    };
  });
  return { subnet: describeSubnet(context, netuid, subnet), neurons };
}

interface Place {
  readonly netuid: number;
  readonly uid: number;
  /** Mechanisms of the subnet. */
  readonly count: number;
}

/** Reads two records for each mechanism. Until the first epoch with several, the neuron tells of the first. */
function describeMechanisms(
  view: StateView,
  { netuid, uid, count }: Place,
  neuron: Neuron,
  withWeights: boolean,
): object[] {
  return Array.from({ length: count }, (_, mechanism) => {
    const result =
      mechanismResults.get(view, netuid, uid, mechanism) ?? (mechanism === 0 ? neuron : NO_RESULT);
    return {
      ...(mechanismResultShape.toJson(result) as object),
      lastUpdateSlot: (weights.get(view, netuid, uid, mechanism)?.slot ?? 0n).toString(),
      ...(withWeights ? { weights: readPairs(view, netuid, uid, mechanism) } : {}),
    };
  });
}

const NO_RESULT: MechanismResult = { consensus: 0, incentive: 0, dividends: 0, trust: 0, emission: 0n };

/** Entries of a stored row as pairs of uid and value; null when it was never set. */
function readPairs(
  view: StateView,
  netuid: number,
  uid: number,
  mechanism: number,
): [number, number][] | null {
  const stored = weights.get(view, netuid, uid, mechanism);
  if (stored === undefined) return null;
  const { uids, values } = bytesToRow(stored.row);
  return Array.from(uids, (uid, index) => [uid, values[index]!]);
}
