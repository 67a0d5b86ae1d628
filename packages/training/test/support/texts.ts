import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { aRandom } from './random.ts';

const GUIDE = new URL('../../../../docs/guide/', import.meta.url);

/** The pages of the guide: real English with tables, code and punctuation. */
export function guidePages(most: number): string[] {
  return readdirSync(fileURLToPath(GUIDE))
    .filter((name) => name.endsWith('.md'))
    .sort()
    .slice(0, most)
    .map((name) => readFileSync(new URL(name, GUIDE), 'utf8'));
}

const PIECES = [
  ...['the', ' The', 'don’t', "can't", "I'll", "'s", "'re", 'WORD', 'é', 'naïve', 'straße', 'ﬁ', 'ß'],
  ...['12', '3', '2026-11-22', '1e9', '٣٤', '²', 'Ⅷ', '½', '१२', '９'],
  ...[' ', '  ', '   ', '\n', '\n\n', '\t', '\r\n', ' \n ', '\u00a0', '\u2003', '\u3000', '\u0085', '\ufeff'],
  ...[
    '.',
    '...',
    '!?',
    '->',
    '{}',
    '"',
    '<|user',
    '|',
    '>',
    '\\',
    '/',
    '_',
    '—',
    '…',
    '€',
    '™',
    '\u200b',
    '\u00ad',
  ],
  ...['日本語', 'テスト', '中文', 'русский', 'Ελλάδα', 'עברית', 'العربية', 'हिन्दी', '한국어', 'ไทย'],
  ...[
    '👍',
    '👩‍👩‍👧',
    '🏳️‍🌈',
    '🇩🇪',
    'e\u0301',
    'a\u0308\u0323',
    '\u0000',
    '\u0007',
    '\u007f',
    '\ufffd',
    '\ud7ff',
  ],
];

/** Texts that tokenizers stumble over: scripts, joiners, white space, control characters, and plain words. */
export function hostileTexts(seed: number, count: number): string[] {
  const random = aRandom(seed);
  return Array.from({ length: count }, () =>
    Array.from({ length: 1 + random.below(24) }, () =>
      random.below(6) === 0 ? String.fromCodePoint(0x20 + random.below(0x2000)) : random.pick(PIECES),
    ).join(''),
  );
}
