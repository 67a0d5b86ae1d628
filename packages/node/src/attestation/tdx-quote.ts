import { createHash, createPublicKey, verify } from 'node:crypto';
import { areBytesEqual, bytesToHex } from '@cairn/core';
import { createByteReader, QuoteBroken } from './byte-reader.ts';
import { checkChain, readChain } from './certificates.ts';

const HEADER_BYTES = 48;
const REPORT_BYTES: Readonly<Record<number, number>> = { 2: 584, 3: 648 };
const ECDSA_P256 = 2;
const TDX = 0x81;
/** Intel's quoting enclave: its vendor, and who signs it. From the enclave identity that Intel publishes (TD_QE). */
const QE_VENDOR = '939a7233f79c4ca9940a0db3957f0607';
const QE_SIGNER = 'dc9e2a7c6f948f17474e34a7fc43ed030f7c1563f1babddf6340c82e0e54a8c5';
const QE_PRODUCT = 2;
const QE_REPORT_DATA = 6;
const PCK_CHAIN = 5;
const MAX_AUTH_BYTES = 1_024;

/** A guest of Intel TDX, as its hardware reports it. */
export interface TdxReport {
  readonly kind: 'tdx';
  /** Of the quote: 4 or 5. */
  readonly version: number;
  /** Hash of what the guest was started with, and those of what it measured itself, in hex. */
  readonly measurement: string;
  readonly runtimeMeasurements: readonly string[];
  /** Whether its host may look into it: then it hides nothing. */
  readonly isDebuggable: boolean;
  /** Security versions of the module, as 16 bytes in hex. */
  readonly tcb: string;
  /** 64 bytes that the guest chose. */
  readonly reportData: Uint8Array;
}

/**
 * Parses a TDX quote of version 4 or 5 and checks it up to a pinned root: certificates, the quoting enclave that they
 * vouch for, the key that it vouches for, and the report that this key signed.
 *
 * @see Intel TDX DCAP Quoting Library API, appendix 3
 * @throws QuoteBroken
 */
export function checkTdxQuote(bytes: Uint8Array, roots: readonly string[], nowMs: number): TdxReport {
  const reader = createByteReader(bytes);
  const header = reader.take(HEADER_BYTES);
  const fields = createByteReader(header);
  const version = fields.u16();
  if (version !== 4 && version !== 5)
    throw new QuoteBroken(`its version is ${version}, and 4 and 5 are read here`);
  if (fields.u16() !== ECDSA_P256) throw new QuoteBroken('its key is not of ECDSA with P-256');
  if (fields.u32() !== TDX) throw new QuoteBroken('it is not of TDX');
  fields.take(4);
  if (bytesToHex(fields.take(16)) !== QE_VENDOR) throw new QuoteBroken("its quoting enclave is not Intel's");
  let signedBytes = HEADER_BYTES;
  let length = REPORT_BYTES[2]!;
  if (version === 5) {
    const type = reader.u16();
    length = REPORT_BYTES[type] ?? -1;
    if (reader.u32() !== length)
      throw new QuoteBroken(`its report of type ${type} is none that is read here`);
    signedBytes += 6;
  }
  const report = reader.take(length);
  signedBytes += length;
  checkSignature(reader.take(reader.u32()), bytes.subarray(0, signedBytes), roots, nowMs);
  // Buffers of the kernel are larger than quotes.
  if (reader.take(reader.left).some((byte) => byte !== 0))
    throw new QuoteBroken('bytes follow its signature');
  return readReport(version, report);
}

function readReport(version: number, report: Uint8Array): TdxReport {
  const fields = createByteReader(report);
  const tcb = fields.take(16);
  fields.take(48);
  if (fields.take(48).some((byte) => byte !== 0)) throw new QuoteBroken("its TDX module is not Intel's");
  if (fields.take(8).some((byte) => byte !== 0)) throw new QuoteBroken('its TDX module can be debugged');
  const attributes = fields.take(8);
  // All of the first byte makes the guest less than closed; its first bit is DEBUG.
  const isDebuggable = attributes[0] !== 0;
  fields.take(8);
  const measurement = bytesToHex(fields.take(48));
  fields.take(3 * 48);
  const runtimeMeasurements = Array.from({ length: 4 }, () => bytesToHex(fields.take(48)));
  const reportData = fields.take(64).slice();
  return {
    ...{ kind: 'tdx', version, measurement, runtimeMeasurements, isDebuggable, reportData },
    tcb: bytesToHex(tcb),
  };
}

function checkSignature(data: Uint8Array, signed: Uint8Array, roots: readonly string[], nowMs: number): void {
  const reader = createByteReader(data);
  const signature = reader.take(64);
  const key = reader.take(64);
  if (reader.u16() !== QE_REPORT_DATA)
    throw new QuoteBroken('it does not show the report of its quoting enclave');
  const certification = createByteReader(reader.take(reader.u32()));
  if (reader.left !== 0) throw new QuoteBroken('bytes follow its certification');
  const enclave = certification.take(384);
  const enclaveSignature = certification.take(64);
  const authBytes = certification.u16();
  if (authBytes > MAX_AUTH_BYTES) throw new QuoteBroken('its quoting enclave says too much');
  const auth = certification.take(authBytes);
  if (certification.u16() !== PCK_CHAIN) throw new QuoteBroken('it does not bring its certificates');
  const chain = readChain(certification.take(certification.u32()));
  if (certification.left !== 0) throw new QuoteBroken('bytes follow its certificates');
  const leaf = checkChain(chain, roots, nowMs);
  const raw = { dsaEncoding: 'ieee-p1363' } as const;
  if (!verify('sha256', enclave, { key: leaf.publicKey, ...raw }, enclaveSignature))
    throw new QuoteBroken('its quoting enclave is not signed by its processor');
  checkEnclave(enclave, key, auth);
  if (!verify('sha256', signed, { key: publicKeyOf(key), ...raw }, signature))
    throw new QuoteBroken('it is not signed by its quoting enclave');
}

/** An SGX report: whose enclave it is, whether it can be debugged, and which key it vouches for. */
function checkEnclave(enclave: Uint8Array, key: Uint8Array, auth: Uint8Array): void {
  const DEBUG = 0x02;
  if ((enclave[48]! & DEBUG) !== 0) throw new QuoteBroken('its quoting enclave can be debugged');
  if (bytesToHex(enclave.subarray(128, 160)) !== QE_SIGNER)
    throw new QuoteBroken("its quoting enclave is not Intel's");
  if (createByteReader(enclave.subarray(256)).u16() !== QE_PRODUCT)
    throw new QuoteBroken('its quoting enclave is not that of TDX');
  const bound = new Uint8Array(64);
  bound.set(createHash('sha256').update(key).update(auth).digest());
  if (!areBytesEqual(enclave.subarray(320, 384), bound))
    throw new QuoteBroken('its quoting enclave vouches for another key');
}

function publicKeyOf(key: Uint8Array) {
  const part = (from: number) => Buffer.from(key.subarray(from, from + 32)).toString('base64url');
  try {
    return createPublicKey({ key: { kty: 'EC', crv: 'P-256', x: part(0), y: part(32) }, format: 'jwk' });
  } catch {
    throw new QuoteBroken('its key is none');
  }
}
