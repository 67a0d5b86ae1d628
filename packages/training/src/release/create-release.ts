import { bytesToHex, type Crypto, concatBytes, utf8ToBytes } from '@cairn/core';
import { merkleRoot, type TensorTable } from '@cairn/protocol';
import { modelTensors } from '../compute/model/tensors.ts';
import type { ReleaseType } from '../recipe/read-release.ts';
import type { Tokenizer } from '../tokenizer/tokenizer.ts';
import { writeTokenizerJson } from '../tokenizer/tokenizer-json.ts';
import { writeModelGguf } from '../weights/model-gguf.ts';
import { writeSafetensors } from '../weights/safetensors.ts';
import { createCard, type ReleaseCard, type ReleasedFile, writeReadme } from './card.ts';
import type { ReleasedEvaluation, ReleaseFacts } from './facts.ts';
import { writeConfig, writeTokenizerConfig } from './hugging-face.ts';

export interface ReleaseParts {
  readonly crypto: Crypto;
  /** Keeps one file of the release, by its name. */
  readonly keep: (path: string, bytes: Uint8Array) => Promise<unknown>;
  /**
   * Asks a file of the release, once it is kept, what it knows. Without it the release has the evaluations of the facts
   * alone.
   */
  readonly evaluate?: (path: string) => Promise<readonly ReleasedEvaluation[]>;
}

export interface ReleaseInput {
  readonly facts: ReleaseFacts;
  readonly weights: TensorTable;
  readonly tokenizer: Tokenizer;
  /** Types of GGUF files. */
  readonly types: readonly ReleaseType[];
}

export interface Release {
  readonly files: readonly ReleasedFile[];
  readonly card: ReleaseCard;
}

/** Bytes of one leaf of the tree over a file, as the registry has it. */
const CHUNK_BYTES = 1 << 20;

/** File name of a GGUF of a release. */
export function ggufFileOf(name: string, type: ReleaseType): string {
  return `${name.replace(/^.*\//, '')}-${type}.gguf`;
}

/**
 * Makes every file of a release: GGUF in the types asked for, safetensors with the files Hugging Face wants, the
 * tokenizer, a card for the registry (`card.json`) and one for people (`README.md`). One file is in memory at a time.
 *
 * @throws TrainingError `WEIGHTS_MALFORMED`, `RELEASE_MALFORMED`
 */
export async function createRelease(parts: ReleaseParts, input: ReleaseInput): Promise<Release> {
  const { facts, weights, tokenizer, types } = input;
  const { model } = facts;
  const files: ReleasedFile[] = [];
  const add = async (path: string, bytes: Uint8Array, about: Partial<ReleasedFile> = {}): Promise<void> => {
    await parts.keep(path, bytes);
    files.push({ ...{ path, format: 'other', quantisation: '' }, ...digest(parts.crypto, bytes), ...about });
  };
  const tokenizerJson = utf8ToBytes(writeTokenizerJson(tokenizer.model));
  const description = {
    name: facts.name,
    description: facts.description,
    licence: facts.licence,
    isChat: facts.prompt === 'chat',
  };
  const evaluations = [...facts.evaluations];
  for (const type of types) {
    const path = ggufFileOf(facts.name, type);
    const pieces = writeModelGguf(model, weights, tokenizer, type, description);
    await add(path, concatBytes(...pieces), { format: 'gguf', quantisation: type });
    evaluations.push(...((await parts.evaluate?.(path)) ?? []));
  }
  const pieces = writeSafetensors(modelTensors(model), weights, { name: facts.name, version: facts.version });
  await add('model.safetensors', concatBytes(...pieces), { format: 'safetensors', quantisation: 'f32' });
  await add('config.json', utf8ToBytes(writeConfig(model, tokenizer)));
  await add('tokenizer.json', tokenizerJson);
  await add('tokenizer_config.json', utf8ToBytes(writeTokenizerConfig(model, facts.prompt)));
  const measured = { ...facts, evaluations };
  const card = createCard(measured, files, bytesToHex(parts.crypto.sha256(tokenizerJson)));
  await parts.keep('README.md', utf8ToBytes(writeReadme(measured, files)));
  await parts.keep('card.json', utf8ToBytes(`${JSON.stringify(withFiles(card), null, 2)}\n`));
  return { files, card };
}

/** The card on disk names the files beside it, so that `cairn model publish` measures them again. */
const withFiles = (card: ReleaseCard) => ({
  ...card,
  artifacts: card.artifacts.map((artifact) => ({ file: artifact.path, ...artifact })),
});

function digest(
  crypto: Crypto,
  bytes: Uint8Array,
): Pick<ReleasedFile, 'sizeBytes' | 'sha256' | 'merkleRoot'> {
  const chunks: Uint8Array[] = [];
  for (let start = 0; start === 0 || start < bytes.length; start += CHUNK_BYTES)
    chunks.push(bytes.subarray(start, start + CHUNK_BYTES));
  return {
    sizeBytes: bytes.length,
    sha256: bytesToHex(crypto.sha256(bytes)),
    merkleRoot: bytesToHex(merkleRoot(crypto, chunks)),
  };
}
