import { utf8ToBytes } from '@cairn/core';
import { END_OF_TEXT } from '../recipe/read-data.ts';
import { BYTE_CHARACTERS } from './byte-alphabet.ts';
import { countWords, type LongWork } from './count-words.ts';
import { learnMerges } from './learn-merges.ts';
import { createTokenizer, type Tokenizer } from './tokenizer.ts';

type Texts = Iterable<string> | AsyncIterable<string>;

export interface ByteTokenizerOptions {
  /** Tokens in all: 256 bytes, merges and marks. There can be fewer when the texts repeat too little. */
  readonly vocab: number;
  /** Marks; the one that ends a document is added when it is missing. */
  readonly special?: readonly string[];
  /** Whether every digit stays a token of its own. @default true */
  readonly splitDigits?: boolean;
}

/**
 * Learns a byte-level tokenizer from texts. The same texts in any order give the same tokenizer on every machine.
 *
 * @throws the reason of an aborted `signal`; TrainingError `TOKENIZER_MALFORMED`
 */
export async function trainByteTokenizer(
  texts: Texts,
  { vocab, special = [], splitDigits = true }: ByteTokenizerOptions,
  work: LongWork = {},
): Promise<Tokenizer> {
  const marks = special.includes(END_OF_TEXT) ? special : [...special, END_OF_TEXT];
  const counts = await countWords(texts, splitDigits, work);
  const learned = await learnMerges(counts, Math.max(0, vocab - 256 - marks.length), work);
  const tokens = [...BYTE_CHARACTERS];
  const merges: [string, string][] = [];
  for (const { left, right } of learned) {
    merges.push([tokens[left]!, tokens[right]!]);
    tokens.push(tokens[left]! + tokens[right]!);
  }
  const first = tokens.length;
  return createTokenizer({
    tokens: [...tokens, ...marks],
    merges,
    special: new Map(marks.map((mark, index) => [mark, first + index])),
    splitDigits,
  });
}

/**
 * A tokenizer of the characters that stand in the texts, as nanoGPT's recipe for Shakespeare has it: one token for each
 * ASCII character, the bytes of UTF-8 for others. It knows no further ones.
 */
export async function trainCharacterTokenizer(
  texts: Texts,
  { pause, signal }: LongWork = {},
): Promise<Tokenizer> {
  const isSeen = new Uint8Array(256);
  for await (const text of texts) {
    for (const byte of utf8ToBytes(text)) isSeen[byte] = 1;
    if (signal?.aborted) throw signal.reason;
    await pause?.();
  }
  const tokens = BYTE_CHARACTERS.filter((_, byte) => isSeen[byte] === 1);
  return createTokenizer({
    tokens: [...tokens, END_OF_TEXT],
    merges: [],
    special: new Map([[END_OF_TEXT, tokens.length]]),
    splitDigits: false,
  });
}
