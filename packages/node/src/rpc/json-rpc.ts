import { CairnError, type Logger } from '@cairn/core';
import type { RpcMethod } from './method.ts';

/** Most requests of one batch. */
const MAX_BATCH = 100;

interface RpcErrorBody {
  readonly code: number;
  readonly message: string;
  readonly data?: { readonly code: string };
}
type RpcId = string | number | null;
export type RpcResponse =
  | { readonly jsonrpc: '2.0'; readonly id: RpcId; readonly result: unknown }
  | { readonly jsonrpc: '2.0'; readonly id: RpcId; readonly error: RpcErrorBody };

export interface JsonRpc {
  /** Answers one body: a request, a batch, or nothing for notifications. Never throws. */
  answer(body: string): Promise<RpcResponse | RpcResponse[] | null>;
}

const failure = (id: RpcId, code: number, message: string, problem?: string): RpcResponse => ({
  jsonrpc: '2.0',
  id,
  error: { code, message, ...(problem === undefined ? {} : { data: { code: problem } }) },
});

/** Names a folder or file of this machine: for its operator's log, not for a stranger. */
function isOperators({ problem }: CairnError): boolean {
  return 'folder' in problem || 'path' in problem || OPERATORS_CODES.has(problem.code);
}

/** Failures of this node that no caller can do anything about. */
const OPERATORS_CODES: ReadonlySet<string> = new Set([
  'STORE_CLOSED',
  'CALL_OUT_OF_ORDER',
  'BLOCK_REFUSED',
  'ENGINE_STOPPED',
  'VERIFIER_FAILED',
]);

/** The one place where errors become RPC errors. A stranger learns what it did wrong, nothing of this machine. */
export function errorToResponse(
  id: RpcId,
  method: string,
  error: unknown,
  log: Pick<Logger, 'error'>,
): RpcResponse {
  if (error instanceof CairnError && !isOperators(error)) {
    const isAboutParams = error.code === 'RPC_PARAMS_INVALID' || error.name === 'CoreError';
    return failure(id, isAboutParams ? -32602 : -32000, error.message, error.code);
  }
  log.error('rpc method failed', { method, error: String(error) });
  return failure(id, -32603, 'The node failed to answer. Its log says why.');
}

/** JSON-RPC 2.0 over a table of methods. */
export function createJsonRpc(parts: { methods: ReadonlyMap<string, RpcMethod>; log: Logger }): JsonRpc {
  async function answerOne(request: unknown): Promise<RpcResponse | null> {
    if (typeof request !== 'object' || request === null || Array.isArray(request)) {
      return failure(null, -32600, 'A request is an object with jsonrpc, id, method and params.');
    }
    const { jsonrpc, id, method, params } = request as Record<string, unknown>;
    const isNotification = id === undefined;
    const replyId: RpcId = typeof id === 'string' || typeof id === 'number' ? id : null;
    if (
      jsonrpc !== '2.0' ||
      typeof method !== 'string' ||
      (!isNotification && id !== null && replyId === null)
    ) {
      return failure(
        replyId,
        -32600,
        'A request has jsonrpc "2.0", a text method, and an id of text or number.',
      );
    }
    const found = parts.methods.get(method);
    const response =
      found === undefined ? unknownMethod(replyId, method) : await runMethod(found, replyId, params);
    return isNotification ? null : response;
  }

  function unknownMethod(id: RpcId, method: string): RpcResponse {
    return failure(
      id,
      -32601,
      `There is no method ${JSON.stringify(method.slice(0, 60))}. See /openrpc.json.`,
    );
  }

  async function runMethod(method: RpcMethod, id: RpcId, params: unknown): Promise<RpcResponse> {
    if (params !== undefined && (typeof params !== 'object' || params === null || Array.isArray(params))) {
      return failure(id, -32602, `${method.name} takes its parameters by name, as an object.`);
    }
    try {
      return { jsonrpc: '2.0', id, result: (await method.run(params ?? {})) ?? null };
    } catch (error) {
      return errorToResponse(id, method.name, error, parts.log);
    }
  }

  return {
    async answer(body) {
      let parsed: unknown;
      try {
        parsed = JSON.parse(body);
      } catch {
        return failure(null, -32700, 'The body is not JSON.');
      }
      if (!Array.isArray(parsed)) return answerOne(parsed);
      if (parsed.length === 0 || parsed.length > MAX_BATCH) {
        return failure(null, -32600, `A batch has 1 to ${MAX_BATCH} requests.`);
      }
      const responses = [];
      for (const request of parsed) responses.push(await answerOne(request));
      const kept = responses.filter((response) => response !== null);
      return kept.length === 0 ? null : kept;
    },
  };
}
