import { setImmediate } from 'node:timers/promises';
import {
  type AccountId,
  accountIdToAddress,
  areBytesEqual,
  bytesToHex,
  CairnError,
  type Crypto,
  decode,
  encode,
  hexToBytes,
  type Logger,
} from '@cairn/core';
import {
  type AuditFinding,
  type AuditReport,
  auditBundle,
  createCrontabMechanism,
  createServiceRunner,
  crontabParamsShape,
  DEFAULT_CRONTAB_PARAMS,
  DEFAULT_SCORING_RULES,
  type EvidenceBundle,
  openEvidence,
  type ReceiptClaim,
  type ReceiptVerdict,
  type ServiceRunner,
  type Weights,
} from '@cairn/mechanisms';
import { type BlobStore, type LedgerReader, signedReceiptShape } from '@cairn/protocol';
import type { FindRefuted } from '../evidence/find-refuted.ts';
import { verifyTaskReceipt } from '../validator/verify-task-receipt.ts';
import { checkBinding, namesPrevious } from './check-binding.ts';
import { checkDeclared } from './check-declared.ts';
import { type EpochFacts, findEpochFacts } from './epoch-facts.ts';
import type { BlockEvents } from './events-backwards.ts';

export interface AuditParts {
  readonly crypto: Crypto;
  readonly ledger: LedgerReader;
  /** The past, as far as it is here. */
  readonly history: BlockEvents;
  /** Where the evidence is that scores are carried over from. */
  readonly blobs: Pick<BlobStore, 'get'>;
  readonly log: Logger;
  /** Asks miners that are said to have been silent. Absent: that they were is not checked. */
  readonly findRefuted?: FindRefuted;
}

/** Weights that were revealed, and the bundle they are said to follow from. */
export interface EvidenceClaim {
  readonly netuid: number;
  readonly mechanism: number;
  readonly uid: number;
  /** As they are on the ledger. */
  readonly weights: Weights;
  /** Of those weights, hexadecimal. */
  readonly evidenceRoot: string;
  /** Revealed with them. */
  readonly salt: Uint8Array;
  readonly bundle: EvidenceBundle;
}

/** What an audit found, JSON-safe. */
export interface WeightsAudit {
  readonly netuid: number;
  readonly mechanism: number;
  readonly uid: number;
  readonly validator: string;
  readonly epoch: string;
  readonly evidenceRoot: string;
  readonly ok: boolean;
  readonly findings: AuditReport['findings'];
  readonly unverified: readonly string[];
  readonly tasks: number;
  readonly receipts: number;
  /** Scores and weights as derived again; null when the tasks could not be drawn. */
  readonly derived: { readonly scores: readonly { uid: number; mean: number; weight: number }[] } | null;
}

/** Receipts checked before other work goes on: some ten milliseconds. */
const RECEIPTS_PER_TURN = 64;

/**
 * Derives weights again from an opened bundle and compares them with the ledger. Who asks for an audit and the
 * validators that judge each other get their findings from here.
 *
 * Cost: the blocks of about four epochs, a signature for each answer and the mechanism's own scoring. Other work
 * goes on in between.
 *
 * @throws NodeError `AUDIT_IMPOSSIBLE` when the blocks here do not go back far enough
 */
