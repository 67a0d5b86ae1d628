import { verify, type X509Certificate } from 'node:crypto';
import { areBytesEqual, bytesToHex } from '@cairn/core';
import { createByteReader, QuoteBroken } from './byte-reader.ts';
import { checkChain, readChain } from './certificates.ts';
import { extensionsOf, smallNumber } from './der.ts';

/** Bytes of a report; its certificates follow as PEM text, that of the chip first. */
export const SEV_REPORT_BYTES = 1_184;

const SIGNED_BYTES = 0x2a0;
const ECDSA_P384_SHA384 = 1;
const NUMBER_BYTES = 72;
const P384_BYTES = 48;
/** Of the guest's policy: whether the host may debug it. */
const DEBUG = 1n << 19n;
/** AMD's extensions of a chip's certificate, 1.3.6.1.4.1.3704.1: versions of firmware, and the chip's id. */
const AMD = '2b060104019c7801';
const VERSIONS = { bootloader: '0301', tee: '0302', snp: '0303', microcode: '0308' } as const;
const CHIP = '04';

/** A guest of AMD SEV-SNP, as its hardware reports it. */
export interface SevReport {
  readonly kind: 'sev-snp';
  /** Of the report: 2 to 5. */
  readonly version: number;
  /** Hash of what the guest was started with, in hex. */
  readonly measurement: string;
  /** Whether its host may look into it: then it hides nothing. */
  readonly isDebuggable: boolean;
  /** Security versions of the firmware. */
  readonly tcb: Readonly<Record<keyof typeof VERSIONS, number>>;
  /** 64 bytes that the guest chose. */
  readonly reportData: Uint8Array;
}

/**
 * Parses an attestation report of SEV-SNP and checks it up to a pinned root: certificates, that the chip's one is of
 * this chip and this firmware, and its signature.
 *
 * @see AMD SEV Secure Nested Paging Firmware ABI, 56860, table 23; VCEK certificate, 57230
 * @throws QuoteBroken
 */
export function checkSevReport(bytes: Uint8Array, roots: readonly string[], nowMs: number): SevReport {
  const report = createByteReader(bytes).take(SEV_REPORT_BYTES);
  const view = new DataView(report.buffer, report.byteOffset, report.length);
  const version = view.getUint32(0, true);
  if (version < 2 || version > 5)
    throw new QuoteBroken(`its version is ${version}, and 2 to 5 are read here`);
  if (view.getUint32(0x34, true) !== ECDSA_P384_SHA384)
    throw new QuoteBroken('it is signed in a way not known here');
  // Two bits of flags say which key signed: 0 is the chip's own.
  if (((view.getUint32(0x48, true) >> 2) & 7) !== 0)
    throw new QuoteBroken("it is not signed by the chip's own key");
  const leaf = checkChain(readChain(bytes.subarray(SEV_REPORT_BYTES)), roots, nowMs);
  const key = { key: leaf.publicKey, dsaEncoding: 'ieee-p1363' } as const;
  if (leaf.publicKey.asymmetricKeyDetails?.namedCurve !== 'secp384r1')
    throw new QuoteBroken('its key is not of P-384');
  if (!verify('sha384', report.subarray(0, SIGNED_BYTES), key, signatureOf(report)))
    throw new QuoteBroken('it is not signed by its chip');
  const tcb = tcbOf(report.subarray(0x180, 0x188), leaf);
  checkChip(report.subarray(0x1a0, 0x1e0), tcb, leaf);
  return {
    ...{ kind: 'sev-snp', version, tcb },
    isDebuggable: (view.getBigUint64(8, true) & DEBUG) !== 0n,
    measurement: bytesToHex(report.subarray(0x90, 0xc0)),
    reportData: report.slice(0x50, 0x90),
  };
}

/** Two little-endian numbers of 72 bytes, as two big-endian ones of 48. */
function signatureOf(report: Uint8Array): Uint8Array {
  const signature = new Uint8Array(2 * P384_BYTES);
  for (const at of [0, 1]) {
    const from = SIGNED_BYTES + at * NUMBER_BYTES;
    const number = report.slice(from, from + NUMBER_BYTES).reverse();
    if (number.subarray(0, NUMBER_BYTES - P384_BYTES).some((byte) => byte !== 0))
      throw new QuoteBroken('its signature is malformed');
    signature.set(number.subarray(NUMBER_BYTES - P384_BYTES), at * P384_BYTES);
  }
  if (report.subarray(SIGNED_BYTES + 2 * NUMBER_BYTES).some((byte) => byte !== 0))
    throw new QuoteBroken('bytes follow its signature');
  return signature;
}

/** Turin has one more version in front. */
function tcbOf(bytes: Uint8Array, leaf: X509Certificate): SevReport['tcb'] {
  const isTurin = /CN=SEV-Turin/.test(leaf.issuer);
  const [bootloader, tee, snp] = isTurin
    ? [bytes[1]!, bytes[2]!, bytes[3]!]
    : [bytes[0]!, bytes[1]!, bytes[6]!];
  return { bootloader, tee, snp, microcode: bytes[7]! };
}

/** The chip's certificate is made for one chip and one set of firmware versions: both have to be the report's. */
function checkChip(chip: Uint8Array, tcb: SevReport['tcb'], leaf: X509Certificate): void {
  const extensions = extensionsOf(leaf.raw);
  for (const [name, oid] of Object.entries(VERSIONS)) {
    if (smallNumber(extensions.get(AMD + oid)) !== tcb[name as keyof typeof VERSIONS])
      throw new QuoteBroken('its certificate is for other firmware');
  }
  const named = extensions.get(AMD + CHIP);
  if (named === undefined || !areBytesEqual(chip.subarray(0, named.length), named) || named.length < 8)
    throw new QuoteBroken('its certificate is for another chip');
}
