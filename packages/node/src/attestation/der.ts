import { QuoteBroken } from './byte-reader.ts';

interface Element {
  readonly tag: number;
  readonly content: Uint8Array;
}

/** The elements of DER bytes, side by side. @throws QuoteBroken */
function* elementsOf(bytes: Uint8Array): Generator<Element> {
  let at = 0;
  while (at < bytes.length) {
    const tag = bytes[at]!;
    let length = bytes[at + 1];
    at += 2;
    if (length === undefined || length === 0x80 || length > 0x83)
      throw new QuoteBroken('a certificate is malformed');
    if (length > 0x80) {
      const size = length - 0x80;
      length = 0;
      for (let byte = 0; byte < size; byte += 1) length = length * 256 + (bytes[at + byte] ?? 0);
      at += size;
    }
    if (length > bytes.length - at) throw new QuoteBroken('a certificate is malformed');
    yield { tag, content: bytes.subarray(at, at + length) };
    at += length;
  }
}

const SEQUENCE = 0x30;
const OBJECT_IDENTIFIER = 0x06;
const OCTET_STRING = 0x04;
const EXTENSIONS = 0xa3;

/**
 * Extensions of a certificate by the hex of their object identifier.
 *
 * @param raw DER of the certificate. @throws QuoteBroken
 */
export function extensionsOf(raw: Uint8Array): ReadonlyMap<string, Uint8Array> {
  const inside = (bytes: Uint8Array, tag: number): Uint8Array => {
    for (const element of elementsOf(bytes)) if (element.tag === tag) return element.content;
    throw new QuoteBroken('a certificate has no extensions');
  };
  const body = inside(inside(raw, SEQUENCE), SEQUENCE);
  const found = new Map<string, Uint8Array>();
  for (const { tag, content } of elementsOf(inside(inside(body, EXTENSIONS), SEQUENCE))) {
    if (tag !== SEQUENCE) continue;
    const parts = [...elementsOf(content)];
    const name = parts.find((part) => part.tag === OBJECT_IDENTIFIER);
    const value = parts.find((part) => part.tag === OCTET_STRING);
    if (name !== undefined && value !== undefined)
      found.set(Buffer.from(name.content).toString('hex'), value.content);
  }
  return found;
}

/** A small whole number in DER. @throws QuoteBroken */
export function smallNumber(bytes: Uint8Array | undefined): number {
  const [element] = bytes === undefined ? [] : elementsOf(bytes);
  if (element?.tag !== 0x02 || element.content.length === 0 || element.content.length > 3)
    throw new QuoteBroken('a certificate names no version');
  return element.content.reduce((sum, byte) => sum * 256 + byte, 0);
}
