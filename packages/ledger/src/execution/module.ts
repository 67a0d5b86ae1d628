import type { BlockContext } from './context.ts';
import type { MessageDefinition } from './message.ts';
import type { QueryDefinition } from './query.ts';

/** One room of the state machine. Hooks run in the order of `MODULES`, before and after the transactions. */
export interface LedgerModule {
  readonly name: string;
  // A list of different messages has no narrower common type; each is matched to its own shape by id.
  // biome-ignore lint/suspicious/noExplicitAny: see above
  readonly messages: readonly MessageDefinition<any>[];
  // biome-ignore lint/suspicious/noExplicitAny: see above
  readonly queries: readonly QueryDefinition<any>[];
  beginBlock?(context: BlockContext): void;
  endBlock?(context: BlockContext): void;
}
