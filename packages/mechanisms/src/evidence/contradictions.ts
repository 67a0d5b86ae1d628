import type { AuditFinding } from './audit-report.ts';

/**
 * Findings that prove a claim wrong, to whoever holds the bundle and the ledger. What only says that this build
 * does not know a format or a mechanism proves nothing, and neither does, for a mechanism it does not know, that
 * the measure is not the one it would use.
 */
export function contradictionsOf(findings: readonly AuditFinding[]): AuditFinding[] {
  const codes = new Set(findings.map(({ code }) => code));
  // In a format of another version no field needs to mean what it means here; but which may be used is declared.
  if (codes.has('VERSION_UNKNOWN')) return findings.filter(({ code }) => code === 'MECHANISM_UNDECLARED');
  if (!codes.has('MECHANISM_UNKNOWN')) return [...findings];
  return findings.filter(({ code }) => code !== 'MECHANISM_UNKNOWN' && code !== 'MEASURE_MISMATCH');
}
