import { SdkError } from '@cairn/sdk';
import { askNode } from '../answer/ask-node.ts';
import { asAddress, asCount, asList, asObject, asText, type Checked } from '../answer/checks.ts';
import type { Connection } from '../connect.ts';
import { shorten } from '../terminal/format.ts';
import { printable } from '../terminal/printable.ts';

const METHOD = 'training_refusals';
const asRefusal = asObject({ validator: asAddress, place: asCount, reason: asText });
export type Refusal = Checked<typeof asRefusal>;

const REASONS: Readonly<Record<string, string>> = {
  missing: 'it could not be had in time',
  malformed: 'it cannot be read',
  stale: 'it is of another round or of other weights',
  copy: 'too much of it is in another update',
  harmful: 'it makes the loss worse',
  useless: 'it gains too little for its steps',
  noise: 'it is aimed no better than chance',
  excluded: 'updates of its seat made the loss worse three times in a row',
};

/** Why validators that the node runs refused updates of a round. Empty from a node that runs none, or an older one. */
export async function fetchRefusals(connection: Connection, run: string, round: number): Promise<Refusal[]> {
  try {
    return await askNode(connection, METHOD, { run, round }, asList(asRefusal));
  } catch (error) {
    // A code of the node's own would be a fault; without one there is no such method.
    const isUnknown =
      error instanceof SdkError && error.problem.code === 'RPC_FAILED' && error.problem.reason === 'UNKNOWN';
    if (!isUnknown) throw error;
    return [];
  }
}

/** A line for each place and reason. */
export function describeRefusals(refusals: readonly Refusal[]): string[] {
  const kinds = Map.groupBy(refusals, ({ place, reason }) => `${place} ${reason}`);
  return [...kinds.values()].map((same) => {
    const { place, reason } = same[0]!;
    const by = same.map(({ validator }) => shorten(validator)).join(', ');
    return `place ${place}: refused by ${by}: ${REASONS[reason] ?? printable(reason)}`;
  });
}
