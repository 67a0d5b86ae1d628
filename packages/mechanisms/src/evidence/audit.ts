import { areBytesEqual, CairnError } from '@cairn/core';
import { type EpochScore, scoreRows, settleScores } from '../epoch.ts';
import { checkScoringRules, type Weights } from '../scoring/shape.ts';
import { commitSalt, type ServiceRunner, type ServiceTask } from '../service-tasks.ts';
import { checkCarried, checkMeasure, checkMiners } from './audit-facts.ts';
import type {
  AuditCode,
  AuditFinding,
  AuditParts,
  AuditReport,
  LedgerFacts,
  Report,
  SilenceClaim,
} from './audit-report.ts';
import { BUNDLE_VERSION, type EvidenceBundle, type EvidenceRow, evidenceRoot } from './bundle.ts';

/**
 * Derives tasks from seed and salt, then scores, then weights, and names every difference from the bundle and
 * the ledger. What a bundle says is never trusted: a dishonest one yields findings, not exceptions.
 *
 * Cost: one receipt check per answered row, plus the mechanism's own audit of it.
 * @note That a miner did not answer is the validator's word, unless the validator has countersigned its receipt. One
 * that did not ask has nothing to countersign.
 */
export async function auditBundle(
  parts: AuditParts,
  bundle: EvidenceBundle,
  ledger: LedgerFacts,
): Promise<AuditReport> {
  const findings: AuditFinding[] = [];
  const unverified: string[] = [];
  const report = (code: AuditCode, message: string, place: { uid?: number; taskIndex?: number } = {}) => {
    findings.push({ code, message, ...place });
  };
  const finish = (tasks: number, receipts: number, derived: AuditReport['derived']): AuditReport => ({
    ok: findings.length === 0,
    findings,
    unverified,
    tasks,
    receipts,
    derived,
  });

  if (!areBytesEqual(evidenceRoot(parts.crypto, bundle), ledger.evidenceRoot)) {
    report('ROOT_MISMATCH', 'The sealed bundle is not the one whose root was committed with the weights.');
  }
  if (!areBytesEqual(commitSalt(parts.crypto, bundle, bundle.salt), ledger.saltCommitment)) {
    report('SALT_MISMATCH', 'The salt is not the one that was committed before the epoch.');
  }
  if (!areBytesEqual(bundle.epochSeed, ledger.epochSeed)) {
    report('SEED_MISMATCH', "The bundle's epoch seed is not the ledger's.");
  }
  checkMeasure(bundle, ledger, report, unverified);
  const carried = checkCarried(parts.crypto, bundle, ledger, report, unverified);
  checkMiners(bundle, ledger, report, unverified);

  const runner = parts.runners.find(
    ({ manifest }) => manifest.id === bundle.mechanism && manifest.version === bundle.mechanismVersion,
  );
  if (bundle.version !== BUNDLE_VERSION) {
    report('VERSION_UNKNOWN', `Bundle version ${bundle.version} is not known here. Update and audit again.`);
  } else if (runner === undefined) {
    report(
      'MECHANISM_UNKNOWN',
      `Mechanism ${bundle.mechanism} version ${bundle.mechanismVersion} is not installed here.`,
    );
  }
  if (bundle.version !== BUNDLE_VERSION) return finish(0, 0, null);
  const claimed = {
    uids: bundle.weights.map(({ uid }) => uid),
    values: bundle.weights.map(({ value }) => value),
  };
  if (runner === undefined) {
    // Whatever measured them, they are the ones that were set.
    compareWithLedger(claimed, ledger, report);
    return finish(0, 0, null);
  }

  const tasks = drawTasks(runner, bundle, ledger, report);
  if (tasks === null) return finish(0, 0, null);
  const rows = checkRows(bundle, tasks, report);
  const receipts = await checkReceipts(parts, bundle, tasks, rows, report);
  const shaped = await scoreRows(tasks, bundle.miners, rows, bundle.rules);
  const derived = settleScores(shaped, bundle.miners, carried, bundle.rules);
  checkScores(bundle, derived.scores, report);
  if (!areWeightsEqual(claimed, derived.weights)) {
    report(
      'WEIGHTS_MISMATCH',
      `The bundle's weights do not follow from its scores. ${compare(derived.weights, claimed)}`,
    );
  }
  compareWithLedger(derived.weights, ledger, report);
  if (findings.length === 0) await checkSilence(parts, bundle, tasks, rows, report, unverified);
  return finish(tasks.length, receipts, derived);
}

/** Tasks come from the seed of the ledger, so a seed of the validator's own choosing does not help it. */
function drawTasks(
  runner: ServiceRunner,
  bundle: EvidenceBundle,
  ledger: LedgerFacts,
  report: Report,
): readonly ServiceTask[] | null {
  try {
    checkScoringRules(bundle.rules);
    return runner.drawTasks({
      epochSeed: ledger.epochSeed,
      mechanismIndex: bundle.mechanismIndex,
      salt: bundle.salt,
      epoch: bundle.epoch,
      params: bundle.params,
      count: bundle.rules.tasks,
    });
  } catch (error) {
    if (!(error instanceof CairnError)) throw error;
    report('PARAMS_INVALID', `The tasks cannot be drawn: ${error.message}`);
    return null;
  }
}

