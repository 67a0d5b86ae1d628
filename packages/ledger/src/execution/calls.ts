import {
  type AccountId,
  accountIdToAddress,
  bytes,
  CoreError,
  type Crypto,
  concatBytes,
  decode,
  encode,
  struct,
  u16,
  u64ToBytes,
  utf8ToBytes,
  type ValueOf,
} from '@cairn/core';
import { frozenProblem } from '../accounts/keys/speaking.ts';
import { accounts } from '../accounts/state.ts';
import { modulePaused } from '../governance/paused-problem.ts';
import { moduleOf } from '../governance/pauses.ts';
import type { BlockContext, LedgerEvent } from './context.ts';
import { type MessageDefinition, problem, type TransactionProblem, type Verdict } from './message.ts';

/** Largest message inside another. */
const MAX_NESTED_BYTES = 32_768;

/** How deep calls nest: a batch inside a proxy's call inside a multisig's is three. */
const MAX_DEPTH = 4;

/** A message inside another: what a batch, a proxy or a proposal runs. */
export const callShape = struct('Call', {
  /** Number of the message. */
  messageId: u16,
  /** SSZ bytes of the message. */
  message: bytes(MAX_NESTED_BYTES),
});
export type Call = ValueOf<typeof callShape>;

/** For whom a call runs. */
export interface Caller {
  readonly sender: AccountId;
  /** Distinguishes this call from every other of the sender, as the nonce does a transaction. See `nestedNonce`. */
  readonly nonce: bigint;
}

/** Whether a message may run, by its name and its decoded value; a problem when it may not. */
export type CallFilter = (name: string, message: unknown) => TransactionProblem | null;

/** The messages there are, for those that run others. */
export interface Calls {
  /** Name of a call's message, such as `accounts.transfer`; null when there is none of that number. */
  nameOf(call: Call): string | null;
  /** Whether there is a module of this name that takes messages. */
  hasModule(module: string): boolean;
  /** Declared work of a call; 1 for one that cannot run. */
  workOf(call: Call): number;
  /** Declared work of a call that will run by itself, in nothing else; a problem when it cannot run. */
  workAlone(call: Call): number | TransactionProblem;
  /** Runs a call: all of it, or on a problem nothing. Never throws on bytes of strangers. */
  run(context: BlockContext, call: Call, caller: Caller): Verdict;
  /** The same calls, but a call and all that it runs, however deep, must also pass `filter`. */
  restrict(filter: CallFilter): Calls;
}

// biome-ignore lint/suspicious/noExplicitAny: each message is matched to its own shape by id
type AnyMessage = MessageDefinition<any>;

export function createCalls(
  messages: ReadonlyMap<number, AnyMessage>,
  depth = 0,
  filters: readonly CallFilter[] = [],
): Calls {
  const deeper = (): Calls => createCalls(messages, depth + 1, filters);
  return {
    nameOf: ({ messageId }) => messages.get(messageId)?.name ?? null,
    hasModule: (module) => [...messages.values()].some(({ name }) => moduleOf(name) === module),
    workOf(call) {
      const read = readCall(messages, call, depth);
      return 'code' in read ? 1 : read.definition.work(read.message, deeper());
    },
    workAlone(call) {
      const read = readCall(messages, call, 0);
      return 'code' in read ? read : read.definition.work(read.message, createCalls(messages, 1));
    },
    restrict: (filter) => createCalls(messages, depth, [...filters, filter]),
    run(context, call, { sender, nonce }) {
      const read = readCall(messages, call, depth);
      if ('code' in read) return read;
      const paused = modulePaused(context.state, read.definition.name);
      if (paused !== null) return paused;
      for (const filter of filters) {
        const refused = filter(read.definition.name, read.message);
        if (refused !== null) return refused;
      }
      const account = accounts.get(context.state, sender);
      if (account === undefined) {
        return problem('ACCOUNT_UNKNOWN', `Account ${accountIdToAddress(sender)} does not exist.`);
      }
      const frozen = account.isFrozen ? frozenProblem(context.state, sender) : null;
      if (frozen !== null) return frozen;
      const events: LedgerEvent[] = [];
      const state = context.state.fork();
      const emit: BlockContext['emit'] = (name, data) => events.push({ name, data });
      const inner = { ...context, state, emit, sender, nonce, calls: deeper() };
      const verdict = read.definition.apply(inner, read.message);
      if (verdict !== null) return verdict;
      context.state.merge(state);
      for (const { name, data } of events) context.emit(name, data);
      return null;
    },
  };
}

function readCall(messages: ReadonlyMap<number, AnyMessage>, { messageId, message }: Call, depth: number) {
  if (depth >= MAX_DEPTH) return problem('CALLS_TOO_DEEP', `Calls nest at most ${MAX_DEPTH} deep.`);
  const definition = messages.get(messageId);
  if (definition === undefined)
    return problem('MESSAGE_UNKNOWN', `No message has the number ${messageId}. Upgrade, or use a known one.`);
  try {
    return { definition, message: decode(definition.shape, message) };
  } catch (error) {
    if (error instanceof CoreError)
      return problem('CALL_MALFORMED', `The call ${definition.name} is malformed. ${error.message}`);
    throw error;
  }
}

/** What stands for a call that is agreed to before it is shown. */
export function callHashOf(crypto: Crypto, call: Call): Uint8Array {
  return crypto.sha256(concatBytes(utf8ToBytes('cairn/call/v1'), encode(callShape, call)));
}

/**
 * A nonce for a call inside another: no transaction has one as high, and no two calls have the same.
 *
 * @param origin what only this call comes from, such as the outer sender, its nonce and the place in a batch.
 */
export function nestedNonce(crypto: Crypto, ...origin: readonly (Uint8Array | bigint)[]): bigint {
  const parts = origin.map((part) => (typeof part === 'bigint' ? u64ToBytes(part) : part));
  const digest = crypto.sha256(concatBytes(utf8ToBytes('cairn/nested-nonce/v1'), ...parts));
  return new DataView(digest.buffer, digest.byteOffset, 8).getBigUint64(0) | (1n << 63n);
}
