import { type ChatTokens, encodeChat } from '../tokenizer/chat-template.ts';
import type { LongWork } from '../tokenizer/count-words.ts';
import { sliceText } from '../tokenizer/split-words.ts';
import type { Tokenizer } from '../tokenizer/tokenizer.ts';
import { type Document, malformedData } from './documents.ts';
import { fingerprintOf } from './fingerprint.ts';
import { createSetWriter, type DataSet, type SetWriter, type SetWriterParts } from './set-writer.ts';

/** Documents under one licence. */
export interface DataSource {
  readonly name: string;
  /** SPDX expression. */
  readonly licence: string;
  readonly documents: () => AsyncIterable<Document> | Iterable<Document>;
}

export interface PrepareOptions {
  readonly tokenizer: Tokenizer;
  /** SHA-256 of the tokenizer's file. */
  readonly tokenizerHash: Uint8Array;
  /** Positions of a sample. */
  readonly length: number;
  readonly heldOutPermille: number;
  /** Of the run. */
  readonly seed: Uint8Array;
}

/** What became of the documents. */
export interface DataFacts {
  readonly documents: number;
  /** Left out because an equal one came before. */
  readonly duplicates: number;
  /** Texts left out because one came before that differs only in case, punctuation and white space. */
  readonly nearDuplicates: number;
  /** Documents that are held out whole, and long texts whose end is. */
  readonly heldOut: number;
}

export interface PreparedData {
  /** One set for each source that has something to train on. */
  readonly sets: readonly DataSet[];
  readonly heldOut: DataSet;
  readonly facts: DataFacts;
}

/** Texts longer than this, in UTF-16 units, are split themselves: their end is held out. */
const LONG_TEXT = 1 << 18;
/** Documents between two pauses. */
const DOCUMENTS_PER_TURN = 64;

/**
 * Turns documents into sets of tokens: duplicates are left out, part is held out, the rest is written into shards. The
 * same documents in the same order give the same sets.
 *
 * Held out are the documents whose fingerprint falls under `heldOutPermille`; so documents that differ only in case and
 * punctuation are never on both sides. Of a text longer than 256 Ki the end is held out instead. When chance holds out
 * nothing, the document with the lowest number is.
 *
 * @throws TrainingError `DATA_MALFORMED` when too little is left on a side; the reason of an aborted `signal`
 */
export async function prepareData(
  parts: SetWriterParts & LongWork,
  sources: readonly DataSource[],
  options: PrepareOptions,
): Promise<PreparedData> {
  const { tokenizer } = options;
  const seen = { exact: new Set<string>(), loose: new Set<string>() };
  const counts = { documents: 0, duplicates: 0, nearDuplicates: 0, heldOut: 0 };
  const isChat = await holdsChat(sources);
  const fields = {
    tokenizer: options.tokenizerHash,
    layout: isChat ? ('rows' as const) : ('stream' as const),
    length: options.length,
    tokenBytes: tokenizer.model.tokens.length <= 65_536 ? 2 : 4,
  };
  const licences = [...new Set(sources.map(({ licence }) => licence))].sort();
  const heldOutLicence =
    licences.length === 1 ? licences[0]! : licences.map((each) => `(${each})`).join(' AND ');
  const writerOf = (name: string, licence: string) =>
    createSetWriter(parts, { ...fields, name, licence: licence.slice(0, 128) }, tokenizer.endOfText);
  const heldOut = writerOf('held out', heldOutLicence);
  /** The document that is held out when no other is: kept aside until the end. */
  let reserve: { tokens: ChatTokens; score: number; writer: SetWriter } | null = null;
  const sets: DataSet[] = [];
  const writers: SetWriter[] = [];
  for (const source of sources) {
    const writer = writerOf(source.name, source.licence);
    writers.push(writer);
    for await (const document of source.documents()) {
      counts.documents += 1;
      if (counts.documents % DOCUMENTS_PER_TURN === 0) {
        if (parts.signal?.aborted) throw parts.signal.reason;
        await parts.pause?.();
      }
      const print = fingerprintOf(parts.crypto, options.seed, document);
      const isText = document.text !== undefined;
      if (seen.exact.has(print.exact)) counts.duplicates += 1;
      else if (isText && seen.loose.has(print.loose)) counts.nearDuplicates += 1;
      else {
        seen.exact.add(print.exact);
        seen.loose.add(print.loose);
        if (isText && document.text.length > LONG_TEXT) {
          const [train, held] = cutEnd(document.text, options.heldOutPermille);
          counts.heldOut += 1;
          await writer.add(await encodeText(tokenizer, train, parts));
          await heldOut.add(await encodeText(tokenizer, held, parts));
          continue;
        }
        const tokens = isText
          ? await encodeText(tokenizer, document.text, parts)
          : encodeChat(tokenizer, document.messages);
        if (print.permille < options.heldOutPermille) {
          counts.heldOut += 1;
          await heldOut.add(tokens);
        } else if (counts.heldOut > 0) await writer.add(tokens);
        else if (reserve === null) reserve = { tokens, score: print.score, writer };
        else if (print.score < reserve.score) {
          await reserve.writer.add(reserve.tokens);
          reserve = { tokens, score: print.score, writer };
        } else await writer.add(tokens);
      }
    }
  }
  if (reserve !== null) await (counts.heldOut === 0 ? heldOut : reserve.writer).add(reserve.tokens);
  if (reserve !== null && counts.heldOut === 0) counts.heldOut = 1;
  for (const writer of writers) {
    const set = await writer.end();
    if (set.samples > 0) sets.push(set);
  }
  const held = await heldOut.end();
  if (sets.length === 0 || held.samples === 0) {
    const side = sets.length === 0 ? 'to train on' : 'to hold out';
    throw malformedData(
      'the whole',
      null,
      `is too little: nothing is left ${side} in samples of ${options.length}`,
    );
  }
  return { sets, heldOut: held, facts: counts };
}

/** Whether documents are conversations. One run is of one kind. @throws TrainingError `DATA_MALFORMED` */
async function holdsChat(sources: readonly DataSource[]): Promise<boolean> {
  const kinds = new Set<boolean>();
  for (const { documents } of sources) {
    for await (const document of documents()) {
      kinds.add(document.messages !== undefined);
      break;
    }
  }
  if (kinds.size > 1) throw malformedData('the whole', null, 'mixes texts and conversations');
  return kinds.has(true);
}

/** Tokens of a text and the mark that ends it, with a pause after every 64 Ki units. */
async function encodeText(
  tokenizer: Tokenizer,
  text: string,
  { pause, signal }: LongWork,
): Promise<ChatTokens> {
  const ids: number[] = [];
  for (const slice of sliceText(text)) {
    if (ids.length > 0) {
      if (signal?.aborted) throw signal.reason;
      await pause?.();
    }
    for (const id of tokenizer.encode(slice)) ids.push(id);
  }
  ids.push(tokenizer.endOfText);
  return { ids, isLearned: new Array<boolean>(ids.length).fill(true) };
}

/** A text without its end, and its end, cut behind a line break when one is near. */
function cutEnd(text: string, permille: number): [string, string] {
  const wanted = Math.floor((text.length * (1000 - permille)) / 1000);
  const lineEnd = text.indexOf('\n', wanted);
  const cut = lineEnd < 0 || lineEnd - wanted > 4096 ? wanted : lineEnd + 1;
  return [text.slice(0, cut), text.slice(cut)];
}
