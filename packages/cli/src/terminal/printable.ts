/** Control, formatting, private, unassigned and lone surrogate characters, and the two line separators. */
const UNSAFE = /[\p{C}\p{Zl}\p{Zp}]/gu;

const escaped = (character: string) => `\\u{${character.codePointAt(0)!.toString(16)}}`;

/**
 * A stranger's text as one harmless line: nothing in it can move the cursor, colour the terminal, hide or
 * reorder what stands beside it.
 */
export function printable(text: string): string {
  return text.replace(UNSAFE, escaped);
}

/** As `printable`, but keeps line breaks and tabs: for answers of models. */
export function printableText(text: string): string {
  return text.replace(UNSAFE, (character) =>
    character === '\n' || character === '\t' ? character : character === '\r' ? '' : escaped(character),
  );
}
