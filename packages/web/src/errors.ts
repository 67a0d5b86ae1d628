import { CairnError } from '@cairn/core';

/** What can go wrong while pages are made or used. Codes never change. */
export type WebProblem =
  | { code: 'PACKAGES_MISSING'; package: string }
  | { code: 'PAGE_BROKEN'; reason: string }
  | { code: 'NODE_REFUSED'; status: number; reason: string };

export class WebError extends CairnError<WebProblem> {
  override readonly name = 'WebError';
}
