import { CairnError, type CancelSignal, type Crypto, type Logger } from '@cairn/core';
import {
  type AuditCode,
  contradictionsOf,
  DEFAULT_SCORING_RULES,
  type EvidenceBundle,
  type Weights,
} from '@cairn/mechanisms';
import type { BlobStore, LedgerReader, PeerName } from '@cairn/protocol';
import { auditEvidence, type WeightsAudit } from '../audit/audit-evidence.ts';
import { rememberAuditedEvents } from '../audit/audited-events.ts';
import { readBlockEvents } from '../audit/events-backwards.ts';
import type { FindRefuted } from './find-refuted.ts';
import type { RevealedWeights } from './revealed-weights.ts';

/**
 * Most rows of evidence (miners times tasks) that a validator stands behind: 64 tasks of 256 miners. A larger
 * bundle is not attested, so validators ask fewer tasks where there are more miners. Bounds what it costs to judge
 * one validator in one epoch.
 */
export const MAX_JUDGED_ROWS = 16_384;

/** What became of the audit of a bundle. Codes only: messages may quote the stranger's text. */
export type Judgement =
  /** The weights follow from it, as far as that could be checked; `unchecked` names what could not. */
  | {
      readonly verdict: 'holds';
      readonly unchecked: readonly string[];
      /** How much of it there is, see `countEvidence`. */
      readonly answered: number;
    }
  /** It contradicts itself or the ledger. */
  | { readonly verdict: 'refuted'; readonly codes: readonly string[] };

/** Null when other weights have taken the place of these. */
export type Judge = (
  wanted: RevealedWeights,
  bundle: EvidenceBundle,
  signal: CancelSignal,
) => Promise<Judgement | null>;

export interface JudgeParts {
  readonly crypto: Crypto;
  readonly ledger: LedgerReader;
  readonly blobs: BlobStore;
  readonly fetch: (peer: PeerName, id: string, signal: CancelSignal) => Promise<Uint8Array | null>;
  /** The peer of a hotkey, by its address. */
  readonly peerOf: (hotkey: string) => PeerName;
  readonly log: Logger;
  /** Asks the miners that evidence says were silent. */
  readonly findRefuted: (signal: CancelSignal) => FindRefuted;
}

/** Says of the evidence of one subnet whether the revealed weights follow from it, by the audit everybody can run. */
export function createJudge(parts: JudgeParts, netuid: number): Judge {
  const { ledger, blobs, log } = parts;
  const history = rememberAuditedEvents(readBlockEvents(ledger), netuid);

  /** Own blobs first; a judge that started later than the validator lacks the evidence of the epoch before. */
  async function findBlob(wanted: RevealedWeights, id: string, signal: CancelSignal) {
    try {
      const own = await blobs.get(id);
      if (own !== null) return own;
      const fetched = await parts.fetch(parts.peerOf(wanted.hotkey), id, signal);
      if (fetched !== null) await blobs.put(fetched);
      return fetched;
    } catch (error) {
      if (!(error instanceof CairnError)) throw error;
      const { uid, epoch } = wanted;
      log.debug('earlier evidence was not had', { uid, epoch, code: error.code });
      return null;
    }
  }

  return async (wanted, bundle, signal) => {
    if (bundle.rows.length > MAX_JUDGED_ROWS) return { verdict: 'refuted', codes: ['ROWS_TOO_MANY'] };
    const { mechanism, uid, root: evidenceRoot, salt } = wanted;
    const weights = await readWeights(ledger, wanted);
    if (weights === null) return null;
    let audit: WeightsAudit;
    try {
      audit = await auditEvidence(
        {
          ...parts,
          history,
          blobs: { get: (id) => findBlob(wanted, id, signal) },
          findRefuted: parts.findRefuted(signal),
        },
        { netuid, mechanism, uid, weights, evidenceRoot, salt, bundle },
      );
    } catch (error) {
      if (error instanceof CairnError && error.code === 'AUDIT_IMPOSSIBLE')
        return { verdict: 'holds', unchecked: [error.code], answered: countEvidence(bundle) };
      throw error;
    }
    const proved = contradictionsOf(audit.findings);
    if (proved.length > 0) return { verdict: 'refuted', codes: codesOf(proved) };
    // Who was to be scored is what no audit can know; it is not worth a word each time.
    const unverified = audit.unverified.filter((name) => name !== 'miners');
    return {
      verdict: 'holds',
      unchecked: [...codesOf(audit.findings), ...unverified],
      // Of a mechanism that is not known here, no receipt is checked.
      answered: countEvidence(bundle, audit.derived === null ? undefined : audit.receipts),
    };
  };
}

/**
 * Answers in a bundle, as this judge states them on the ledger. Who draws more tasks than is usual counts its answers
 * in proportion, or it could draw some more than the others, leave those out that it likes and have as many as they.
 *
 * @param receipts those that were checked; by default what the bundle says
 */
export function countEvidence(
  { rows, rules }: EvidenceBundle,
  receipts: number = rows.filter(({ isAnswered }) => isAnswered).length,
): number {
  const usual = DEFAULT_SCORING_RULES.tasks;
  return rules.tasks > usual ? Math.floor((receipts * usual) / rules.tasks) : receipts;
}

async function readWeights(
  ledger: LedgerReader,
  { netuid, mechanism, uid, epoch, root }: RevealedWeights,
): Promise<Weights | null> {
  const weights = await ledger.query<(Weights & { epoch: number; evidenceRoot: string }) | null>(
    'yuma_weights',
    { netuid, uid, mechanism },
  );
  return weights?.epoch === epoch && weights.evidenceRoot === root ? weights : null;
}

const codesOf = (findings: readonly { readonly code: AuditCode }[]): AuditCode[] => [
  ...new Set(findings.map(({ code }) => code)),
];
