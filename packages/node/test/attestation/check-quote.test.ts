import { describe, expect, it } from 'vitest';
import { checkQuote, MAX_QUOTE_BYTES } from '../../src/attestation/check-quote.ts';
import { checkSevReport } from '../../src/attestation/sev-report.ts';
import { VENDOR_ROOTS } from '../../src/attestation/vendor-roots.ts';
import { aTdxQuote, RECORDED_MS, recorded, TEST_ROOTS } from './quotes.ts';

const reasonOf = (bytes: Uint8Array, roots = VENDOR_ROOTS, nowMs = RECORDED_MS): string | null => {
  const checked = checkQuote(bytes, roots, nowMs);
  return checked.ok ? null : checked.reason;
};
const flipped = (bytes: Uint8Array, at: number): Uint8Array => {
  const copy = bytes.slice();
  copy[at]! ^= 1;
  return copy;
};

/** Places below an end, so far apart. */
const every = (step: number, end: number): number[] =>
  Array.from({ length: Math.ceil(end / step) }, (_, at) => at * step);

describe('a recorded quote that Intel signed', () => {
  const quote = recorded('tdx-v4.bin');
  it('leads to the root of Intel', () => {
    const checked = checkQuote(quote, VENDOR_ROOTS, RECORDED_MS);
    expect(checked).toMatchObject({ ok: true, report: { kind: 'tdx', version: 4 } });
    if (checked.ok) expect(checked.report.measurement).toMatch(/^[0-9a-f]{96}$/);
  });

  it('is refused whichever byte of header, report, signatures and enclave is another', () => {
    const certificates = 48 + 584 + 4 + 128 + 6 + 384 + 64 + 2 + 32 + 6;
    // Each field has a byte among these: the shortest but version and type have eight.
    for (const at of [...every(1, 32), ...every(7, certificates), 632, 764, 766, 1_218, 1_252, 1_254])
      expect(reasonOf(flipped(quote, at)), `byte ${at}`).not.toBeNull();
  });

  it('is refused with other certificates', () => {
    const from = 48 + 584 + 4 + 128 + 6 + 384 + 64 + 2 + 32 + 6;
    for (let at = from + 40; at < quote.length - 40; at += 97)
      expect(reasonOf(flipped(quote, at)), `byte ${at}`).not.toBeNull();
  });

  it('is refused wherever it ends early, and with more behind it', () => {
    for (let length = 0; length < quote.length; length += 61)
      expect(reasonOf(quote.subarray(0, length)), `${length} bytes`).not.toBeNull();
    expect(reasonOf(new Uint8Array([...quote, 1]))).toBe('bytes follow its signature');
    expect(reasonOf(new Uint8Array([...quote, 0, 0]))).toBeNull();
    expect(reasonOf(new Uint8Array(MAX_QUOTE_BYTES + 1))).toMatch(/more than/);
  });

  it('is refused when its certificates are not valid at the time, and by other roots', () => {
    expect(reasonOf(quote, VENDOR_ROOTS, Date.UTC(2022, 0, 1))).toBe('a certificate is not valid now');
    expect(reasonOf(quote, VENDOR_ROOTS, Date.UTC(2030, 0, 1))).toBe('a certificate is not valid now');
    expect(reasonOf(quote, TEST_ROOTS)).toBe('its root is none that is pinned here');
  });
});

describe('a recorded report that AMD signed', () => {
  const report = recorded('sev-snp-v2.bin');
  const DEBUGGED = 'the guest can be debugged';

  it('leads to the root of AMD, and its certificate is of its chip and firmware', () => {
    const checked = checkSevReport(report, VENDOR_ROOTS.sevSnp, RECORDED_MS);
    expect(checked).toMatchObject({ kind: 'sev-snp', version: 2, isDebuggable: true });
    expect(checked.measurement).toMatch(/^[0-9a-f]{96}$/);
  });

  it('is refused all the same, because its guest was started so that it can be debugged', () => {
    expect(reasonOf(report)).toBe(DEBUGGED);
  });

  it('is refused for another reason whichever of its bytes is another', () => {
    for (const at of [...every(1, 80), ...every(7, 1_184)]) {
      const reason = reasonOf(flipped(report, at));
      expect(reason, `byte ${at}`).not.toBeNull();
      expect(reason, `byte ${at}`).not.toBe(DEBUGGED);
    }
  });

  it('is refused with other certificates, or when it ends early', () => {
    for (let at = 1_184 + 40; at < report.length - 40; at += 131)
      expect(reasonOf(flipped(report, at)), `byte ${at}`).not.toBe(DEBUGGED);
    for (let length = 0; length < report.length - 60; length += 173)
      expect(reasonOf(report.subarray(0, length)), `${length} bytes`).not.toBe(DEBUGGED);
  });
});

describe('a quote that leads to a root of the tests', () => {
  const NOW = Date.UTC(2030, 0, 1);
  it('holds by that root alone, in versions 4 and 5', () => {
    for (const quote of [aTdxQuote(), aTdxQuote({ version: 5 }), aTdxQuote({ version: 5, type: 3 })]) {
      expect(reasonOf(quote, TEST_ROOTS, NOW)).toBeNull();
      expect(reasonOf(quote, VENDOR_ROOTS, NOW)).toBe('its root is none that is pinned here');
    }
  });

  it('is refused when guest, module or enclave can be debugged, though all is signed', () => {
    expect(reasonOf(aTdxQuote({ isDebugged: true }), TEST_ROOTS, NOW)).toBe('the guest can be debugged');
    expect(reasonOf(aTdxQuote({ isModuleDebugged: true }), TEST_ROOTS, NOW)).toBe('its TDX module can be debugged');
    expect(reasonOf(aTdxQuote({ isEnclaveDebugged: true }), TEST_ROOTS, NOW)).toBe('its quoting enclave can be debugged');
  });
});
