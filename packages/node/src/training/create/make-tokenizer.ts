import { readFile } from 'node:fs/promises';
import { areBytesEqual, type Crypto, utf8ToBytes } from '@cairn/core';
import {
  type LongWork,
  malformedRecipe,
  parseTokenizerJson,
  type Recipe,
  type Tokenizer,
  trainByteTokenizer,
  trainCharacterTokenizer,
  writeTokenizerJson,
} from '@cairn/training';
import { readSource } from '@cairn/training/node';
import type { BroughtParent } from './find-parent.ts';

export interface MadeTokenizer {
  readonly tokenizer: Tokenizer;
  /** Its `tokenizer.json`, whose SHA-256 names it. */
  readonly bytes: Uint8Array;
}

/**
 * The tokenizer of a recipe: learned from its data, read from a file, or that of its parent.
 *
 * @throws TrainingError `TOKENIZER_MALFORMED`, `DATA_MALFORMED`; `RECIPE_MALFORMED` for another than the parent's
 */
export async function makeTokenizer(
  crypto: Pick<Crypto, 'sha256'>,
  recipe: Recipe,
  pathOf: (path: string) => string,
  work: LongWork,
  parent: BroughtParent | null,
): Promise<MadeTokenizer> {
  if (parent !== null && recipe.tokenizer.kind === 'parent')
    return { tokenizer: parent.tokenizer, bytes: parent.tokenizerBytes };
  const tokenizer = await readOrLearn(recipe, pathOf, work);
  const bytes = utf8ToBytes(writeTokenizerJson(tokenizer.model));
  if (parent !== null && !areBytesEqual(crypto.sha256(bytes), crypto.sha256(parent.tokenizerBytes)))
    throw malformedRecipe(
      'tokenizer.path',
      "names another tokenizer than the parent's, which its weights were trained with: leave tokenizer out",
    );
  return { tokenizer, bytes };
}

async function readOrLearn(
  { tokenizer, data }: Recipe,
  pathOf: (path: string) => string,
  work: LongWork,
): Promise<Tokenizer> {
  async function* texts(): AsyncGenerator<string> {
    for (const source of data)
      for await (const document of readSource(pathOf(source.path), source)) {
        if (document.text !== undefined) yield document.text;
        else for (const { content } of document.messages) yield content;
      }
  }
  switch (tokenizer.kind) {
    case 'file':
      return parseTokenizerJson(await readFile(pathOf(tokenizer.path), 'utf8'));
    case 'characters':
      return trainCharacterTokenizer(texts(), work);
    case 'bytes':
      return trainByteTokenizer(texts(), tokenizer, work);
    default:
      throw malformedRecipe('tokenizer.kind', 'is parent, and there is no parent here');
  }
}