export async function auditEvidence(parts: AuditParts, claim: EvidenceClaim): Promise<WeightsAudit> {
  const { crypto, ledger, log, findRefuted } = parts;
  const { netuid, mechanism, uid, weights, evidenceRoot, salt, bundle } = claim;
  const withPrevious = namesPrevious(bundle);
  const facts = await findEpochFacts(parts, { netuid, mechanism, uid, evidenceRoot, withPrevious });
  const runner = yieldingRunner(createServiceRunner({ crypto, log }, createCrontabMechanism({ crypto })));
  const measure = {
    mechanism: runner.manifest.id,
    mechanismVersion: runner.manifest.version,
    params: encode(crontabParamsShape, DEFAULT_CRONTAB_PARAMS),
    // How many tasks is the validator's own choice; how they are paid is not.
    rules: { ...DEFAULT_SCORING_RULES, tasks: bundle.rules.tasks },
  };
  const isPreviousKnown = facts.previousRoot === bytesToHex(bundle.previousRoot);
  const previous = isPreviousKnown ? await findPrevious(parts, facts) : null;
  const report = await auditBundle(
    {
      crypto,
      runners: [runner],
      verifyReceipt: yieldingVerifier((receipt) =>
        verifyTaskReceipt({ crypto, chainId: hexToBytes(ledger.chainId) }, salt, receipt),
      ),
      ...(findRefuted === undefined
        ? {}
        : {
            findRefuted: (claims) =>
              findRefuted({ salt, claims, artifactOf: (miner) => findArtifact(bundle, miner) }),
          }),
    },
    bundle,
    {
      ...facts,
      evidenceRoot: hexToBytes(evidenceRoot),
      weights,
      measure,
      ...(previous === null ? {} : { previous }),
    },
  );
  const findings = [
    ...checkBinding({ netuid, mechanism }, bundle, facts),
    ...(await checkDeclared(ledger, { netuid, mechanism }, bundle)),
    ...report.findings,
  ];
  return describe(claim, facts, report, findings);
}

/** What a miner served by its first receipt in a bundle; null without any. */
function findArtifact(bundle: EvidenceBundle, miner: AccountId): Uint8Array | null {
  const uid = bundle.miners.find((each) => areBytesEqual(each.miner, miner))?.uid;
  const row = bundle.rows.find((each) => each.isAnswered && each.uid === uid);
  return row === undefined ? null : decode(signedReceiptShape, row.receipt).receipt.artifact;
}

/** Scores a task at a time, so that a large bundle does not hold up the node. */
function yieldingRunner(runner: ServiceRunner): ServiceRunner {
  return {
    manifest: runner.manifest,
    drawTasks: (draw) =>
      runner.drawTasks(draw).map((task) => ({
        ...task,
        async score(responses) {
          await setImmediate();
          return task.score(responses);
        },
      })),
  };
}

function yieldingVerifier(verify: (claim: ReceiptClaim) => ReceiptVerdict) {
  let checked = 0;
  return async (claim: ReceiptClaim): Promise<ReceiptVerdict> => {
    checked += 1;
    if (checked % RECEIPTS_PER_TURN === 0) await setImmediate();
    return verify(claim);
  };
}

/** The bundle that scores are carried over from; null when it is not here or does not open. */
async function findPrevious(
  { crypto, blobs }: AuditParts,
  { previousRoot, previousSalt }: EpochFacts,
): Promise<EvidenceBundle | null> {
  if (previousRoot === null || previousSalt === null) return null;
  const sealed = await blobs.get(previousRoot);
  if (sealed === null) return null;
  try {
    return openEvidence(crypto, previousSalt, sealed);
  } catch (error) {
    // The bytes are a stranger's; what they cannot prove is reported as not verified.
    if (error instanceof CairnError) return null;
    throw error;
  }
}

function describe(
  { netuid, mechanism, uid, evidenceRoot }: EvidenceClaim,
  facts: EpochFacts,
  report: AuditReport,
  findings: readonly AuditFinding[],
): WeightsAudit {
  const weightOf = new Map(
    report.derived?.weights.uids.map((id, index) => [id, report.derived!.weights.values[index]!]),
  );
  return {
    netuid,
    mechanism,
    uid,
    validator: accountIdToAddress(facts.validator),
    epoch: facts.epoch.toString(),
    evidenceRoot,
    ok: findings.length === 0,
    findings,
    unverified: report.unverified,
    tasks: report.tasks,
    receipts: report.receipts,
    derived:
      report.derived === null
        ? null
        : {
            scores: report.derived.scores.map((score) => ({
              uid: score.uid,
              mean: Number(score.mean) / 1e9,
              weight: weightOf.get(score.uid) ?? 0,
            })),
          },
  };
}
