import { bytesToHex, CairnError, encode, hexToBytes, type Logger } from '@cairn/core';
import { caseRevealShape } from '@cairn/mechanisms';
import type { LoadedModel } from '@cairn/protocol';
import type { AccountClient } from '@cairn/sdk';
import { type CheckEvidenceParts, checkEvidence } from './check-evidence.ts';
import type { CaseRow } from './follow-cases.ts';

export interface AnswerCasesParts extends CheckEvidenceParts {
  /** The provider. */
  readonly client: AccountClient;
  readonly model: Pick<LoadedModel, 'capabilities'>;
  readonly fetchFrom: (account: string, id: string) => Promise<Uint8Array | null>;
  /** Keeps a blob and hands it to peers. */
  readonly publish: (bytes: Uint8Array) => Promise<string>;
  readonly log: Logger;
}

const NO_REVEAL = '0'.repeat(64);
const MOST_ENGINE_CLASS = 1_024;

/**
 * Answers cases against this provider where it can show otherwise: it checks the evidence with its own model, and when
 * that passes shows what it measured, so that everybody has to look again. Until the signal aborts.
 */
export async function answerCases(parts: AnswerCasesParts, signal: AbortSignal): Promise<void> {
  const { ledger, client, log } = parts;
  const names = ['verification.caseOpened', 'chain.committed'];
  const seen = new Set<string>();
  let isDue = true;
  for await (const { name } of ledger.events({ names, signal })) {
    if (name === 'verification.caseOpened') isDue = true;
    if (!isDue) continue;
    try {
      const rows = await ledger.query<CaseRow[]>('verification_cases', {});
      const mine = rows.filter(({ provider, reveal }) => provider === client.address && reveal === NO_REVEAL);
      isDue = false;
      for (const row of mine.filter(({ receipt }) => !seen.has(receipt))) {
        seen.add(row.receipt);
        await answerCase(parts, row);
      }
    } catch (error) {
      if (signal.aborted || !(error instanceof CairnError)) throw error;
      log.warn('a case against this provider could not be answered', { code: error.code });
    }
  }
}

async function answerCase(parts: AnswerCasesParts, row: CaseRow): Promise<void> {
  const { client, log, crypto } = parts;
  const about = { receipt: row.receipt, accuser: row.accuser };
  log.error('this provider is accused of answers that are not of its model', about);
  const evidence = await parts.fetchFrom(row.accuser, row.evidence);
  if (evidence === null) {
    log.warn('the evidence of a case is not to be had from its accuser', about);
    return;
  }
  const checked = await checkEvidence(parts, evidence);
  if (!checked.ok) {
    log.warn('the evidence of a case cannot be checked here', { ...about, reason: checked.reason });
    return;
  }
  if (!checked.answers.every(({ verdict }) => verdict.kind === 'passed')) {
    log.error('the evidence of a case does not pass our own check: nothing is shown against it', about);
    return;
  }
  const shown = encode(caseRevealShape, {
    engineClass: (parts.model.capabilities.exactClass ?? '').slice(0, MOST_ENGINE_CLASS),
    checks: checked.answers.map(({ answer, verdict }) => ({
      receipt: answer.id,
      isPassed: verdict.kind === 'passed',
      driftPpb: verdict.kind === 'notJudged' ? 0n : verdict.driftPpb,
    })),
  });
  await parts.publish(shown);
  const reveal = crypto.sha256(shown);
  await client.send('verification.answer', { receipt: hexToBytes(row.receipt), reveal });
  log.warn('a case was answered: the evidence passes our own check', {
    ...about,
    reveal: bytesToHex(reveal),
  });
}
