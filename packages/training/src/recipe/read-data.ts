import { type Fields, malformed } from './fields.ts';

/** How texts become tokens. */
export type TokenizerRecipe =
  | { readonly kind: 'characters' }
  | {
      /** Byte-level pairs, learned from the data. */
      readonly kind: 'bytes';
      /** Tokens in all, of which 256 are the bytes and some are special. */
      readonly vocab: number;
      /** Marks that no text can contain, such as `<|user|>`. */
      readonly special: readonly string[];
      /** Whether runs of digits stay single digits, which arithmetic and copying need. */
      readonly splitDigits: boolean;
    }
  | {
      /** A `tokenizer.json` that stands already. */
      readonly kind: 'file';
      readonly path: string;
    }
  | {
      /** That of the run it goes on from. */
      readonly kind: 'parent';
    };

export const SOURCE_KINDS = ['text', 'jsonl', 'parquet', 'chat'] as const;

/** One file or folder of texts. */
export interface SourceRecipe {
  /** Relative to the recipe. */
  readonly path: string;
  /** `chat` is JSONL whose lines hold messages; only the assistant's words are learned. */
  readonly kind: (typeof SOURCE_KINDS)[number];
  /** Field of the lines or rows that holds the text. */
  readonly field: string;
  /** SPDX expression. */
  readonly licence: string;
}

/** The mark that ends a document, which every tokenizer of ours has. */
export const END_OF_TEXT = '<|endoftext|>';

const MAX_SOURCES = 64;
const MAX_VOCAB = 1 << 20;

/** @param isFork whether the run goes on from another. @throws TrainingError `RECIPE_MALFORMED` */
export function readTokenizer(recipe: Fields, isFork: boolean): TokenizerRecipe {
  if (isFork && !recipe.has('tokenizer')) return { kind: 'parent' };
  const all = recipe.object('tokenizer', ['kind', 'vocab', 'special', 'splitDigits', 'path']);
  const kind = all.choice('kind', ['characters', 'bytes', 'file', 'parent'] as const);
  if (kind === 'parent' && !isFork) throw all.refuse('kind', 'is parent, and the recipe names no parent');
  if (isFork && kind !== 'parent' && kind !== 'file')
    throw all.refuse(
      'kind',
      `is ${kind}, and the weights of a parent fit no tokenizer but its own: leave tokenizer out`,
    );
  switch (kind) {
    case 'parent':
      recipe.object('tokenizer', ['kind']);
      return { kind: 'parent' };
    case 'characters':
      recipe.object('tokenizer', ['kind']);
      return { kind: 'characters' };
    case 'file':
      return { kind: 'file', path: readPath(recipe.object('tokenizer', ['kind', 'path'])) };
    default: {
      const fields = recipe.object('tokenizer', ['kind', 'vocab', 'special', 'splitDigits']);
      const written = fields.texts('special', 256, [END_OF_TEXT]);
      const special = written.includes(END_OF_TEXT) ? written : [...written, END_OF_TEXT];
      const vocab = fields.whole('vocab', 256 + special.length, MAX_VOCAB);
      if (special.some((mark) => mark.length > 64))
        throw fields.refuse('special', 'has a mark over 64 characters');
      return { kind: 'bytes', vocab, special, splitDigits: fields.flag('splitDigits', true) };
    }
  }
}

/** @throws TrainingError `RECIPE_MALFORMED` */
export function readData(recipe: Fields): SourceRecipe[] {
  return recipe.objects('data', ['path', 'kind', 'field', 'licence'], MAX_SOURCES).map((fields) => {
    const licence = fields.text('licence', 128);
    if (!isLicence(licence))
      throw malformed(`${fields.path}.licence`, 'is no SPDX expression, such as Apache-2.0 or CC0-1.0');
    const kind = fields.choice('kind', SOURCE_KINDS, 'text');
    return { path: readPath(fields), kind, field: fields.text('field', 64, 'text'), licence };
  });
}

function readPath(fields: Fields): string {
  const path = fields.text('path', 500);
  if (path.includes('\0')) throw fields.refuse('path', 'holds a zero byte');
  return path;
}

/** Whether a text has the form of an SPDX expression. Which licences there are is not checked. */
export function isLicence(text: string): boolean {
  const words = text.replaceAll(/[()]/g, ' ').trim().split(/ +/);
  return (
    words.length % 2 === 1 &&
    words.every((word, index) =>
      index % 2 === 1
        ? /^(AND|OR|WITH)$/.test(word)
        : /^[A-Za-z0-9][A-Za-z0-9.+-]*(:[A-Za-z0-9.+-]+)?$/.test(word),
    )
  );
}
