import type { TensorShape } from '@cairn/protocol';
import type { Update } from '../update/format.ts';
import { applyRound, type OuterRule, type RunState } from './outer-step.ts';

/** The states that rounds start from, one after another. */
export interface RoundPipeline {
  /** What the next round is trained from. */
  readonly state: RunState;
  /** Ends a round with its accepted updates, in roster order. Returns what the next round is trained from. */
  close(updates: readonly Update[]): RunState;
  /** Applies what is still under way, when the run ends or stops for a checkpoint. */
  drain(): RunState;
}

export interface RoundPipelineOptions {
  /**
   * Whether updates travel while the next round is trained: those of round r are then part of what round r + 2 starts
   * from, and no trainer waits for the network. @default false
   */
  readonly isOverlapped?: boolean;
}

export function createRoundPipeline(
  table: readonly TensorShape[],
  rule: OuterRule,
  start: RunState,
  { isOverlapped = false }: RoundPipelineOptions = {},
): RoundPipeline {
  let state = start;
  let underWay: readonly Update[] = [];
  const apply = (updates: readonly Update[]): RunState => {
    state = applyRound(table, rule, state, updates);
    return state;
  };
  return {
    get state() {
      return state;
    },
    close(updates) {
      if (!isOverlapped) return apply(updates);
      const arrived = underWay;
      underWay = updates;
      return apply(arrived);
    },
    drain() {
      const arrived = underWay;
      underWay = [];
      return apply(arrived);
    },
  };
}
