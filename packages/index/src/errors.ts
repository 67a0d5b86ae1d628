import { CairnError } from '@cairn/core';

export type IndexProblem =
  | { code: 'INDEX_DATABASE_UNREACHABLE'; place: string }
  | { code: 'INDEX_DATABASE_TOO_NEW'; version: number; known: number }
  | { code: 'INDEX_WRONG_CHAIN'; has: string; given: string }
  | { code: 'INDEX_CHAIN_CHANGED'; height: number; has: string; given: string }
  | { code: 'INDEX_AHEAD'; height: number; chainHeight: number }
  | { code: 'INDEX_BLOCK_MISSING'; height: number }
  | { code: 'INDEX_WRITER_CONFLICT'; height: number }
  | { code: 'INDEX_HEIGHT_INVALID'; height: number; latest: number }
  | { code: 'INDEX_EVENT_MALFORMED'; event: string; height: number; field: string }
  | { code: 'INDEX_BLOCK_TOO_FULL'; height: number; places: number }
  | { code: 'INDEX_QUERY_INVALID'; reason: string };

export class IndexError extends CairnError<IndexProblem> {
  override readonly name = 'IndexError';
}