/** Rows that stand for a task of this epoch and a listed miner, once each. */
function checkRows(bundle: EvidenceBundle, tasks: readonly ServiceTask[], report: Report): EvidenceRow[] {
  const uids = new Set(bundle.miners.map(({ uid }) => uid));
  const seen = new Map<string, EvidenceRow>();
  for (const row of bundle.rows) {
    const { uid, taskIndex } = row;
    const place = { uid, taskIndex };
    const task = tasks[taskIndex];
    if (task === undefined || !uids.has(uid)) {
      report('ROW_UNKNOWN', `Miner ${uid} was never given a task ${taskIndex}.`, place);
    } else if (seen.has(`${uid}/${taskIndex}`)) {
      report('ROW_REPEATED', `Miner ${uid} has more than one row for task ${taskIndex}.`, place);
    } else {
      seen.set(`${uid}/${taskIndex}`, row);
      if (!areBytesEqual(row.requestHash, task.requestHash)) {
        report(
          'REQUEST_MISMATCH',
          `Task ${taskIndex} asked something else than the row of miner ${uid} says.`,
          place,
        );
      }
    }
  }
  for (const { uid } of bundle.miners) {
    for (const { index: taskIndex } of tasks) {
      if (seen.has(`${uid}/${taskIndex}`)) continue;
      report('ROW_MISSING', `The row of miner ${uid} for task ${taskIndex} is missing.`, { uid, taskIndex });
    }
  }
  return [...seen.values()];
}

async function checkReceipts(
  parts: AuditParts,
  bundle: EvidenceBundle,
  tasks: readonly ServiceTask[],
  rows: readonly EvidenceRow[],
  report: Report,
): Promise<number> {
  const minerOf = new Map(bundle.miners.map(({ uid, miner }) => [uid, miner]));
  const { netuid, epoch, validator } = bundle;
  let checked = 0;
  for (const { uid, taskIndex, isAnswered, response, receipt } of rows) {
    if (!isAnswered) continue;
    const task = tasks[taskIndex] as ServiceTask;
    const miner = minerOf.get(uid) as Uint8Array;
    const verdict = await parts.verifyReceipt({ netuid, epoch, validator, miner, task, response, receipt });
    checked += 1;
    if (!verdict.ok) {
      report(
        'RECEIPT_INVALID',
        `The receipt of miner ${uid} for task ${taskIndex} does not prove the answer: ${verdict.reason}.`,
        { uid, taskIndex },
      );
    }
  }
  return checked;
}

/** Looked into only where evidence holds otherwise: a contradiction is enough. */
async function checkSilence(
  { findRefuted }: AuditParts,
  { miners, netuid, epoch, validator }: EvidenceBundle,
  tasks: readonly ServiceTask[],
  rows: readonly EvidenceRow[],
  report: Report,
  unverified: string[],
): Promise<void> {
  const minerOf = new Map(miners.map(({ uid, miner }) => [uid, miner]));
  const claims = rows.flatMap(({ uid, taskIndex, isAnswered }): SilenceClaim[] => {
    const miner = minerOf.get(uid);
    const task = tasks[taskIndex];
    if (isAnswered || miner === undefined || task === undefined) return [];
    return [{ netuid, epoch, validator, uid, miner, task }];
  });
  if (claims.length === 0) return;
  if (findRefuted === undefined) {
    unverified.push('silence');
    return;
  }
  for (const { uid, task } of await findRefuted(claims)) {
    report(
      'SILENCE_REFUTED',
      `The row of miner ${uid} for task ${task.index} says that it did not answer, but the validator has countersigned its receipt.`,
      { uid, taskIndex: task.index },
    );
  }
}

function checkScores(bundle: EvidenceBundle, derived: readonly EpochScore[], report: Report): void {
  const claimed = new Map(bundle.scores.map((score) => [score.uid, score]));
  if (claimed.size !== bundle.scores.length || claimed.size !== derived.length) {
    report('SCORE_MISMATCH', `There are ${bundle.scores.length} scores for ${derived.length} miners.`);
  }
  for (const score of derived) {
    for (const name of ['mean', 'relative', 'smoothed'] as const) {
      const has = claimed.get(score.uid)?.[name];
      if (has === score[name]) continue;
      report(
        'SCORE_MISMATCH',
        `The ${name} score of miner ${score.uid} is ${has ?? 'missing'}, but the answers give ${score[name]}.`,
        { uid: score.uid },
      );
    }
  }
}

function compareWithLedger(expected: Weights, ledger: LedgerFacts, report: Report): void {
  if (areWeightsEqual(ledger.weights, expected)) return;
  report(
    'LEDGER_WEIGHTS_MISMATCH',
    `The weights on the ledger do not follow from the evidence. ${compare(expected, ledger.weights)}`,
  );
}

function areWeightsEqual(a: Weights, b: Weights): boolean {
  return (
    a.uids.length === b.uids.length &&
    a.values.length === b.values.length &&
    a.uids.every((uid, index) => uid === b.uids[index] && a.values[index] === b.values[index])
  );
}

function compare(expected: Weights, has: Weights): string {
  const show = ({ uids, values }: Weights) =>
    uids.map((uid, index) => `${uid}: ${values[index] ?? 'missing'}`).join(', ') || 'none';
  return `Derived ${show(expected)}; found ${show(has)}.`;
}
