import { addressToAccountId, bytesToHex, type Crypto, encode, hexToBytes, type Logger } from '@cairn/core';
import {
  type AuditReport,
  auditBundle,
  createCrontabMechanism,
  createServiceRunner,
  crontabParamsShape,
  DEFAULT_CRONTAB_PARAMS,
  decodeBundle,
  type EvidenceBundle,
} from '@cairn/mechanisms';
import type { BlobStore, LedgerReader } from '@cairn/protocol';
import { NodeError } from '../errors.ts';
import { verifyTaskReceipt } from '../validator/verify-task-receipt.ts';
import { findCommitments } from './commitments.ts';

export interface AuditParts {
  readonly crypto: Crypto;
  readonly ledger: LedgerReader;
  readonly blobs: BlobStore;
  readonly log: Logger;
}

/** What an audit found, JSON-safe. */
export interface WeightsAudit {
  readonly netuid: number;
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
 * @throws NodeError `AUDIT_IMPOSSIBLE` when there are no weights or their evidence is not here
 */
export async function auditWeights(parts: AuditParts, netuid: number, uid: number): Promise<WeightsAudit> {
  const { crypto, ledger, log } = parts;
  const weights = await ledger.query<{ uids: number[]; values: number[]; evidenceRoot: string } | null>(
    'yuma_weights',
    { netuid, uid },
  );
  if (weights === null) throw impossible(`Neuron ${uid} of subnet ${netuid} has set no weights.`);
  const bundle = await fetchBundle(parts.blobs, weights.evidenceRoot);
  const facts = await findCommitments(ledger, netuid, uid, weights.evidenceRoot);
  const runner = createServiceRunner({ crypto, log }, createCrontabMechanism({ crypto }));
  const chainId = hexToBytes(ledger.chainId);
  const previousRoot = bytesToHex(bundle.previousRoot);
  const previous = /^0+$/.test(previousRoot) ? undefined : await parts.blobs.get(previousRoot);
  const measure = {
    mechanism: runner.manifest.id,
    mechanismVersion: runner.manifest.version,
    params: encode(crontabParamsShape, DEFAULT_CRONTAB_PARAMS),
    rules: bundle.rules,
  };
  const report = await auditBundle(
    {
      crypto,
      runners: [runner],
      verifyReceipt: (claim) => verifyTaskReceipt({ crypto, chainId }, bundle.salt, claim),
    },
    bundle,
    {
      ...facts,
      evidenceRoot: hexToBytes(weights.evidenceRoot),
      weights,
      measure,
      ...(previous == null ? {} : { previous: decodeBundle(previous) }),
    },
  );
  return describe(
    netuid,
    uid,
    weights.evidenceRoot,
    await validatorAddress(ledger, netuid, uid),
    bundle,
    report,
  );
}

async function fetchBundle(blobs: BlobStore, root: string): Promise<EvidenceBundle> {
  const bytes = await blobs.get(root);
  if (bytes === null)
    throw impossible(`The evidence ${root} is not here. The validator that withholds it can be disputed.`);
  return decodeBundle(bytes);
}

function impossible(reason: string): NodeError {
  return new NodeError({ code: 'AUDIT_IMPOSSIBLE', reason }, reason);
}

async function validatorAddress(ledger: LedgerReader, netuid: number, uid: number): Promise<string> {
  const { neurons } = await ledger.query<{ neurons: { uid: number; hotkey: string }[] }>(
    'subnets_metagraph',
    { netuid },
  );
  return neurons.find((neuron) => neuron.uid === uid)?.hotkey ?? '';
}

function describe(
  netuid: number,
  uid: number,
  evidenceRoot: string,
  validator: string,
  bundle: EvidenceBundle,
  report: AuditReport,
): WeightsAudit {
  const isOwn =
    validator !== '' && bytesToHex(addressToAccountId(validator)) === bytesToHex(bundle.validator);
  const foreign = {
    code: 'MINERS_MISMATCH' as const,
    message: `The bundle is of another validator than neuron ${uid}.`,
  };
  const weightOf = new Map(
    report.derived?.weights.uids.map((id, index) => [id, report.derived!.weights.values[index]!]),
  );
  return {
    netuid,
    uid,
    validator,
    epoch: bundle.epoch.toString(),
    evidenceRoot,
    ok: report.ok && isOwn,
    findings: isOwn ? report.findings : [foreign, ...report.findings],
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
