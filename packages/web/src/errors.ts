import { CairnError } from '@cairn/core';

/** What can go wrong while pages are made or used. Codes never change. */
export type WebProblem =
  | { code: 'PACKAGES_MISSING'; package: string }
  | { code: 'PAGE_BROKEN'; reason: string }
  | { code: 'NODE_REFUSED'; status: number; reason: string }
  | { code: 'BLOB_NOT_FETCHED'; id: string }
  | { code: 'RUN_UNFIT'; reason: string }
  | { code: 'MONEY_MISSING'; address: string; has: bigint; needs: bigint }
  | { code: 'NOTHING_TO_SEND'; has: bigint; keeps: bigint };

export class WebError extends CairnError<WebProblem> {
  override readonly name = 'WebError';
}
