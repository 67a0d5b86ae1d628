import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { createNativeCrypto } from '@cairn/chain';
import { bytesToHex, u64ToBytes, utf8ToBytes } from '@cairn/core';
import {
  createTokenBatches,
  type DataSet,
  parseRecipe,
  parseTokenizerJson,
  prepareData,
  type Recipe,
  type TokenBatches,
  type Tokenizer,
  trainByteTokenizer,
  writeTokenizerJson,
} from '@cairn/training';
import { readSource } from '@cairn/training/node';
import { SPECIALISTS } from './index.ts';
import type { Specialist } from './specialist.ts';
import { writeExamples } from './write-examples.ts';

export const crypto = createNativeCrypto();

/** Examples that are written when the recipe's data are not there yet. */
const EXAMPLES = 200_000;

/** Everything that stands before the first step. */
export interface Workshop {
  readonly recipe: Recipe;
  readonly specialist: Specialist;
  readonly out: string;
  readonly tokenizer: Tokenizer;
  readonly batches: TokenBatches;
  readonly sets: readonly DataSet[];
}

/** Reads the recipe, writes examples when there are none, and makes tokenizer and shards. */
export async function openWorkshop(
  recipePath: string,
  out: string,
  say: (text: string) => void,
): Promise<Workshop> {
  const recipe = parseRecipe(await readFile(recipePath, 'utf8'));
  const name = recipe.release.tasks[0] ?? '';
  const specialist = SPECIALISTS[name];
  const [source] = recipe.data;
  if (specialist === undefined || source === undefined || recipe.tokenizer.kind !== 'bytes')
    throw new Error(
      `${recipePath} is of no specialist: its first task is one of ${Object.keys(SPECIALISTS).join(', ')}.`,
    );
  const path = resolve(dirname(recipePath), source.path);
  if (!existsSync(path)) {
    say(`writing ${EXAMPLES} examples`);
    await writeExamples(specialist, EXAMPLES, path);
  }
  await mkdir(out, { recursive: true });
  const documents = () => readSource(path, source);
  const tokenizerPath = join(out, 'tokenizer.json');
  if (!existsSync(tokenizerPath)) {
    say('learning the tokenizer');
    async function* texts() {
      let left = 50_000;
      for await (const { messages } of documents()) {
        for (const { content } of messages ?? []) yield content;
        if (--left === 0) return;
      }
    }
    const made = await trainByteTokenizer(texts(), recipe.tokenizer);
    await writeWhole(tokenizerPath, utf8ToBytes(writeTokenizerJson(made.model)));
  }
  const tokenizerText = await readFile(tokenizerPath, 'utf8');
  const tokenizer = parseTokenizerJson(tokenizerText);
  say('preparing the data');
  const blobs = new Map<string, Uint8Array>();
  const seed = u64ToBytes(BigInt(recipe.seed));
  const prepared = await prepareData(
    { crypto, keep: async (bytes) => blobs.set(bytesToHex(crypto.sha256(bytes)), bytes) },
    [{ name: basename(path), licence: source.licence, documents }],
    {
      tokenizer,
      tokenizerHash: crypto.sha256(utf8ToBytes(tokenizerText)),
      length: recipe.batch.length,
      heldOutPermille: recipe.heldOutPermille,
      seed,
    },
  );
  const { documents: read, duplicates } = prepared.facts;
  say(`${read} examples, ${duplicates} of them twice; ${prepared.sets[0]!.samples} samples`);
  const batches = createTokenBatches(
    { crypto, read: async (hash) => blobs.get(bytesToHex(hash))! },
    {
      sets: prepared.sets.map(({ index }) => index),
      heldOut: prepared.heldOut.index,
      rows: recipe.batch.rows,
      seed,
      vocab: tokenizer.model.tokens.length,
    },
  );
  return { recipe, specialist, out, tokenizer, batches, sets: prepared.sets };
}

/** Writes a file so that it is there whole or not at all. */
export async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  await writeFile(`${path}.part`, bytes);
  await rename(`${path}.part`, path);
}
