/**
 * History for people: blocks, transactions, events, prices, pay and channels, in SQLite or PostgreSQL through one
 * typed query layer. Everything in it comes from the chain and can be made again.
 *
 * @module
 */

export {
  type DatabaseKind,
  type IndexConnection,
  isPostgresUrl,
  openIndexDatabase,
} from './database/connection.ts';
export { IndexError, type IndexProblem } from './errors.ts';
export {
  createIndexer,
  type Indexer,
  type IndexerOptions,
  type IndexerParts,
  type IndexStatus,
} from './indexer/indexer.ts';
export { INDEX_QUERIES } from './queries/list.ts';
export type { IndexQuery } from './queries/query.ts';
