import { open } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { CairnError } from '@cairn/core';
import { findCardFault, type ModelCard, modelCardShape } from '@cairn/sdk';
import { CliError } from '../errors.ts';

/** Larger cards do not fit the ledger. */
const MAX_CARD_BYTES = 65_536;

const NO_HASH = '0'.repeat(64);

/** What a card may leave out. */
const DEFAULTS = { description: '', parents: [], capabilities: [], royaltyBps: 0 } as const;

function malformed(path: string, reason: string): CliError {
  return new CliError(
    { code: 'FILE_MALFORMED', path, reason },
    `${path} is no model card: ${reason} See docs/guide/models.md#publish-a-card for one.`,
  );
}

async function readText(path: string): Promise<string> {
  try {
    await using file = await open(path);
    const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(MAX_CARD_BYTES + 1) });
    if (bytesRead > MAX_CARD_BYTES) throw malformed(path, `it is larger than ${MAX_CARD_BYTES} bytes.`);
    return buffer.subarray(0, bytesRead).toString('utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new CliError({ code: 'NOT_FOUND', what: path }, `There is no file ${path}.`);
  }
}

type Fields = Readonly<Record<string, unknown>>;

function asFields(path: string, value: unknown, what: string): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields;
  throw malformed(path, `${what} is no object.`);
}

/** Large whole numbers are text on the ledger; people write them as numbers. */
const toDecimal = (value: unknown): unknown => (Number.isSafeInteger(value) ? String(value) : value);

/** Size and hashes of an artifact that names a `file` beside the card come from that file. */
async function readArtifact(card: string, value: unknown): Promise<Fields> {
  const { file, ...artifact } = asFields(card, value, 'an artifact');
  if (file === undefined)
    return { merkleRoot: NO_HASH, ...artifact, sizeBytes: toDecimal(artifact.sizeBytes ?? 0) };
  if (typeof file !== 'string') throw malformed(card, 'the file of an artifact is no text.');
  const { digestFile } = await import('@cairn/node');
  const { sizeBytes, sha256, merkleRoot } = await digestFile(join(dirname(card), file));
  const measured = { sizeBytes: String(sizeBytes), sha256, merkleRoot };
  const wrong = Object.entries(measured).find(
    ([name, is]) => artifact[name] !== undefined && toDecimal(artifact[name]) !== is,
  );
  if (wrong !== undefined)
    throw malformed(card, `${wrong[0]} of ${file} is ${wrong[1]}, not ${String(artifact[wrong[0]])}.`);
  return { path: basename(file), ...artifact, ...measured };
}

export interface CardParts {
  /** Address of who publishes it, unless the card names its owner. */
  readonly owner: string;
  /** Id of a parent that is named by id, name or alias. */
  readonly parentId: (given: string) => Promise<string>;
}

/**
 * A card as written by hand: JSON with the fields of the registry, of which an artifact may name a `file` beside it
 * instead of its hashes, and parents may be names.
 *
 * @throws CliError `FILE_MALFORMED`, `NOT_FOUND`; EngineError `MODEL_FILE_MISSING`
 */
export async function readCard(path: string, { owner, parentId }: CardParts): Promise<ModelCard> {
  let json: unknown;
  try {
    json = JSON.parse(await readText(path));
  } catch (error) {
    if (error instanceof SyntaxError) throw malformed(path, `it is not JSON: ${error.message}.`);
    throw error;
  }
  const written = asFields(path, json, 'the whole');
  const { artifacts = [], parents = [] } = written;
  if (!Array.isArray(artifacts) || !Array.isArray(parents))
    throw malformed(path, 'artifacts and parents are lists.');
  const card = await toCard(path, {
    ...DEFAULTS,
    owner,
    ...written,
    parameters: toDecimal(written.parameters),
    artifacts: await Promise.all(artifacts.map((artifact) => readArtifact(path, artifact))),
    parents: await Promise.all(parents.map((parent) => parentId(String(parent)))),
  });
  const fault = findCardFault(card);
  if (fault !== null) throw malformed(path, fault);
  return card;
}

async function toCard(path: string, json: Fields): Promise<ModelCard> {
  try {
    return modelCardShape.fromJson(json);
  } catch (error) {
    if (error instanceof CairnError) throw malformed(path, error.message);
    throw error;
  }
}
