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

/** Longest piece that is worked on without a pause, in UTF-16 units: a few milliseconds. */
const SLICE_LENGTH = 1 << 16;

/** A text in pieces, cut behind line breaks where there are any; words that reach over a cut are two. */
export function* sliceText(text: string, longest: number = SLICE_LENGTH): Generator<string, void> {
  for (let start = 0; start < text.length; ) {
    let end = Math.min(text.length, start + longest);
    if (end < text.length) {
      const lineEnd = text.lastIndexOf('\n', end - 1) + 1;
      if (lineEnd > start) end = lineEnd;
      // A character of two units stays whole.
      else if ((text.charCodeAt(end) & 0xfc00) === 0xdc00) end -= 1;
    }
    yield text.slice(start, end);
    start = end;
  }
}
