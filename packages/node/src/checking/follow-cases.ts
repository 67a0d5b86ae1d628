import {
  addressToAccountId,
  areBytesEqual,
  bytesToHex,
  CairnError,
  hexToBytes,
  type Logger,
} from '@cairn/core';
import type { BlobStore } from '@cairn/protocol';
import type { AccountClient } from '@cairn/sdk';
import { type CheckEvidenceParts, checkEvidence } from './check-evidence.ts';
import { fetchJudges } from './judges.ts';

export interface FollowCasesParts extends CheckEvidenceParts {
  /** Joins cases in its name. */
  readonly client: AccountClient;
  readonly blobs: Pick<BlobStore, 'get'>;
  /** Fetches a blob from where an account is reached; null: nobody there has it. */
  readonly fetchFrom: (account: string, id: string) => Promise<Uint8Array | null>;
  readonly log: Logger;
}

/** An open case, as the ledger tells it. */
export interface CaseRow {
  readonly receipt: string;
  readonly provider: string;
  readonly accuser: string;
  readonly evidence: string;
  readonly reveal: string;
  readonly supporters: readonly string[];
}

const NO_REVEAL = '0'.repeat(64);
/** Blocks in which evidence that is not to be had is asked for. */
const MOST_TRIES = 10;

/**
 * Looks at every open case itself, with its own model, and joins those in which it finds the same fault; anew when the
 * provider has answered. Until the signal aborts.
 */
export async function followCases(parts: FollowCasesParts, signal: AbortSignal): Promise<void> {
  const { ledger, client, log } = parts;
  const waiting = new Map<string, { readonly row: CaseRow; tries: number }>();
  const seen = new Set<string>();

  async function refresh(): Promise<void> {
    const rows = await ledger.query<CaseRow[]>('verification_cases', {});
    const open = new Set(rows.map(keyOf));
    for (const key of waiting.keys()) if (!open.has(key)) waiting.delete(key);
    for (const key of seen) if (!open.has(key)) seen.delete(key);
    for (const row of rows) {
      const isMine = row.provider === client.address || row.supporters.includes(client.address);
      if (isMine || seen.has(keyOf(row))) continue;
      seen.add(keyOf(row));
      waiting.set(keyOf(row), { row, tries: 0 });
    }
  }

  await refresh();
  const names = ['verification.caseOpened', 'verification.caseAnswered', 'chain.committed'];
  for await (const { name } of ledger.events({ names, signal })) {
    try {
      if (name !== 'chain.committed') await refresh();
      for (const [key, entry] of waiting) {
        entry.tries += 1;
        if ((await look(parts, entry.row)) || entry.tries >= MOST_TRIES) waiting.delete(key);
      }
    } catch (error) {
      if (signal.aborted || !(error instanceof CairnError)) throw error;
      log.warn('cases could not be looked at in this block', { code: error.code });
    }
  }
}

const keyOf = ({ receipt, reveal }: CaseRow): string => `${receipt}/${reveal}`;

/** Whether nothing more is to be done about a case. */
async function look(parts: FollowCasesParts, row: CaseRow): Promise<boolean> {
  const { ledger, client, log } = parts;
  const about = { provider: row.provider, receipt: row.receipt };
  const judges = await fetchJudges(ledger);
  if (!judges.some((judge) => areBytesEqual(judge, client.account))) return true;
  const evidence =
    (await parts.blobs.get(row.evidence)) ?? (await parts.fetchFrom(row.accuser, row.evidence));
  if (evidence === null) return false;
  if (row.reveal !== NO_REVEAL && (await parts.fetchFrom(row.provider, row.reveal)) === null)
    log.info('what an accused provider shows is not to be had', about);
  const checked = await checkEvidence(parts, evidence);
  if (!checked.ok) {
    log.info('a case is not judged here', { ...about, reason: checked.reason });
    return true;
  }
  const { provider, answers, convicts } = checked;
  const isAboutIt =
    areBytesEqual(provider, addressToAccountId(row.provider)) &&
    answers.some(({ answer, verdict }) => verdict.kind === 'failed' && bytesToHex(answer.id) === row.receipt);
  if (!isAboutIt || !convicts) {
    log.warn('a case is not joined: its evidence does not show the fault here', about);
    return true;
  }
  await client.send('verification.support', {
    receipt: hexToBytes(row.receipt),
    reveal: hexToBytes(row.reveal),
  });
  log.info('a case is joined: the same fault was found here', about);
  return true;
}
