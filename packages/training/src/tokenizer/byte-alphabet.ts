/**
 * A printable character for each byte, as GPT-2 chose them: printable Latin bytes stand for themselves, the others for
 * characters from U+0100 on. Files of tokenizers write tokens in this alphabet.
 */
export const BYTE_CHARACTERS: readonly string[] = chooseCharacters();

const BYTE_OF = new Map(BYTE_CHARACTERS.map((character, byte) => [character, byte]));

function chooseCharacters(): string[] {
  const isPrintable = (byte: number) =>
    (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || (byte >= 174 && byte <= 255);
  let next = 256;
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(isPrintable(byte) ? byte : next++));
}

/** The bytes a token stands for; null when a character is not of the alphabet. */
export function tokenToBytes(token: string): Uint8Array<ArrayBuffer> | null {
  const bytes = new Uint8Array(token.length);
  for (let i = 0; i < token.length; i++) {
    const byte = BYTE_OF.get(token[i]!);
    if (byte === undefined) return null;
    bytes[i] = byte;
  }
  return bytes;
}
