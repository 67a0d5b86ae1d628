/** Cuts a text where no token may reach across: GPT-2's pattern, with Unicode's own idea of white space. */
export const WORD_PATTERN =
  "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\p{White_Space}\\p{L}\\p{N}]+|\\p{White_Space}+(?!\\P{White_Space})|\\p{White_Space}+";
/** Cuts every digit off first, so that numbers are read digit by digit. */
export const DIGIT_PATTERN = '\\p{N}';

const WORD = new RegExp(WORD_PATTERN, 'gu');
const DIGIT_OR_REST = /\p{N}|\P{N}+/gu;

/** The words of a text, in order; together they are the text. */
export function* splitWords(text: string, splitDigits: boolean): Generator<string, void> {
  const pieces = splitDigits ? (text.match(DIGIT_OR_REST) ?? []) : [text];
  for (const piece of pieces) for (const [word] of piece.matchAll(WORD)) yield word;
}
