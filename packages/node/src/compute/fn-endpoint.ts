import type { IncomingMessage, ServerResponse } from 'node:http';
import { CairnError, formatAmount } from '@cairn/core';
import { errorToApi, type Gateway, GatewayError } from '@cairn/gateway';
import { MAX_CALL_BYTES, privacyLevelOf } from '@cairn/protocol';
import { type CallOutcome, SdkError } from '@cairn/sdk';
import type { ControlGuard } from '../http/control.ts';
import { type HttpHandler, sendJson } from '../http/server.ts';
import type { CallFor } from './metered-call.ts';
import type { Tenant } from './tenant.ts';

export interface FnEndpointParts {
  readonly tenant: () => Promise<Tenant>;
  /** Who calls; null for a caller that may not spend, which it has answered. */
  readonly admit: ControlGuard['admit'];
  /** Remembers what was paid under an Idempotency-Key. @default nobody does */
  readonly claim?: Gateway['claim'];
}

/** Units of work paid for when the caller does not say. */
const DEFAULT_MAX_WORK = 10_000;

/** `POST /fn/NAME`: the body is the input, the answer's body the output. Says in headers what it cost. */
export function createFnEndpoint({ tenant, admit, claim }: FnEndpointParts): HttpHandler {
  /** Calls it, or tells again what a call of this name came to: that is kept with its bytes as characters. */
  async function callOnce(
    key: string | string[] | undefined,
    { caller, name, input, maxWork, signal }: FnCall,
  ): Promise<FnReply> {
    const call = async (whom: CallFor) =>
      toReply(await (await tenant()).call(name, input, maxWork, { caller, ...whom }));
    if (claim === undefined || typeof key !== 'string') return call({ signal });
    const slot = await claim(key.slice(0, 256), caller, `/fn/${name}?${maxWork}`, input);
    if (slot.replay !== null) {
      const { status, headers, body } = slot.replay;
      return {
        status,
        headers: { ...headers, 'x-cairn-replayed': 'true' },
        body: Buffer.from(body, 'latin1'),
      };
    }
    try {
      // It is finished for its name also when its client leaves.
      const reply = await call({ onSpent: slot.spend });
      slot.keep({ ...reply, body: reply.body.toString('latin1') });
      return reply;
    } finally {
      slot.forget();
    }
  }

  return async (request, response) => {
    const path = (request.url ?? '').split('?')[0]!;
    if (!path.startsWith('/fn/')) return false;
    const caller = admit(request, response);
    if (caller === null) return true;
    if (request.method !== 'POST') {
      response.setHeader('allow', 'POST');
      sendError(response, 405, 'method_not_allowed', 'Call a function with POST; the body is its input.');
      return true;
    }
    const name = path.slice('/fn/'.length);
    const maxWork = readMaxWork(request.headers['x-cairn-max-work']);
    if (!/^[a-z0-9-]{1,64}$/.test(name) || maxWork === null) {
      const what =
        maxWork === null
          ? 'x-cairn-max-work is a whole number from 1 to 86400000.'
          : 'That is no name of a function.';
      sendError(response, 400, 'invalid_request', what);
      return true;
    }
    const input = await readBytes(request, MAX_CALL_BYTES);
    if (input === null) {
      response.setHeader('connection', 'close');
      sendError(response, 413, 'request_too_large', `An input has at most ${MAX_CALL_BYTES} bytes.`);
      return true;
    }
    const controller = new AbortController();
    const { signal } = controller;
    const leave = () => controller.abort();
    response.once('close', leave);
    try {
      const asked = { caller: caller.id, name, input, maxWork, signal };
      const { status, headers, body } = await callOnce(request.headers['idempotency-key'], asked);
      response.writeHead(status, { ...headers, 'content-length': body.length });
      response.end(body);
    } catch (error) {
      if (!(error instanceof CairnError)) throw error;
      if (error instanceof GatewayError) {
        const { status, headers, body } = errorToApi(error);
        for (const [header, value] of Object.entries(headers)) response.setHeader(header, value);
        sendJson(response, status, body);
        return true;
      }
      // As many wait as may: the provider says how many, and not for how long.
      const isBusy =
        error instanceof SdkError &&
        error.problem.code === 'PROVIDER_REFUSED' &&
        error.problem.refusal === 'BUSY';
      if (isBusy) response.setHeader('retry-after', '1');
      const status = isBusy ? 429 : (STATUS[error.code] ?? 502);
      sendError(response, status, error.code.toLowerCase(), error.message);
    } finally {
      response.off('close', leave);
    }
    return true;
  };
}

const STATUS: Readonly<Record<string, number>> = {
  DEPLOYMENT_UNKNOWN: 404,
  NOT_LEASED: 503,
  CALL_TOO_DEAR: 402,
};

interface FnCall {
  readonly caller: string;
  readonly name: string;
  readonly input: Uint8Array;
  readonly maxWork: number;
  /** Its client has left. */
  readonly signal: AbortSignal;
}

interface FnReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

function toReply({ answer: given, receipt, receiptId: id, sealed }: CallOutcome): FnReply {
  const headers = {
    'x-cairn-work': String(given.work),
    'x-cairn-cost': formatAmount(receipt.receipt.price),
    'x-cairn-receipt': id,
    'x-cairn-privacy': privacyLevelOf(sealed),
    'x-cairn-queued-ms': String(given.queuedMs),
    'x-cairn-cold-start-ms': String(given.coldStartMs),
  };
  if (given.fault !== null) {
    const body = Buffer.from(JSON.stringify(errorBody(given.fault.toLowerCase(), given.message)));
    return { status: 500, headers: { ...headers, 'content-type': 'application/json' }, body };
  }
  const isText = isUtf8(given.output);
  return {
    status: 200,
    headers: {
      ...headers,
      'content-type': isText ? 'text/plain; charset=utf-8' : 'application/octet-stream',
      // A function is a stranger's: what it says is not a page of this origin.
      'content-security-policy': 'sandbox',
      'x-content-type-options': 'nosniff',
    },
    body: Buffer.from(given.output),
  };
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

function readMaxWork(header: string | string[] | undefined): number | null {
  if (header === undefined) return DEFAULT_MAX_WORK;
  const value = Number(header);
  return Number.isInteger(value) && value >= 1 && value <= 86_400_000 ? value : null;
}

function readBytes(request: IncomingMessage, limitBytes: number): Promise<Uint8Array | null> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    let size = 0;
    if (Number(request.headers['content-length'] ?? 0) > limitBytes) {
      resolve(null);
      return;
    }
    request.on('data', (part: Buffer) => {
      size += part.length;
      if (size <= limitBytes) parts.push(part);
      else {
        parts.length = 0;
        resolve(null);
      }
    });
    request.on('end', () => resolve(Uint8Array.from(Buffer.concat(parts))));
    request.on('error', reject);
    request.on('close', () => reject(new Error('the caller stopped sending')));
  });
}

function sendError(response: ServerResponse, status: number, code: string, message: string): void {
  sendJson(response, status, errorBody(code, message));
}

function errorBody(code: string, message: string): object {
  return { error: { message, type: 'invalid_request_error', param: null, code } };
}
