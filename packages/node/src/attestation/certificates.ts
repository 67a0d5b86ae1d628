import { X509Certificate } from 'node:crypto';
import { QuoteBroken } from './byte-reader.ts';

/** Most certificates of one chain, and most bytes of all. */
const MAX_CERTIFICATES = 4;
const MAX_CHAIN_BYTES = 32_768;

const PEM = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\r\n]+-----END CERTIFICATE-----/g;

/**
 * A chain of certificates from PEM text, the leaf first.
 *
 * @throws QuoteBroken
 */
export function readChain(bytes: Uint8Array): X509Certificate[] {
  if (bytes.length > MAX_CHAIN_BYTES)
    throw new QuoteBroken(`its certificates have more than ${MAX_CHAIN_BYTES} bytes`);
  const found = Buffer.from(bytes).toString('latin1').match(PEM) ?? [];
  if (found.length < 2 || found.length > MAX_CERTIFICATES)
    throw new QuoteBroken(`it has ${found.length} certificates, where a chain has 2 to ${MAX_CERTIFICATES}`);
  try {
    return found.map((pem) => new X509Certificate(pem));
  } catch {
    throw new QuoteBroken('a certificate is malformed');
  }
}

/**
 * Checks that each certificate is signed by the next, that all of them are valid now, that those above the leaf may
 * sign others, and that the last is one of the pinned roots.
 *
 * @param roots SHA-256 of root certificates, in hex. @returns the leaf @throws QuoteBroken
 */
export function checkChain(
  chain: readonly X509Certificate[],
  roots: readonly string[],
  nowMs: number,
): X509Certificate {
  for (const [at, certificate] of chain.entries()) {
    const issuer = chain[at + 1] ?? certificate;
    if (!certificate.checkIssued(issuer) || !certificate.verify(issuer.publicKey))
      throw new QuoteBroken('a certificate is not signed by the next');
    if (nowMs < certificate.validFromDate.getTime() || nowMs > certificate.validToDate.getTime())
      throw new QuoteBroken('a certificate is not valid now');
    if (at > 0 && !certificate.ca) throw new QuoteBroken('a certificate signs others and may not');
  }
  const root = chain.at(-1)!.fingerprint256.replaceAll(':', '').toLowerCase();
  if (!roots.includes(root)) throw new QuoteBroken('its root is none that is pinned here');
  return chain[0]!;
}
