import { bytesToHex } from '@cairn/core';
import type {
  BlockView,
  EventFilter,
  EventView,
  InclusionResult,
  LedgerReader,
  LedgerStatus,
  LedgerWriter,
  ProofView,
  SubmitResult,
  TransactionView,
} from '@cairn/protocol';
import { SdkError } from '../errors.ts';

/** Sends one JSON-RPC body and returns the answer's body: `fetch` over HTTP or a socket. */
export type RpcFetch = (body: string) => Promise<string>;

/** A ledger behind JSON-RPC: the same port as the chain in this process. */
export interface RpcLedger extends LedgerReader, LedgerWriter {
  /** Any method of the node. @throws SdkError `RPC_FAILED` */
  call<T>(method: string, params: unknown): Promise<T>;
}

/** Time between two looks for new events. */
const POLL_MS = 500;

/**
 * @param wait resolves after the given milliseconds, or earlier when the signal aborts.
 * @throws SdkError `RPC_FAILED`, `RPC_MALFORMED`
 */
export async function connectRpcLedger(
  send: RpcFetch,
  wait: (ms: number, signal?: EventFilter['signal']) => Promise<void>,
): Promise<RpcLedger> {
  let nextId = 1;
  async function call<T>(method: string, params: unknown): Promise<T> {
    const id = nextId++;
    const answer = parseAnswer(await send(JSON.stringify({ jsonrpc: '2.0', id, method, params })), id);
    if (answer.error !== undefined) {
      const { message, data } = answer.error;
      throw new SdkError({ code: 'RPC_FAILED', method, reason: data?.code ?? 'UNKNOWN' }, message);
    }
    return answer.result as T;
  }

  async function* events(filter: EventFilter = {}): AsyncIterable<EventView> {
    let from = filter.from ?? (await call<LedgerStatus>('chain_status', {})).height + 1;
    const isOver = () => filter.signal?.aborted === true;
    while (!isOver()) {
      const page = await call<EventPage>('chain_events', {
        ...(filter.names === undefined ? {} : { names: filter.names }),
        from,
      });
      if (!isEventPage(page, from)) throw malformed();
      for (const event of page.events) {
        if (isOver()) return;
        yield event;
      }
      if (page.next === from) await wait(POLL_MS, filter.signal);
      from = page.next;
    }
  }

  const { chainId } = asObject(await call<unknown>('chain_status', {}));
  if (typeof chainId !== 'string' || !/^([0-9a-f]{2})+$/.test(chainId)) throw malformed();
  return {
    chainId,
    call,
    events,
    status: () => call<LedgerStatus>('chain_status', {}),
    query: (method, params) => call(method, params),
    block: (at) => call<BlockView | null>('chain_block', at === undefined ? {} : { at }),
    transaction: (id) => call<TransactionView | null>('chain_transaction', { id }),
    proof: (key, height) => call<ProofView>('chain_proof', height === undefined ? { key } : { key, height }),
    lightBlock: (height) => call<unknown>('chain_lightBlock', height === undefined ? {} : { height }),
    submit: (bytes) => call<SubmitResult>('chain_submit', { transaction: bytesToHex(bytes) }),
    submitAndWait: (bytes, timeoutMs) =>
      call<InclusionResult>('chain_submitAndWait', {
        transaction: bytesToHex(bytes),
        ...(timeoutMs === undefined ? {} : { timeoutMs }),
      }),
  };
}

interface EventPage {
  readonly events: readonly EventView[];
  /** Height to go on from. */
  readonly next: number;
}

/** Whether this is a page of events that leads on, and not back: a reader must not go round in circles. */
function isEventPage(page: unknown, from: number): page is EventPage {
  const { events, next } = (page ?? {}) as { events?: unknown; next?: unknown };
  return Array.isArray(events) && Number.isSafeInteger(next) && (next as number) >= from;
}

interface RpcAnswer {
  readonly result?: unknown;
  readonly error?: { readonly message: string; readonly data?: { readonly code: string } };
}

/** An answer of this request in the form of JSON-RPC 2.0, whatever a stranger sent. @throws SdkError `RPC_MALFORMED` */
function parseAnswer(body: string, id: number): RpcAnswer {
  const answer = parseObject(body);
  if (answer.id !== id || Object.hasOwn(answer, 'result') === Object.hasOwn(answer, 'error'))
    throw malformed();
  if (!Object.hasOwn(answer, 'error')) return { result: answer.result };
  const { message, data } = asObject(answer.error);
  if (typeof message !== 'string') throw malformed();
  const code = typeof data === 'object' && data !== null && 'code' in data ? data.code : undefined;
  return { error: { message, ...(typeof code === 'string' ? { data: { code } } : {}) } };
}

function parseObject(body: string): Readonly<Record<string, unknown>> {
  let answer: unknown;
  try {
    answer = JSON.parse(body);
  } catch (cause) {
    throw malformed(cause);
  }
  return asObject(answer);
}

function asObject(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw malformed();
  return value as Record<string, unknown>;
}

function malformed(cause?: unknown): SdkError {
  const message = 'The node answered with something that is not JSON-RPC.';
  return new SdkError({ code: 'RPC_MALFORMED' }, message, cause === undefined ? {} : { cause });
}
