import type { TensorShape } from '@cairn/protocol';
import {
  aggregateUpdates,
  type OuterRule,
  type RoundPipeline,
  type RunState,
  stepOuter,
  type Units,
  type Update,
} from '@cairn/training';

/** Rounds as a network without any defence would end them: the plain mean, in which the longest update says most. */
export function createUnclippedPipeline(
  table: readonly TensorShape[],
  rule: OuterRule,
  start: RunState,
): RoundPipeline {
  let state = start;
  return {
    get state() {
      return state;
    },
    close(updates) {
      if (updates.length > 0) state = stepOuter(table, rule, state, meanOf(table, updates));
      return state;
    },
    drain: () => state,
  };
}

/** Of each value the mean over those that sent it. The clip of a round of one changes nothing. */
function meanOf(table: readonly TensorShape[], updates: readonly Update[]): Units {
  const each = updates.map((update) => aggregateUpdates(table, [update]));
  return new Map(
    table.map(({ name }) => {
      const values = each.map((units) => units.get(name)!);
      return [
        name,
        values[0]!.map((_, at) => {
          const sent = values.flatMap((one) => (one[at] === 0 ? [] : [one[at]!]));
          return sent.length === 0
            ? 0
            : Math.round(sent.reduce((sum, value) => sum + value, 0) / sent.length);
        }),
      ];
    }),
  );
}
