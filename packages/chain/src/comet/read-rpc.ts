import { ChainError } from '../errors.ts';
import type { CometRpc } from './rpc.ts';

/**
 * What CometBFT tells anybody: headers, votes and who votes, all of which prove themselves. Nothing that changes
 * anything, and nothing about this node, its peers or what waits on it.
 */
const READ_METHODS = new Set([
  'commit',
  'validators',
  'consensus_params',
  'header',
  'header_by_hash',
  'health',
]);

/** JSON-RPC of the chosen methods, in the words of CometBFT, for its light clients and for nodes that join. */
export interface ReadRpc {
  /** @param body of one request. Answers anything, also what is no request. */
  answer(body: string): Promise<ReadAnswer>;
}

export interface ReadAnswer {
  readonly jsonrpc: '2.0';
  readonly id: number | string | null;
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly message: string; readonly data: string };
}

export function createReadRpc(rpc: CometRpc): ReadRpc {
  return {
    async answer(body) {
      const asked = readRequest(body);
      if (asked === null) return refusal(null, -32600, 'One JSON-RPC request is wanted.');
      const { id, method, params } = asked;
      if (!READ_METHODS.has(method))
        return refusal(id, -32601, `Only ${[...READ_METHODS].join(', ')} are answered here.`);
      try {
        const answer = await rpc.call(method, params);
        // CometBFT's client reads the reason from the text.
        return answer.ok
          ? { jsonrpc: '2.0', id, result: answer.result }
          : refusal(id, -32603, 'Internal error', answer.message);
      } catch (error) {
        if (!(error instanceof ChainError)) throw error;
        return refusal(id, -32603, 'Internal error', error.message);
      }
    },
  };
}

function refusal(id: ReadAnswer['id'], code: number, message: string, data = ''): ReadAnswer {
  return { jsonrpc: '2.0', id, error: { code, message, data } };
}

interface ReadRequest {
  readonly id: number | string | null;
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
}

function readRequest(body: string): ReadRequest | null {
  let given: unknown;
  try {
    given = JSON.parse(body);
  } catch {
    // Answered as any other body that is no request.
    return null;
  }
  if (!isRecord(given)) return null;
  const { id = null, method, params = {} } = given;
  const isId = id === null || typeof id === 'number' || typeof id === 'string';
  if (!isId || typeof method !== 'string') return null;
  if (isRecord(params)) return { id, method, params };
  return Array.isArray(params) && params.length === 0 ? { id, method, params: {} } : null;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
