import {
  account,
  areBytesEqual,
  bytes32,
  bytesToHex,
  type Crypto,
  choice,
  concatBytes,
  encode,
  list,
  struct,
  text,
  u8,
  u16,
  u32,
  u64,
  utf8ToBytes,
  type ValueOf,
  withDefault,
} from '@cairn/core';
import { MAX_ROYALTY_BPS } from './royalties.ts';

/** What is served. The numbers on the wire are the places in these lists: new ones go to the end. */
export const MODEL_KINDS = [
  'chat',
  'embed',
  'image',
  'audio',
  'rank',
  'moderation',
  'function',
  'container',
  'dataset',
] as const;
export type ModelKind = (typeof MODEL_KINDS)[number];

/**
 * What the bytes of an artifact are. `wasm` and `javascript` are functions, `oci` is the manifest of a container
 * image, `data` is a file of a data set.
 */
export const ARTIFACT_FORMATS = [
  'gguf',
  'safetensors',
  'onnx',
  'upstream',
  'wasm',
  'javascript',
  'oci',
  'data',
] as const;

const NO_HASH = new Uint8Array(32);

/** Most files of one model. */
export const MAX_ARTIFACTS = 16;

/**
 * One file of a model. The quantisation is part of its identity: another one is another artifact,
 * so a provider cannot silently swap it. `upstream` artifacts are names at a server whose bytes nobody can check.
 */
export const artifactShape = struct('Artifact', {
  path: text(200),
  format: choice('format', ARTIFACT_FORMATS, u8),
  quantisation: text(32),
  sizeBytes: u64,
  /** SHA-256 of the file: the artifact's id on offers, vouchers and receipts. */
  sha256: bytes32,
  /** Root over 1 MiB chunks, for challenges of single chunks. */
  merkleRoot: bytes32,
});
export type Artifact = ValueOf<typeof artifactShape>;

/** How many of so many trials of a task were right, by the owner's own word. */
const claimedEvaluationShape = struct('ClaimedEvaluation', {
  /** SHA-256 of the artifact that answered. */
  artifact: bytes32,
  task: text(48),
  right: u32,
  trials: u32,
  /** SHA-256 of what it can be checked with, such as the set of questions; zeros: nothing. */
  evidence: withDefault(bytes32, NO_HASH),
});
export type ClaimedEvaluation = ValueOf<typeof claimedEvaluationShape>;

export const modelCardShape = struct('ModelCard', {
  /** `owner/model`. */
  name: text(96),
  version: text(32),
  owner: account,
  kind: choice('kind', MODEL_KINDS, u8),
  description: text(400),
  artifacts: list(artifactShape, MAX_ARTIFACTS),
  parameters: u64,
  contextTokens: u32,
  /** SPDX expression. */
  licence: text(128),
  /** Models it was made from. */
  parents: list(bytes32, 8),
  capabilities: list(text(32), 16),
  /**
   * Share of settled payments that goes to the owner of this model, in hundredths of a percent: for its own answers
   * and for those of every model made from it.
   */
  royaltyBps: u16,
  /** SHA-256 of the tokenizer's file; zeros: it is part of the artifacts. */
  tokenizerHash: withDefault(bytes32, NO_HASH),
  /** SHA-256 of the chat template's text; zeros: it is part of the artifacts, or there is none. */
  chatTemplateHash: withDefault(bytes32, NO_HASH),
  /** What it is good for, such as `crontab` or `translate`. */
  tasks: withDefault(list(text(48), 16), []),
  /** Languages it was made for, as BCP 47 tags such as `en` or `pt-br`. */
  languages: withDefault(list(text(16), 32), []),
  /** What its owner claims to have measured. What validators measured is in records of their own. */
  evaluations: withDefault(list(claimedEvaluationShape, 16), []),
});
export type ModelCard = ValueOf<typeof modelCardShape>;

/** Id of a model: any change of the card is another model. */
export function modelIdOf(crypto: Crypto, card: ModelCard): Uint8Array {
  return crypto.sha256(concatBytes(utf8ToBytes('cairn/model/v1'), encode(modelCardShape, card)));
}

/** Sentence for what is wrong with a card that decodes; null when it is fine. */
export function findCardFault(card: ModelCard): string | null {
  if (!/^[a-z0-9][a-z0-9._-]{0,46}\/[a-z0-9][a-z0-9._-]{0,47}$/.test(card.name)) {
    return 'The name is owner/model in lower-case letters, digits, dots, dashes and underscores.';
  }
  if (card.artifacts.length === 0) return 'A model has at least one artifact.';
  if (areRepeated(card.artifacts.map(({ sha256 }) => sha256))) return 'Two artifacts have the same SHA-256.';
  if (areRepeated(card.parents)) return 'A parent is named twice.';
  if (!card.artifacts.every(isPathSafe)) {
    return 'The path of an artifact is relative, with slashes, without empty, dot or double-dot parts.';
  }
  if (card.licence === '') return 'A licence is needed, as an SPDX expression such as Apache-2.0.';
  if (card.royaltyBps > MAX_ROYALTY_BPS)
    return `A royalty is at most ${MAX_ROYALTY_BPS} hundredths of a percent.`;
  if (!card.tasks.every(isTask)) return 'A task is named in lower-case letters, digits, dots and dashes.';
  if (!card.languages.every((tag) => /^[a-z]{2,3}(-[a-z0-9]{2,8})*$/.test(tag)))
    return 'A language is a lower-case tag such as en or pt-br.';
  if ([card.tasks, card.languages].some((named) => new Set(named).size < named.length))
    return 'A task or a language is named twice.';
  return findEvaluationFault(card);
}

/** Whether a task is named as all name it. */
export function isTask(task: string): boolean {
  return /^[a-z0-9][a-z0-9.-]*$/.test(task);
}

function findEvaluationFault({ evaluations, artifacts }: ModelCard): string | null {
  for (const { artifact, task, right, trials } of evaluations) {
    if (!isTask(task)) return 'An evaluation is of a task in lower-case letters, digits, dots and dashes.';
    if (trials === 0 || right > trials) return `An evaluation says ${right} of ${trials} were right.`;
    if (!artifacts.some(({ sha256 }) => areBytesEqual(sha256, artifact)))
      return `An evaluation is of ${bytesToHex(artifact)}, which is no artifact of this model.`;
  }
  return null;
}

function areRepeated(ids: readonly Uint8Array[]): boolean {
  return new Set(ids.map(bytesToHex)).size < ids.length;
}

/** A file of a model never lies outside the folder it is fetched into. Names at an upstream are no paths. */
function isPathSafe({ path, format }: Artifact): boolean {
  if (format === 'upstream') return path !== '';
  const isPart = (part: string) => part !== '' && part !== '.' && part !== '..';
  return !/[\\:]/.test(path) && path.split('/').every(isPart);
}
