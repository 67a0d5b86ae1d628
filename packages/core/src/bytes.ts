import { CoreError } from './errors.ts';

/** The text codec every runtime has; the ground floor declares only what it uses instead of the DOM library. */
declare const TextEncoder: new () => { encode(text: string): Uint8Array<ArrayBuffer> };
declare const TextDecoder: new (
  label: string,
  options: { fatal: boolean; ignoreBOM: boolean },
) => { decode(bytes: Uint8Array): string };

const ENCODER = new TextEncoder();

const HEX: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

const DIGIT_CODES = Uint8Array.from('0123456789abcdef', (digit) => digit.charCodeAt(0));
/** Up to this length the text is made in one piece, which is quicker to look up in a map than one grown by parts. */
const SHORT_BYTES = 64;

/** Lower-case hexadecimal of `bytes`, without prefix. */
export function bytesToHex(bytes: Uint8Array): string {
  if (bytes.length <= SHORT_BYTES) {
    const codes = new Array<number>(2 * bytes.length);
    for (let i = 0; i < bytes.length; i++) {
      codes[2 * i] = DIGIT_CODES[bytes[i]! >> 4]!;
      codes[2 * i + 1] = DIGIT_CODES[bytes[i]! & 15]!;
    }
    return String.fromCharCode(...codes);
  }
  let text = '';
  for (let i = 0; i < bytes.length; i++) text += HEX[bytes[i] as number];
  return text;
}

/** @throws CoreError `BYTES_MALFORMED` unless `text` is an even number of lower-case hexadecimal digits. */
export function hexToBytes(text: string): Uint8Array<ArrayBuffer> {
  if (text.length % 2 !== 0 || !/^[0-9a-f]*$/.test(text)) {
    throw new CoreError(
      { code: 'BYTES_MALFORMED', expected: 'hex' },
      'Expected lower-case hexadecimal digits, two per byte.',
    );
  }
  const bytes = new Uint8Array(text.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(text.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}

export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

/** Byte order: negative when `a` sorts before `b`. A prefix sorts first. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const difference = (a[i] as number) - (b[i] as number);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

export function areBytesEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && compareBytes(a, b) === 0;
}

/** UTF-8 of `text`. Lone surrogates become U+FFFD, so check texts of strangers with `isWellFormed` first. */
export function utf8ToBytes(text: string): Uint8Array<ArrayBuffer> {
  return ENCODER.encode(text);
}

/** @throws CoreError `BYTES_MALFORMED` when `bytes` is not UTF-8. */
export function bytesToUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new CoreError({ code: 'BYTES_MALFORMED', expected: 'utf8' }, 'Expected UTF-8 text.', { cause });
  }
}

/** Big-endian bytes of an unsigned integer below 2^64. */
export function u64ToBytes(value: bigint): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, value);
  return bytes;
}
