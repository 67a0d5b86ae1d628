import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Caller, type Control, errorToApi } from '@cairn/gateway';
import { sendJson } from './server.ts';

/** Keeps web pages and strangers off the node's own endpoints, by the rules of the gateway. */
export interface ControlGuard {
  /** Who asks; null for a request that it answered, as `refuses` does. */
  admit(request: IncomingMessage, response: ServerResponse): Caller | null;
  /** Answers a request that may not be served, and a CORS preflight; true when it has answered. */
  refuses(request: IncomingMessage, response: ServerResponse): boolean;
  /** Whether a WebSocket may not be opened. */
  isRefused(request: IncomingMessage): boolean;
}

export function createControlGuard(control: Control): ControlGuard {
  function admit(request: IncomingMessage, response: ServerResponse): Caller | null {
    try {
      if (request.method === 'OPTIONS') {
        answerPreflight(control, request, response);
        return null;
      }
      const caller = control.admit(request);
      if (caller.foreignOrigin !== null) {
        response.setHeader('access-control-allow-origin', caller.foreignOrigin);
        response.setHeader('vary', 'origin');
      }
      return caller;
    } catch (error) {
      refuse(response, error);
      return null;
    }
  }

  return {
    admit,
    refuses: (request, response) => admit(request, response) === null,
    isRefused(request) {
      try {
        control.admit(request);
        return false;
      } catch {
        return true;
      }
    },
  };
}

function refuse(response: ServerResponse, error: unknown): void {
  const { status, headers, body } = errorToApi(error);
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  // The body was not read: the connection cannot be used for another request.
  response.setHeader('connection', 'close');
  sendJson(response, status, body);
}

function answerPreflight(control: Control, request: IncomingMessage, response: ServerResponse): void {
  response.writeHead(204, {
    'access-control-allow-origin': control.preflightOrigin(request),
    'access-control-allow-methods': 'GET, POST',
    'access-control-allow-headers': 'authorization, content-type',
    'access-control-max-age': '600',
    vary: 'origin',
  });
  response.end();
}
