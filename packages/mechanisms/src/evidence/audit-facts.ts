import { areBytesEqual, bytesToHex, type Crypto } from '@cairn/core';
import type { CarriedScore } from '../epoch.ts';
import type { LedgerFacts, Report } from './audit-report.ts';
import { type EvidenceBundle, evidenceRoot } from './bundle.ts';

const RULE_NAMES = ['tasks', 'power', 'tieZSquaredHundredths', 'tieFloorPermille', 'blendPermille'] as const;

/** The mechanism, its parameters and the rules of pay are the subnet's, not the validator's. */
export function checkMeasure(
  bundle: EvidenceBundle,
  ledger: LedgerFacts,
  report: Report,
  unverified: string[],
): void {
  const { measure } = ledger;
  if (measure === undefined) {
    unverified.push('measure');
    return;
  }
  if (measure.mechanism !== bundle.mechanism || measure.mechanismVersion !== bundle.mechanismVersion) {
    report(
      'MEASURE_MISMATCH',
      `The subnet uses ${measure.mechanism} version ${measure.mechanismVersion}, the bundle another mechanism.`,
    );
  }
  if (!areBytesEqual(measure.params, bundle.params)) {
    report('MEASURE_MISMATCH', "The mechanism's parameters are not the subnet's.");
  }
  for (const name of RULE_NAMES) {
    if (measure.rules[name] === bundle.rules[name]) continue;
    report(
      'MEASURE_MISMATCH',
      `${name} is ${bundle.rules[name]}, but the subnet says ${measure.rules[name]}.`,
    );
  }
}

/** The scores to blend with: those of the earlier bundle when it is at hand, else what the bundle claims. */
export function checkCarried(
  crypto: Crypto,
  bundle: EvidenceBundle,
  ledger: LedgerFacts,
  report: Report,
  unverified: string[],
): readonly CarriedScore[] {
  const isFirst = bundle.previousRoot.every((byte) => byte === 0);
  if (isFirst) {
    if (bundle.carried.length > 0) {
      report('CARRIED_MISMATCH', 'A bundle that names no earlier one cannot carry scores over.');
    }
    return [];
  }
  const { previous } = ledger;
  if (previous === undefined) {
    unverified.push('carried');
    return bundle.carried;
  }
  if (!areBytesEqual(evidenceRoot(crypto, previous), bundle.previousRoot)) {
    report('CARRIED_MISMATCH', 'The earlier bundle is not the one this bundle names.');
    return bundle.carried;
  }
  const present = new Set(bundle.miners.map(({ miner }) => bytesToHex(miner)));
  const minerOf = new Map(previous.miners.map(({ uid, miner }) => [uid, miner]));
  const expected: CarriedScore[] = [];
  for (const { uid, smoothed } of previous.scores) {
    const miner = minerOf.get(uid);
    if (miner !== undefined && present.has(bytesToHex(miner))) expected.push({ miner, score: smoothed });
  }
  const claimed = new Map(bundle.carried.map(({ miner, score }) => [bytesToHex(miner), score]));
  const isSame =
    claimed.size === expected.length &&
    bundle.carried.length === expected.length &&
    expected.every(({ miner, score }) => claimed.get(bytesToHex(miner)) === score);
  if (!isSame) report('CARRIED_MISMATCH', 'The carried scores are not those of the earlier bundle.');
  return expected;
}

/** Everyone on the ledger is scored, once, and nobody else. */
export function checkMiners(
  bundle: EvidenceBundle,
  ledger: LedgerFacts,
  report: Report,
  unverified: string[],
): void {
  const uids = bundle.miners.map(({ uid }) => uid);
  if (uids.some((uid, index) => index > 0 && uid <= (uids[index - 1] as number))) {
    report('MINERS_MISMATCH', 'Miners are not listed once each in order of uid.');
  }
  if (new Set(bundle.miners.map(({ miner }) => bytesToHex(miner))).size !== uids.length) {
    report('MINERS_MISMATCH', 'One account is listed as several miners.');
  }
  if (ledger.miners === undefined) {
    unverified.push('miners');
    return;
  }
  const listed = new Map(bundle.miners.map(({ uid, miner }) => [uid, bytesToHex(miner)]));
  for (const { uid, miner } of ledger.miners) {
    if (listed.get(uid) !== bytesToHex(miner)) {
      report('MINERS_MISMATCH', `Miner ${uid} of the ledger is missing or another account.`, { uid });
    }
    listed.delete(uid);
  }
  for (const uid of listed.keys()) {
    report('MINERS_MISMATCH', `Miner ${uid} is not on the ledger.`, { uid });
  }
}
