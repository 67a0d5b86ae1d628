import { lowerP256Signature } from '../crypto/p256-rule.ts';
import { CoreError } from '../errors.ts';

function malformed(reason: string): CoreError {
  return new CoreError(
    { code: 'BYTES_MALFORMED', expected: 'der signature' },
    `Expected an ECDSA signature in DER: ${reason}.`,
  );
}

/** Writes the positive integer at `offset` of `der` right-aligned into `target` and returns where it ends. */
function readInteger(der: Uint8Array, offset: number, target: Uint8Array): number {
  const length = der[offset + 1];
  if (der[offset] !== 0x02 || length === undefined || length === 0) throw malformed('an integer is missing');
  const start = offset + 2;
  const end = start + length;
  if (length > 33 || end > der.length) throw malformed('an integer is too long');
  const first = der[start] as number;
  if (first >= 0x80) throw malformed('an integer is negative');
  const isPadded = first === 0 && length > 1;
  if (isPadded && (der[start + 1] as number) < 0x80) throw malformed('an integer has needless zeros');
  const digits = der.subarray(isPadded ? start + 1 : start, end);
  if (digits.length > target.length) throw malformed('an integer is too long');
  target.set(digits, target.length - digits.length);
  return end;
}

/**
 * r ‖ s with low s of the DER signature that browsers and authenticators give for P-256.
 *
 * @throws CoreError `BYTES_MALFORMED`
 */
export function derToP256Signature(der: Uint8Array): Uint8Array {
  if (der[0] !== 0x30 || der[1] !== der.length - 2 || der.length > 72) throw malformed('not one sequence');
  const raw = new Uint8Array(64);
  const middle = readInteger(der, 2, raw.subarray(0, 32));
  if (readInteger(der, middle, raw.subarray(32)) !== der.length) throw malformed('bytes follow s');
  return lowerP256Signature(raw);
}
