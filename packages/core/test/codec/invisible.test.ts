import { expect, it } from 'vitest';
import { decode, text, utf8ToBytes } from '../../src/index.ts';

const isAllowed = (code: number): boolean => {
  try {
    decode(text(4), utf8ToBytes(String.fromCodePoint(code)));
    return true;
  } catch {
    return false;
  }
};

it('refuses the invisible characters of Unicode 17 and no others, whatever the engine knows', () => {
  const refused: number[] = [];
  for (let code = 0; code <= 0x10_ffff; code++) {
    if (code >= 0xd800 && code < 0xe000) continue;
    if (!isAllowed(code)) refused.push(code);
  }
  expect(refused.length).toBe(237);
  for (const code of refused) expect(String.fromCodePoint(code)).toMatch(/^[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]$/u);
});
