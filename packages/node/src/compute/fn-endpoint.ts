import type { IncomingMessage, ServerResponse } from 'node:http';
import { CairnError, formatAmount } from '@cairn/core';
import { errorToApi, GatewayError } from '@cairn/gateway';
import { MAX_CALL_BYTES, privacyLevelOf } from '@cairn/protocol';
import type { CallOutcome } from '@cairn/sdk';
import type { ControlGuard } from '../http/control.ts';
import { type HttpHandler, sendJson } from '../http/server.ts';
import type { Tenant } from './tenant.ts';

export interface FnEndpointParts {
  readonly tenant: () => Promise<Tenant>;
  /** Who calls; null for a caller that may not spend, which it has answered. */
  readonly admit: ControlGuard['admit'];
}

/** Units of work paid for when the caller does not say. */
const DEFAULT_MAX_WORK = 10_000;

/** `POST /fn/NAME`: the body is the input, the answer's body the output. Says in headers what it cost. */
export function createFnEndpoint({ tenant, admit }: FnEndpointParts): HttpHandler {
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
    try {
      const outcome = await (await tenant()).call(name, input, maxWork, caller.id);
      answer(outcome, response);
    } catch (error) {
      if (!(error instanceof CairnError)) throw error;
      if (error instanceof GatewayError) {
        const { status, headers, body } = errorToApi(error);
        for (const [header, value] of Object.entries(headers)) response.setHeader(header, value);
        sendJson(response, status, body);
        return true;
      }
      const status = STATUS[error.code] ?? 502;
      sendError(response, status, error.code.toLowerCase(), error.message);
    }
    return true;
  };
}

const STATUS: Readonly<Record<string, number>> = {
  DEPLOYMENT_UNKNOWN: 404,
  NOT_LEASED: 503,
  CALL_TOO_DEAR: 402,
};

function answer(
  { answer: given, receipt, receiptId: id, sealed }: CallOutcome,
  response: ServerResponse,
): void {
  response.setHeader('x-cairn-work', given.work);
  response.setHeader('x-cairn-cost', formatAmount(receipt.receipt.price));
  response.setHeader('x-cairn-receipt', id);
  response.setHeader('x-cairn-privacy', privacyLevelOf(sealed));
  response.setHeader('x-cairn-queued-ms', given.queuedMs);
  response.setHeader('x-cairn-cold-start-ms', given.coldStartMs);
  if (given.fault !== null) {
    sendError(response, 500, given.fault.toLowerCase(), given.message);
    return;
  }
  const isText = isUtf8(given.output);
  response.writeHead(200, {
    'content-type': isText ? 'text/plain; charset=utf-8' : 'application/octet-stream',
    'content-length': given.output.length,
    // A function is a stranger's: what it says is not a page of this origin.
    'content-security-policy': 'sandbox',
    'x-content-type-options': 'nosniff',
  });
  response.end(given.output);
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
  sendJson(response, status, { error: { message, type: 'invalid_request_error', param: null, code } });
}
