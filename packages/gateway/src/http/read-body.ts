import type { IncomingMessage } from 'node:http';
import { GatewayError } from '../errors.ts';

/** A body is there once; what it costs is asked before what it says. */
const read = new WeakMap<IncomingMessage, Promise<Buffer>>();

/** The whole body, also when it was read before. @throws GatewayError `request_too_large`, `invalid_json` when the client stopped sending */
export function readBody(request: IncomingMessage, limitBytes: number): Promise<Buffer> {
  const before = read.get(request);
  if (before !== undefined) return before;
  const body = readOnce(request, limitBytes);
  read.set(request, body);
  return body;
}

function readOnce(request: IncomingMessage, limitBytes: number): Promise<Buffer> {
  const tooLarge = () =>
    new GatewayError(
      { code: 'request_too_large', limitBytes },
      `The body is larger than ${limitBytes} bytes. Shorten the messages.`,
    );
  return new Promise((resolve, reject) => {
    if (Number(request.headers['content-length'] ?? 0) > limitBytes) {
      reject(tooLarge());
      return;
    }
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > limitBytes) reject(tooLarge());
      else chunks.push(chunk);
    });
    request.on('end', () => resolve(Buffer.concat(chunks)));
    request.on('error', reject);
    request.on('close', () => {
      if (!request.complete) reject(new GatewayError({ code: 'invalid_json' }, 'The body was cut off.'));
    });
  });
}

/** @throws GatewayError `invalid_json` */
export function parseJsonObject(body: Buffer): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new GatewayError({ code: 'invalid_json' }, `The body is not JSON: ${reason.slice(0, 120)}.`, {
      cause,
    });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new GatewayError({ code: 'invalid_json' }, 'The body must be a JSON object.');
  }
  return value as Readonly<Record<string, unknown>>;
}

/** Model names hold a slash, which clients send plain or escaped. */
export function decodePath(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
