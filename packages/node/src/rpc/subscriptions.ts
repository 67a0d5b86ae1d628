import type { EventFilter, EventView, LedgerReader } from '@cairn/protocol';
import { RpcError } from './method.ts';
import { namesParam, optionalParam, readParams, textParam, wholeParam } from './params.ts';

const SUBSCRIBE = { names: optionalParam(namesParam), from: optionalParam(wholeParam('a height')) };
const UNSUBSCRIBE = { subscription: textParam(20) };

/** A request about subscriptions. Those belong to a connection, so they are no methods of the table. */
export interface SubscriptionCall {
  readonly id: string | number;
  readonly method: 'chain_subscribe' | 'chain_unsubscribe';
  readonly params: unknown;
}

/** A subscription request; null for anything else, which goes to the methods. */
export function parseSubscriptionCall(body: string): SubscriptionCall | null {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    return null;
  }
  if (typeof parsed !== 'object' || parsed === null) return null;
  const { jsonrpc, id, method, params = {} } = parsed as Record<string, unknown>;
  if (method !== 'chain_subscribe' && method !== 'chain_unsubscribe') return null;
  if (jsonrpc !== '2.0' || (typeof id !== 'string' && typeof id !== 'number')) return null;
  return { id, method, params };
}

/** The subscriptions of one connection. */
export interface Subscriptions {
  /**
   * Begins a subscription. `forward` gets one event at a time and is waited for, so a slow client is read for slowly.
   *
   * @returns its id
   * @throws RpcError `RPC_PARAMS_INVALID`, `SUBSCRIPTION_LIMIT`; what the ledger says of a height it does not have
   */
  add(params: unknown, forward: (subscription: string, event: EventView) => Promise<void>): string;
  /** @returns whether there was one. @throws RpcError `RPC_PARAMS_INVALID` */
  remove(params: unknown): boolean;
  /** Ends all. */
  close(): void;
}

export function createSubscriptions(
  ledger: LedgerReader,
  { limit, onFailed }: { limit: number; onFailed: (error: unknown) => void },
): Subscriptions {
  const aborts = new Map<string, AbortController>();
  let next = 1;

  async function run(
    events: AsyncIterable<EventView>,
    signal: AbortSignal,
    forward: (event: EventView) => Promise<void>,
  ): Promise<void> {
    for await (const event of events) {
      if (signal.aborted) return;
      await forward(event);
    }
  }

  return {
    add(params, forward) {
      const { names, from } = readParams(SUBSCRIBE, asObject(params));
      if (aborts.size >= limit) {
        const message = `A connection has at most ${limit} subscriptions. End one first.`;
        throw new RpcError({ code: 'SUBSCRIPTION_LIMIT', limit }, message);
      }
      const abort = new AbortController();
      const filter: EventFilter = {
        signal: abort.signal,
        ...(names === undefined ? {} : { names }),
        ...(from === undefined ? {} : { from }),
      };
      const events = ledger.events(filter);
      const subscription = String(next++);
      aborts.set(subscription, abort);
      void run(events, abort.signal, (event) => forward(subscription, event)).catch((error: unknown) => {
        if (!abort.signal.aborted) onFailed(error);
      });
      return subscription;
    },
    remove(params) {
      const { subscription } = readParams(UNSUBSCRIBE, asObject(params));
      aborts.get(subscription)?.abort();
      return aborts.delete(subscription);
    },
    close() {
      for (const abort of aborts.values()) abort.abort();
      aborts.clear();
    },
  };
}

function asObject(params: unknown): object {
  if (typeof params === 'object' && params !== null && !Array.isArray(params)) return params;
  const reason = 'Subscriptions take their parameters by name, as an object.';
  throw new RpcError({ code: 'RPC_PARAMS_INVALID', reason }, reason);
}
