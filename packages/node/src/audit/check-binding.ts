import { areBytesEqual, bytesToHex } from '@cairn/core';
import type { AuditFinding, EvidenceBundle } from '@cairn/mechanisms';
import type { EpochFacts } from './epoch-facts.ts';

/**
 * Whether a bundle is about the weights it stands behind, and whether its tasks were fixed before anybody could
 * choose them: epoch and seed come from the ledger, the salt was committed in an earlier epoch, and scores are
 * carried over from the weights before.
 */
export function checkBinding(
  { netuid, mechanism }: { readonly netuid: number; readonly mechanism: number },
  bundle: EvidenceBundle,
  facts: EpochFacts,
): AuditFinding[] {
  const findings: AuditFinding[] = [];
  const report = (code: AuditFinding['code'], message: string) => findings.push({ code, message });
  if (bundle.netuid !== netuid || !areBytesEqual(bundle.validator, facts.validator)) {
    report('MINERS_MISMATCH', 'The bundle is of another validator or subnet than the weights.');
  }
  if (bundle.mechanismIndex !== mechanism) {
    report(
      'MEASURE_MISMATCH',
      `The weights are of mechanism ${mechanism}, the bundle of mechanism ${bundle.mechanismIndex}.`,
    );
  }
  if (bundle.epoch !== facts.epoch) {
    report('SEED_MISMATCH', `The weights are of epoch ${facts.epoch}, the bundle of epoch ${bundle.epoch}.`);
  }
  if (facts.committedEpoch >= facts.epoch) {
    report(
      'SALT_MISMATCH',
      `The salt was committed in epoch ${facts.committedEpoch}, when the seed of epoch ${facts.epoch} was known already.`,
    );
  }
  const previousRoot = bytesToHex(bundle.previousRoot);
  if (namesPrevious(bundle) && !facts.isPreviousUnknown && previousRoot !== facts.previousRoot) {
    report(
      'CARRIED_MISMATCH',
      `The bundle carries scores over from ${previousRoot}, which is not the evidence of the weights before.`,
    );
  }
  return findings;
}

/** A validator's first bundle, and one made after its records were lost, names no earlier one. */
export function namesPrevious({ previousRoot }: EvidenceBundle): boolean {
  return previousRoot.some((byte) => byte !== 0);
}
