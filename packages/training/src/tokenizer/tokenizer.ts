import { utf8ToBytes } from '@cairn/core';
import { TrainingError } from '../errors.ts';
import { END_OF_TEXT } from '../recipe/read-data.ts';
import { BYTE_CHARACTERS, tokenToBytes } from './byte-alphabet.ts';
import { MAX_TOKENS, type Merge, mergeWord, pairKey } from './merge-word.ts';
import { splitWords } from './split-words.ts';

/** What a tokenizer is made of. It is also what files of tokenizers hold. */
export interface TokenizerModel {
  /** Tokens by id, in the alphabet of bytes; special ones as they are written. */
  readonly tokens: readonly string[];
  /** Pairs of tokens that become one, those learned first first. */
  readonly merges: readonly (readonly [left: string, right: string])[];
  /** Marks that stand outside of any text, by name. */
  readonly special: ReadonlyMap<string, number>;
  /** Whether every digit is a token of its own. */
  readonly splitDigits: boolean;
}

export interface Tokenizer {
  readonly model: TokenizerModel;
  /** The mark that ends a document. */
  readonly endOfText: number;
  /**
   * Tokens of a text. Marks written in the text stay text: nobody can forge one. Bytes that are no token (a tokenizer
   * of characters knows only those it has seen) are left out, as llama.cpp does.
   */
  encode(text: string): number[];
  /** The text of tokens, without marks; bytes that are no UTF-8 become U+FFFD. */
  decode(ids: readonly number[]): string;
  /** Id of a special mark. @throws TrainingError `TOKENIZER_MALFORMED` when there is none of this name. */
  markOf(name: string): number;
}

/** Words whose tokens are remembered. */
const CACHE_WORDS = 1 << 16;
/** Longer words are not remembered, so that strangers' texts cannot fill the memory. */
const CACHE_WORD_LENGTH = 64;

export function malformedTokenizer(reason: string): TrainingError {
  return new TrainingError(
    { code: 'TOKENIZER_MALFORMED', reason },
    `The tokenizer cannot be used: ${reason}. Make it anew with the recipe's tokenizer.`,
  );
}

/** @throws TrainingError `TOKENIZER_MALFORMED` when tokens, merges and marks do not belong together. */
export function createTokenizer(model: TokenizerModel): Tokenizer {
  const idOf = indexTokens(model);
  const byteIds = Int32Array.from(BYTE_CHARACTERS, (character) => idOf.get(character) ?? -1);
  const merges = indexMerges(model, idOf);
  const special = new Set(model.special.values());
  const bytesOf = model.tokens.map((token, id) =>
    special.has(id) ? new Uint8Array() : tokenToBytes(token)!,
  );
  const endOfText = model.special.get(END_OF_TEXT);
  if (endOfText === undefined) throw malformedTokenizer(`it has no mark ${END_OF_TEXT}`);
  const cache = new Map<string, readonly number[]>();
  const tokensOf = (word: string): readonly number[] => {
    const known = cache.get(word);
    if (known !== undefined) return known;
    const symbols = Int32Array.from(utf8ToBytes(word), (byte) => byteIds[byte]!).filter((id) => id >= 0);
    const tokens = mergeWord(symbols, merges);
    if (word.length <= CACHE_WORD_LENGTH && cache.size < CACHE_WORDS) cache.set(word, tokens);
    return tokens;
  };
  return {
    model,
    endOfText,
    encode(text) {
      const ids: number[] = [];
      for (const word of splitWords(text, model.splitDigits)) for (const id of tokensOf(word)) ids.push(id);
      return ids;
    },
    decode(ids) {
      const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
      let text = '';
      for (const id of ids) {
        const bytes = bytesOf[id];
        if (bytes === undefined) throw malformedTokenizer(`there is no token ${id}`);
        text += decoder.decode(bytes, { stream: true });
      }
      return text + decoder.decode();
    },
    markOf(name) {
      const id = model.special.get(name);
      if (id === undefined) throw malformedTokenizer(`it has no mark ${name}`);
      return id;
    },
  };
}

function indexTokens({ tokens, special }: TokenizerModel): Map<string, number> {
  if (tokens.length === 0 || tokens.length > MAX_TOKENS)
    throw malformedTokenizer(`it has ${tokens.length} tokens; 1 to ${MAX_TOKENS} are possible`);
  const marks = new Set(special.values());
  const idOf = new Map<string, number>();
  const seen = new Set<string>();
  for (const [id, token] of tokens.entries()) {
    if (seen.has(token)) throw malformedTokenizer(`the token ${JSON.stringify(token)} stands twice`);
    seen.add(token);
    if (marks.has(id)) continue;
    if (token === '' || tokenToBytes(token) === null)
      throw malformedTokenizer(`the token ${JSON.stringify(token)} is not written in the alphabet of bytes`);
    idOf.set(token, id);
  }
  for (const [name, id] of special)
    if (tokens[id] !== name) throw malformedTokenizer(`its mark ${JSON.stringify(name)} is not token ${id}`);
  return idOf;
}

function indexMerges({ merges }: TokenizerModel, idOf: ReadonlyMap<string, number>): Map<number, Merge> {
  const table = new Map<number, Merge>();
  for (const [rank, [left, right]] of merges.entries()) {
    const leftId = idOf.get(left);
    const rightId = idOf.get(right);
    const id = idOf.get(left + right);
    if (leftId === undefined || rightId === undefined || id === undefined)
      throw malformedTokenizer(`its merge ${rank} names a token that it does not have`);
    const key = pairKey(leftId, rightId);
    if (table.has(key)) throw malformedTokenizer(`its merge ${rank} stands twice`);
    table.set(key, { rank, id });
  }
  return table;
}
