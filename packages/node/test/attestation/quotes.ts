import { createHash, createPrivateKey, generateKeyPairSync, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { VendorRoots } from '../../src/attestation/vendor-roots.ts';

export const recorded = (name: string): Uint8Array =>
  new Uint8Array(readFileSync(fileURLToPath(new URL(`./recorded/${name}`, import.meta.url))));

/** A time at which the certificates of the recorded quotes are valid. */
export const RECORDED_MS = Date.UTC(2024, 0, 1);

/** The root of quotes that are made here. */
export const TEST_ROOTS: VendorRoots = {
  tdx: [createHash('sha256').update(derOf('test-root.pem')).digest('hex')],
  sevSnp: [],
};

function derOf(name: string): Buffer {
  return Buffer.from(Buffer.from(recorded(name)).toString().replace(/-----[^-]+-----|\s/g, ''), 'base64');
}

export interface TestQuote {
  readonly version?: 4 | 5;
  /** Of version 5: 2 or 3. */
  readonly type?: number;
  readonly isDebugged?: boolean;
  readonly isModuleDebugged?: boolean;
  readonly isEnclaveDebugged?: boolean;
  readonly reportData?: Uint8Array;
}

/** A TDX quote that leads to the test root: what no vendor would sign. */
export function aTdxQuote({
  version = 4,
  type = 2,
  isDebugged = false,
  isModuleDebugged = false,
  isEnclaveDebugged = false,
  reportData = new Uint8Array(64),
}: TestQuote = {}): Uint8Array {
  const real = recorded('tdx-v4.bin');
  const header = Buffer.from(real.subarray(0, 48));
  header.writeUInt16LE(version, 0);
  const report = Buffer.alloc(type === 3 ? 648 : 584);
  report.set(real.subarray(48, 48 + 584));
  report[120] = isDebugged ? 1 : 0;
  report[112] = isModuleDebugged ? 1 : 0;
  report.set(reportData, 520);
  const descriptor = Buffer.alloc(version === 5 ? 6 : 0);
  if (version === 5) {
    descriptor.writeUInt16LE(type, 0);
    descriptor.writeUInt32LE(report.length, 2);
  }
  const signed = Buffer.concat([header, descriptor, report]);
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { x, y } = publicKey.export({ format: 'jwk' });
  const key = Buffer.concat([Buffer.from(x!, 'base64url'), Buffer.from(y!, 'base64url')]);
  const auth = Buffer.from('auth of the test');
  // The enclave of the real quote, which vouches for the key of this one.
  const enclave = Buffer.from(real.subarray(48 + 584 + 4 + 128 + 6, 48 + 584 + 4 + 128 + 6 + 384));
  if (isEnclaveDebugged) enclave[48]! |= 2;
  enclave.fill(0, 320);
  enclave.set(createHash('sha256').update(key).update(auth).digest(), 320);
  const dsaEncoding = 'ieee-p1363' as const;
  const leaf = createPrivateKey(Buffer.from(recorded('test-leaf.key')));
  const chain = Buffer.concat([recorded('test-leaf.pem'), recorded('test-root.pem')]);
  const certification = Buffer.concat([
    enclave,
    sign('sha256', enclave, { key: leaf, dsaEncoding }),
    u16(auth.length),
    auth,
    u16(5),
    u32(chain.length),
    chain,
  ]);
  const data = Buffer.concat([
    sign('sha256', signed, { key: privateKey, dsaEncoding }),
    key,
    u16(6),
    u32(certification.length),
    certification,
  ]);
  return new Uint8Array(Buffer.concat([signed, u32(data.length), data]));
}

function u16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
