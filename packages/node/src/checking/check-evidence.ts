import { areBytesEqual, bytesToHex, type Crypto } from '@cairn/core';
import {
  type AnswerVerdict,
  isEnoughToAccuse,
  type OpenedAnswer,
  openCaseEvidence,
  reviewDisclosed,
} from '@cairn/mechanisms';
import type { LedgerReader } from '@cairn/protocol';
import { engineOf } from '../models/offered-capabilities.ts';
import { fetchOffers } from '../validator/subnet-view.ts';
import type { LimitsBook } from './limits-book.ts';
import type { Reviewers } from './reviewers.ts';

export interface CheckEvidenceParts {
  readonly crypto: Crypto;
  readonly chainId: Uint8Array;
  readonly ledger: LedgerReader;
  readonly limits: LimitsBook;
  readonly reviewers: Reviewers;
}

export interface CheckedEvidence {
  readonly provider: Uint8Array;
  readonly answers: readonly { readonly answer: OpenedAnswer; readonly verdict: AnswerVerdict }[];
  /** Whether they are enough to ask for a verdict. */
  readonly convicts: boolean;
}

/** Evidence that was checked here, or why it cannot be: then nothing is said for or against the provider. */
export type EvidenceCheck =
  | ({ readonly ok: true } & CheckedEvidence)
  | { readonly ok: false; readonly reason: string };

/** Checks every answer of a stranger's evidence with this node's own model, one pass of the model for each. */
export async function checkEvidence(parts: CheckEvidenceParts, bytes: Uint8Array): Promise<EvidenceCheck> {
  const opened = openCaseEvidence(parts.crypto, parts.chainId, bytes);
  if (!opened.ok) return opened;
  const offers = (await fetchOffers(parts.ledger)).filter(({ provider }) =>
    areBytesEqual(provider, opened.provider),
  );
  const answers: { answer: OpenedAnswer; verdict: AnswerVerdict }[] = [];
  for (const answer of opened.answers) {
    const { model, artifact } = answer.receipt;
    const offer = offers.find(({ terms }) => areBytesEqual(terms.artifact, artifact));
    const stated = offer === undefined ? opened.engine : engineOf(offer.terms);
    if (stated !== opened.engine)
      return { ok: false, reason: `its offer says that it runs ${stated ?? 'nothing in particular'}` };
    const reviewer = parts.reviewers.of(artifact);
    if (reviewer === null)
      return {
        ok: false,
        reason: `the file ${bytesToHex(artifact).slice(0, 12)}… is not here to check with`,
      };
    if (reviewer.capabilities.engine !== opened.engine)
      return {
        ok: false,
        reason: `this node runs ${reviewer.capabilities.engine}, and it runs ${opened.engine}`,
      };
    const calibration = await parts.limits.of(model, artifact, opened.engine);
    if (calibration === null)
      return { ok: false, reason: `nobody published a calibration of ${opened.engine} for this artifact` };
    const contextTokens = offer?.terms.contextTokens ?? null;
    const verdict = await reviewDisclosed(
      { crypto: parts.crypto, model: reviewer, calibration, contextTokens },
      answer,
    );
    answers.push({ answer, verdict });
  }
  const convicts = isEnoughToAccuse(answers.map(({ verdict }) => verdict));
  return { ok: true, provider: opened.provider, answers, convicts };
}
