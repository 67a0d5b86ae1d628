import {
  accountIdToAddress,
  bytesToHex,
  CairnError,
  type Crypto,
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
} from '@cairn/mechanisms';
import type { BlobStore, LedgerReader } from '@cairn/protocol';
import { verifyTaskReceipt } from '../validator/verify-task-receipt.ts';
import { checkBinding, namesPrevious } from './check-binding.ts';
import { type EpochFacts, findEpochFacts, findRevealedSalt } from './epoch-facts.ts';
import { auditImpossible } from './impossible.ts';

export interface AuditParts {
  readonly crypto: Crypto;
  readonly ledger: LedgerReader;
  readonly blobs: BlobStore;
  readonly log: Logger;
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

/**
 * Derives a validator's weights again from its evidence and compares them with the ledger.
 *
 * @throws NodeError `AUDIT_IMPOSSIBLE` when there are no weights, or their evidence is not here or does not open
 */
export async function auditWeights(
  parts: AuditParts,
  netuid: number,
  uid: number,
  mechanism = 0,
): Promise<WeightsAudit> {
  const { crypto, ledger, log } = parts;
  const weights = await ledger.query<{ uids: number[]; values: number[]; evidenceRoot: string } | null>(
    'yuma_weights',
    { netuid, uid, mechanism },
  );
  if (weights === null)
    throw auditImpossible(
      `Neuron ${uid} of subnet ${netuid} has no weights in force: it set none, or has not revealed any yet.`,
    );
  const { evidenceRoot } = weights;
  const salt = await findRevealedSalt(ledger, { netuid, uid, evidenceRoot });
  const bundle = await fetchBundle(parts, evidenceRoot, salt);
  const facts = await findEpochFacts(parts, {
    netuid,
    mechanism,
    uid,
    evidenceRoot,
    withPrevious: namesPrevious(bundle),
  });
  const runner = createServiceRunner({ crypto, log }, createCrontabMechanism({ crypto }));
  const chainId = hexToBytes(ledger.chainId);
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
      verifyReceipt: (claim) => verifyTaskReceipt({ crypto, chainId }, salt, claim),
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
  const findings = [...checkBinding({ netuid, mechanism }, bundle, facts), ...report.findings];
  return describe({ netuid, mechanism, uid, evidenceRoot, facts, report, findings });
}

async function fetchBundle(
  { crypto, blobs }: AuditParts,
  root: string,
  salt: Uint8Array,
): Promise<EvidenceBundle> {
  const sealed = await blobs.get(root);
  if (sealed === null)
    throw auditImpossible(
      `The evidence ${root} is not here. The validator that withholds it can be disputed.`,
    );
  try {
    return openEvidence(crypto, salt, sealed);
  } catch (error) {
    if (!(error instanceof CairnError)) throw error;
    const wrong =
      error.code === 'BUNDLE_SEALED_WRONG'
        ? 'does not open with the salt that its weights revealed'
        : 'opens to something that is no bundle';
    throw auditImpossible(
      `The evidence ${root} ${wrong}. The validator that published it can be disputed.`,
      error,
    );
  }
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

interface Found {
  readonly netuid: number;
  readonly mechanism: number;
  readonly uid: number;
  readonly evidenceRoot: string;
  readonly facts: EpochFacts;
  readonly report: AuditReport;
  readonly findings: readonly AuditFinding[];
}

function describe({ netuid, mechanism, uid, evidenceRoot, facts, report, findings }: Found): WeightsAudit {
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
