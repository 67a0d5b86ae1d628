import type { Shape } from '@cairn/core';
import type { Calls } from './calls.ts';
import type { MessageContext } from './context.ts';

/** An expected refusal: the code is stable, the message says what happened, with values, and what to do. */
export interface TransactionProblem {
  readonly code: string;
  readonly message: string;
}

/** Null: done. A problem: nothing of the message was kept. */
export type Verdict = TransactionProblem | null;

/** One kind of transaction. */
export interface MessageDefinition<T> {
  /** Number on the wire. Never changes and is never used again. */
  readonly id: number;
  /** `<module>.<verb>` */
  readonly name: string;
  /** A sentence for the generated reference. */
  readonly help: string;
  readonly shape: Shape<T>;
  /** Upper bound of records read and written, 40 for each signature checked, and `PULSE_WORK` for each pulse. */
  work(message: T, calls: Calls): number;
  /**
   * Gives the whole fee of a transaction back when it was done: for what serves everybody and can be done once. Does
   * not hold for a message inside another. The tip stays paid.
   */
  readonly isFree?: boolean;
  /** Checks everything, then writes. What it wrote is dropped when it returns a problem. */
  apply(context: MessageContext, message: T): Verdict;
}

export function defineMessage<T>(definition: MessageDefinition<T>): MessageDefinition<T> {
  return definition;
}

/** Work units of checking a pulse of a beacon: about 25 ms of one core. No more than nine fit into a block of the default size. */
export const PULSE_WORK = 20_000;

export function problem(code: string, message: string): TransactionProblem {
  return { code, message };
}
