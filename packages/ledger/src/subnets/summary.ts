import { type JsonSchema, u16, u32, u64 } from '@cairn/core';
import { pendingOf } from '../emission/state.ts';
import type { QueryContext } from '../execution/query.ts';
import { readParameters } from '../parameters/state.ts';
import { epochs, scheduledEpoch } from '../yuma/state.ts';
import { describeNotice, noticeSchema } from './lifecycle/describe.ts';
import { noticeOf } from './lifecycle/state.ts';
import { neuronPrice } from './price.ts';
import { type Subnet, subnetShape } from './state.ts';

/** Schema of what `describeSubnet` returns. */
export const subnetSchema: JsonSchema = {
  type: 'object',
  properties: {
    netuid: u16.schema,
    ...(subnetShape.schema.properties as object),
    price: { ...u64.schema, description: 'Pebbles that registering a neuron costs now.' },
    pending: { ...u64.schema, description: 'Tokens that the next epoch pays out, in 1e-9 token.' },
    epoch: { ...u32.schema, description: 'Number of the current epoch.' },
    lastEpochSlot: u64.schema,
    nextEpochSlot: { ...u64.schema, description: 'First slot at which the epoch may run.' },
    slot: { ...u64.schema, description: 'The slot now.' },
    notice: noticeSchema,
  },
};

/** A subnet with what it costs, owes and when its epoch runs; JSON-safe. */
export function describeSubnet({ view, slot }: QueryContext, netuid: number, subnet: Subnet): object {
  const { lastEpochSlot, tempo } = scheduledEpoch(view, netuid)!;
  return {
    netuid,
    ...(subnetShape.toJson(subnet) as object),
    price: neuronPrice(view, readParameters(view), subnet, slot).toString(),
    pending: pendingOf(view, netuid).toString(),
    epoch: epochs.get(view, netuid)!.epoch,
    lastEpochSlot: lastEpochSlot.toString(),
    nextEpochSlot: (lastEpochSlot + BigInt(tempo)).toString(),
    slot: slot.toString(),
    notice: describeNotice(view, noticeOf(view, netuid)),
  };
}
