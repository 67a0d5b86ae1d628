import { bytesToUtf8 } from '../bytes.ts';
import { CoreError } from '../errors.ts';

const LABEL = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
const DOMAIN = new RegExp(`^${LABEL}(?:\\.${LABEL})*$`);
const ORIGIN = /^(https?):\/\/([a-z0-9.-]{1,253})(?::([1-9][0-9]{0,4}))?$/;

/**
 * Whether `origin` may use the passkeys of `rpId`: `https` on the same host or below it, on any port;
 * plain `http` only for `localhost` itself.
 */
export function isOriginAllowed(origin: string, rpId: string): boolean {
  const [, protocol, host, port] = ORIGIN.exec(origin) ?? [];
  if (host === undefined || !DOMAIN.test(host) || !DOMAIN.test(rpId)) return false;
  if (port !== undefined && Number(port) > 65_535) return false;
  if (protocol === 'http') return host === 'localhost' && rpId === 'localhost';
  return host === rpId || host.endsWith(`.${rpId}`);
}

/**
 * Whether client data is that of an assertion for `challenge` (base64url) by a page of `rpId` that was
 * not embedded in a foreign one. Members that WebAuthn may add later are allowed, repeated ones are not.
 */
export function isClientDataAllowed(json: Uint8Array, challenge: string, rpId: string): boolean {
  const data = parseObject(json);
  if (data === null) return false;
  return (
    data.type === 'webauthn.get' &&
    data.challenge === challenge &&
    typeof data.origin === 'string' &&
    isOriginAllowed(data.origin, rpId) &&
    (data.crossOrigin === undefined || data.crossOrigin === false) &&
    data.topOrigin === undefined
  );
}

interface ClientData {
  type?: unknown;
  challenge?: unknown;
  origin?: unknown;
  crossOrigin?: unknown;
  topOrigin?: unknown;
}

function parseObject(bytes: Uint8Array): ClientData | null {
  let json: string;
  let value: unknown;
  try {
    json = bytesToUtf8(bytes);
    value = JSON.parse(json);
  } catch (error) {
    if (error instanceof CoreError || error instanceof SyntaxError) return null;
    throw error;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  // A parser keeps one of two members of the same name, so a repeated name shows in the count.
  if (countMembers(json) !== Object.keys(value).length) return null;
  // Without a prototype a missing member is undefined, whatever a page did to Object.prototype.
  return Object.assign(Object.create(null), value);
}

/** Members of the outermost object of valid JSON: the colons one level deep and outside of strings. */
function countMembers(json: string): number {
  let members = 0;
  let depth = 0;
  let inString = false;
  for (let i = 0; i < json.length; i++) {
    const character = json[i];
    if (inString) {
      if (character === '\\') i++;
      else if (character === '"') inString = false;
    } else if (character === '"') inString = true;
    else if (character === '{' || character === '[') depth++;
    else if (character === '}' || character === ']') depth--;
    else if (character === ':' && depth === 1) members++;
  }
  return members;
}
