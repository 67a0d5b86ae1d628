import { QuoteBroken } from './byte-reader.ts';
import { checkSevReport, SEV_REPORT_BYTES, type SevReport } from './sev-report.ts';
import { checkTdxQuote, type TdxReport } from './tdx-quote.ts';
import type { VendorRoots } from './vendor-roots.ts';

/** Largest quote with its certificates, in bytes. */
export const MAX_QUOTE_BYTES = 65_536;

/** A quote that holds, or why it does not. */
export type QuoteCheck =
  | { readonly ok: true; readonly report: TdxReport | SevReport }
  | { readonly ok: false; readonly reason: string };

/**
 * Checks attested hardware: a TDX quote, or a SEV-SNP report with its certificates behind it.
 *
 * What is not checked: lists of certificates that the makers have revoked, and how the makers rate the versions that
 * the report names, which change by the month.
 *
 * @param bytes a stranger's. @param nowMs for the validity of certificates.
 */
export function checkQuote(bytes: Uint8Array, roots: VendorRoots, nowMs: number): QuoteCheck {
  if (bytes.length > MAX_QUOTE_BYTES)
    return { ok: false, reason: `it has more than ${MAX_QUOTE_BYTES} bytes` };
  if (bytes.length < SEV_REPORT_BYTES) return { ok: false, reason: 'it is too short for a quote' };
  // A TDX quote names its kind of key behind its version, where a report of SEV-SNP has zeros.
  const isTdx = bytes[2] !== 0;
  try {
    const report = isTdx
      ? checkTdxQuote(bytes, roots.tdx, nowMs)
      : checkSevReport(bytes, roots.sevSnp, nowMs);
    return report.isDebuggable ? { ok: false, reason: 'the guest can be debugged' } : { ok: true, report };
  } catch (error) {
    if (error instanceof QuoteBroken) return { ok: false, reason: error.message };
    throw error;
  }
}
