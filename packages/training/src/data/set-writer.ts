import type { Crypto } from '@cairn/core';
import type { ChatTokens } from '../tokenizer/chat-template.ts';
import { type DataIndex, dataRootOf, encodeDataIndex, SHARD_TOKENS, samplesOf } from './data-index.ts';
import { encodeShard } from './shard.ts';

/** A set of tokens as it was written. */
export interface DataSet {
  readonly index: DataIndex;
  /** Bytes of the index, and their SHA-256. */
  readonly indexBytes: Uint8Array;
  readonly indexHash: Uint8Array;
  readonly root: Uint8Array;
  readonly samples: number;
}

export interface SetWriterParts {
  readonly crypto: Crypto;
  /** Keeps a shard or an index; its SHA-256 is its id. */
  readonly keep: (bytes: Uint8Array) => Promise<unknown>;
}

export type SetFields = Pick<
  DataIndex,
  'name' | 'licence' | 'tokenizer' | 'layout' | 'length' | 'tokenBytes'
>;

export interface SetWriter {
  /** Adds one document, whose last token is the mark that ends it. */
  add(document: ChatTokens): Promise<void>;
  /** Writes what is left. */
  end(): Promise<DataSet>;
}

interface OpenRow {
  readonly documents: ChatTokens[];
  tokens: number;
}

/** Rows that wait for documents that fit them. More rows pack closer, at more comparisons. */
const OPEN_ROWS = 32;

/**
 * Writes documents into shards. In the layout of rows a document is never cut, and comes to the fullest open row that
 * has room; one longer than a row is cut off at its end. What is left of a row is filled with `padding` that is not learned.
 *
 * Short documents fit last, and a model would learn where in a row they stand instead of what they are. So each row
 * begins with another of its documents in turn.
 */
export function createSetWriter(parts: SetWriterParts, fields: SetFields, padding: number): SetWriter {
  const { crypto, keep } = parts;
  const shards: DataIndex['shards'][number][] = [];
  let ids: number[] = [];
  let isLearned: number[] = [];
  const rowTokens = fields.length + 1;
  /** Rows are never cut by the end of a shard. */
  const shardTokens = fields.layout === 'rows' ? SHARD_TOKENS - (SHARD_TOKENS % rowTokens) : SHARD_TOKENS;
  const flush = async (): Promise<void> => {
    const bytes = encodeShard(ids, isLearned, fields.tokenBytes);
    shards.push({ hash: crypto.sha256(bytes), tokens: ids.length });
    await keep(bytes);
    ids = [];
    isLearned = [];
  };
  const append = async (document: ChatTokens): Promise<void> => {
    for (const [at, id] of document.ids.entries()) {
      ids.push(id);
      isLearned.push(document.isLearned[at] ? 1 : 0);
      if (ids.length === shardTokens) await flush();
    }
  };
  const rows: OpenRow[] = [];
  let closed = 0;
  const closeRow = async (index: number): Promise<void> => {
    const [{ documents, tokens }] = rows.splice(index, 1) as [OpenRow];
    const first = closed % documents.length;
    closed += 1;
    for (const document of [...documents.slice(first), ...documents.slice(0, first)]) await append(document);
    const left = rowTokens - tokens;
    await append({ ids: Array(left).fill(padding), isLearned: Array(left).fill(false) });
  };
  const fullest = (room: number): number => {
    let best = -1;
    for (const [index, { tokens }] of rows.entries())
      if (tokens <= rowTokens - room && (best < 0 || tokens > rows[best]!.tokens)) best = index;
    return best;
  };
  return {
    async add(document) {
      if (fields.layout === 'stream') return await append(document);
      const cut = {
        ids: document.ids.slice(0, rowTokens),
        isLearned: document.isLearned.slice(0, rowTokens),
      };
      // The first token of a row is never predicted.
      if (!cut.isLearned.some((learned, at) => learned && at > 0)) return;
      const place = fullest(cut.ids.length);
      if (place >= 0) {
        const row = rows[place]!;
        row.documents.push(cut);
        row.tokens += cut.ids.length;
        return;
      }
      if (rows.length === OPEN_ROWS) await closeRow(fullest(0));
      rows.push({ documents: [cut], tokens: cut.ids.length });
    },
    async end() {
      while (rows.length > 0) await closeRow(0);
      if (ids.length > 0) await flush();
      const tokens = shards.reduce((sum, shard) => sum + BigInt(shard.tokens), 0n);
      const index: DataIndex = { ...fields, tokens, shards };
      const indexBytes = encodeDataIndex(index);
      await keep(indexBytes);
      return {
        index,
        indexBytes,
        indexHash: crypto.sha256(indexBytes),
        root: dataRootOf(crypto, index),
        samples: shards.reduce((sum, shard) => sum + samplesOf(index, shard.tokens), 0),
      };
    },
  };
}
