import { hash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { GatewayError } from '../errors.ts';

export interface ControlOptions {
  /** Keys that foreign origins and callers from other machines must show as `Authorization: Bearer`. */
  readonly keys?: readonly string[];
  /** Keys that are made and removed while the gateway runs, by the SHA-256 of their secret in hex. */
  readonly book?: { readonly size: number; isKnown(digest: string): boolean };
}

/** What a request may do. */
export interface Caller {
  /** SHA-256 of the key in hex, or `local`. */
  readonly id: string;
  /** Origin to name in CORS headers; null for callers that are not web pages elsewhere. */
  readonly foreignOrigin: string | null;
}

export interface Control {
  /**
   * Programs on this machine may spend without a key. Web pages elsewhere, names that resolve here, and other
   * machines need one.
   *
   * @param takesForms whether a form with files is read too. A page elsewhere can post one, and is known by its origin.
   * @throws GatewayError `host_not_allowed`, `origin_not_allowed`, `invalid_api_key`, `unsupported_media_type`
   */
  admit(request: IncomingMessage, takesForms?: boolean): Caller;
  /** Whether somebody who was admitted under this id would be now. */
  isKnown(id: string): boolean;
  /** The origin a CORS preflight may be answered for; a preflight carries no key. */
  preflightOrigin(request: IncomingMessage): string;
}

/** Who may use a port that spends a person's money. */
export function createControl({ keys = [], book }: ControlOptions = {}): Control {
  const digests = keys.map(digest);

  function keyOf(request: IncomingMessage): string | null {
    // Anthropic's clients have a header of their own.
    const own = request.headers['x-api-key'];
    const bearer = /^Bearer +(\S+)\s*$/i.exec(request.headers.authorization ?? '')?.[1];
    const key = bearer ?? (typeof own === 'string' ? own : undefined);
    if (key === undefined) return null;
    const shown = digest(key);
    let found = false;
    for (const known of digests) if (timingSafeEqual(known, shown)) found = true;
    const name = shown.toString('hex');
    return found || book?.isKnown(name) === true ? name : null;
  }

  return {
    admit(request, takesForms = false) {
      checkContentType(request, takesForms);
      const key = keyOf(request);
      const origin = request.headers.origin ?? null;
      const isForeign = !isOwnOrigin(request);
      if (key !== null) return { id: key, foreignOrigin: isForeign ? origin : null };
      if (!isLoopback(request.socket.remoteAddress)) {
        throw new GatewayError(
          { code: 'invalid_api_key' },
          'Callers from other machines need a key of this gateway as Authorization: Bearer. Its operator creates one.',
        );
      }
      if (!isLoopbackHost(request.headers.host)) {
        throw new GatewayError(
          { code: 'host_not_allowed' },
          `The name ${(request.headers.host ?? '').slice(0, 80)} is not this machine's. Use localhost or 127.0.0.1, or show a key.`,
        );
      }
      if (isForeign) {
        throw new GatewayError(
          { code: 'origin_not_allowed' },
          `Pages of ${(origin ?? 'another site').slice(0, 80)} may not use this gateway without a key.`,
        );
      }
      return { id: 'local', foreignOrigin: null };
    },
    isKnown: (id) =>
      id === 'local' || digests.some((known) => known.toString('hex') === id) || book?.isKnown(id) === true,
    preflightOrigin(request) {
      const { origin } = request.headers;
      if (
        origin === undefined ||
        (digests.length === 0 && (book?.size ?? 0) === 0 && !isOwnOrigin(request))
      ) {
        throw new GatewayError(
          { code: 'origin_not_allowed' },
          'Pages of other sites may not use this gateway without a key.',
        );
      }
      return origin;
    },
  };
}

/** A plain form or a `fetch` without preflight cannot send this type, so no page posts by accident. */
function checkContentType(request: IncomingMessage, takesForms: boolean): void {
  // A page elsewhere cannot send DELETE or PUT without asking first, and is told no.
  if (['GET', 'HEAD', 'DELETE', 'PUT'].includes(request.method ?? '')) return;
  const type = (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase();
  // Some clients name no type where there is no body; pages that send none still say where they are from.
  const isEmpty = type === '' && Number(request.headers['content-length'] ?? 0) === 0;
  const isForm = takesForms && type === 'multipart/form-data';
  if (
    type !== 'application/json' &&
    !isForm &&
    !(isEmpty && request.headers['transfer-encoding'] === undefined)
  ) {
    throw new GatewayError(
      { code: 'unsupported_media_type' },
      'Send the body as content-type: application/json.',
    );
  }
  const encoding = request.headers['content-encoding'] ?? 'identity';
  if (encoding !== 'identity') {
    throw new GatewayError(
      { code: 'unsupported_media_type' },
      `Content-encoding ${encoding.slice(0, 40)} is not supported. Send plain JSON.`,
    );
  }
}

function isOwnOrigin({ headers }: IncomingMessage): boolean {
  if (headers['sec-fetch-site'] === 'cross-site') return false;
  return headers.origin === undefined || headers.origin === `http://${headers.host}`;
}

function isLoopback(address: string | undefined): boolean {
  return address !== undefined && (/^(::ffff:)?127\./.test(address) || address === '::1');
}

function isLoopbackHost(host: string | undefined): boolean {
  return host !== undefined && /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d{1,5})?$/i.test(host);
}

function digest(key: string): Buffer {
  return hash('sha256', key, 'buffer');
}
