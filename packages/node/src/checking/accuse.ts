import {
  type AccountId,
  accountIdToAddress,
  areBytesEqual,
  bytesToHex,
  CairnError,
  type Crypto,
  type Logger,
} from '@cairn/core';
import type { LedgerReader } from '@cairn/protocol';
import { type AccountClient, SdkError } from '@cairn/sdk';
import type { CheckedEvidence } from './check-evidence.ts';
import { fetchJudges } from './judges.ts';
import type { SendReview } from './review-desk.ts';

export interface AccuserParts {
  readonly crypto: Crypto;
  readonly ledger: Pick<LedgerReader, 'query'>;
  /** Accuses in its name, if it has voting power. */
  readonly client: AccountClient;
  /** Keeps evidence and hands it to peers. */
  readonly publish: (bytes: Uint8Array) => Promise<string>;
  /** Hands evidence to another judge. */
  readonly send: SendReview;
  readonly log: Logger;
}

/** `accused`: a case is open. `reported`: this account has no vote, and so many judges took the evidence. */
export type Accusation =
  | { readonly kind: 'accused'; readonly receipt: string }
  | { readonly kind: 'reported'; readonly judges: number }
  | { readonly kind: 'refused'; readonly code: string };

export interface Accuser {
  /**
   * Brings evidence that convicts before the ledger, or to those who may.
   *
   * @param offenceHeight block in which the answer was given, at the latest.
   */
  accuse(evidence: Uint8Array, checked: CheckedEvidence, offenceHeight: number): Promise<Accusation>;
}

export function createAccuser(parts: AccuserParts): Accuser {
  const { crypto, ledger, client, publish, send, log } = parts;

  async function report(judges: readonly AccountId[], evidence: Uint8Array): Promise<Accusation> {
    const heard = await Promise.all(judges.map((judge) => send(judge, evidence)));
    return { kind: 'reported', judges: heard.filter((answer) => answer === 'failed').length };
  }

  return {
    async accuse(evidence, { provider, answers }, offenceHeight) {
      const who = { provider: accountIdToAddress(provider) };
      const failed = answers.filter(({ verdict }) => verdict.kind === 'failed');
      const receipt = failed.at(-1)!.answer.id;
      const judges = (await fetchJudges(ledger)).filter((judge) => !areBytesEqual(judge, provider));
      const codes = [
        ...new Set(failed.flatMap(({ verdict }) => (verdict.kind === 'failed' ? verdict.codes : []))),
      ];
      if (!judges.some((judge) => areBytesEqual(judge, client.account))) {
        const reported = await report(judges, evidence);
        log.warn('answers of a provider are not of its model; those who vote were told', {
          ...who,
          codes,
          ...reported,
        });
        return reported;
      }
      // Others fetch it as soon as they see the case.
      await publish(evidence);
      try {
        await client.send('verification.accuse', {
          ...{ provider, receipt, evidence: crypto.sha256(evidence) },
          offenceHeight: BigInt(offenceHeight),
        });
      } catch (error) {
        if (!(error instanceof CairnError)) throw error;
        const code =
          error instanceof SdkError && error.problem.code === 'TRANSACTION_REFUSED'
            ? error.problem.reason
            : error.code;
        log.info('a provider could not be accused', { ...who, code });
        return { kind: 'refused', code };
      }
      log.warn('a provider is accused: its answers are not of its model', {
        ...who,
        codes,
        receipt: bytesToHex(receipt),
      });
      return { kind: 'accused', receipt: bytesToHex(receipt) };
    },
  };
}
