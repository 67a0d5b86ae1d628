import { TrainingError } from '../errors.ts';
import type { ChatMessage } from '../tokenizer/chat-template.ts';
import { sliceText } from '../tokenizer/split-words.ts';

/** One piece of data: a text to go on with, or a conversation whose answers are learned. */
export type Document =
  | { readonly text: string; readonly messages?: undefined }
  | { readonly messages: readonly ChatMessage[]; readonly text?: undefined };

/** Longest line or field that is read, in UTF-16 units. */
export const MAX_DOCUMENT_LENGTH = 1 << 23;
/** Most messages of one conversation. */
const MAX_MESSAGES = 256;

export function malformedData(source: string, line: number | null, reason: string): TrainingError {
  const place = line === null ? source : `${source}, line ${line}`;
  return new TrainingError(
    { code: 'DATA_MALFORMED', source, line, reason },
    `The data cannot be used: ${place} ${reason}. Correct or remove it.`,
  );
}

/**
 * The document of one line of JSON: a text in a field, or `messages` of a conversation (or `prompt` and `completion`,
 * or `instruction` and `output`, which are a conversation of two).
 *
 * @param source what the line is from, for messages.
 * @param line counted from one.
 * @throws TrainingError `DATA_MALFORMED`
 */
export function parseLine(
  text: string,
  kind: 'jsonl' | 'chat',
  field: string,
  source: string,
  line: number,
): Document {
  if (text.length > MAX_DOCUMENT_LENGTH) throw malformedData(source, line, 'is longer than 8 MiB');
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    // The text can be private, so it is not shown.
    throw malformedData(source, line, 'is not JSON');
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    throw malformedData(source, line, 'is no object');
  return readDocument(json as Readonly<Record<string, unknown>>, kind, field, source, line);
}

/** As `parseLine`, from a row that is parsed already, such as one of a Parquet file. */
export function readDocument(
  row: Readonly<Record<string, unknown>>,
  kind: 'jsonl' | 'chat',
  field: string,
  source: string,
  line: number,
): Document {
  if (kind === 'chat') return { messages: readMessages(row, source, line) };
  const text = Object.hasOwn(row, field) ? row[field] : undefined;
  if (typeof text !== 'string') throw malformedData(source, line, `has no text in the field ${field}`);
  if (text.length > MAX_DOCUMENT_LENGTH) throw malformedData(source, line, 'is longer than 8 MiB');
  return { text };
}

const PAIRS = [
  ['prompt', 'completion'],
  ['instruction', 'output'],
  ['question', 'answer'],
] as const;

function readMessages(row: Readonly<Record<string, unknown>>, source: string, line: number): ChatMessage[] {
  for (const [asked, answered] of PAIRS) {
    const [question, answer] = [row[asked], row[answered]];
    if (typeof question === 'string' && typeof answer === 'string')
      return [
        { role: 'user', content: question },
        { role: 'assistant', content: answer },
      ];
  }
  const { messages } = row;
  if (!Array.isArray(messages) || messages.length === 0 || messages.length > MAX_MESSAGES)
    throw malformedData(source, line, 'has no messages');
  const read = messages.map((message: unknown) => {
    const { role, content } = (message ?? {}) as Record<string, unknown>;
    if ((role !== 'user' && role !== 'assistant' && role !== 'system') || typeof content !== 'string')
      throw malformedData(source, line, 'has a message without role and content');
    return { role, content } as const;
  });
  if (!read.some(({ role }) => role === 'assistant'))
    throw malformedData(source, line, 'has no answer to learn from');
  return read;
}

/** Longer texts are cut into several documents. In UTF-16 units. */
const MAX_TEXT_LENGTH = 1 << 22;

/** A text of any length in documents of at most 4 Mi units, cut behind line breaks where there are any. */
export function* cutText(text: string): Generator<Document, void> {
  for (const piece of sliceText(text, MAX_TEXT_LENGTH)) yield { text: piece };
}
