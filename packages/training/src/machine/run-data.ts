import { areBytesEqual, bytesToHex, type Crypto } from '@cairn/core';
import type { ManifestData, RunManifest } from '@cairn/protocol';
import { type DataIndex, dataRootOf, decodeDataIndex } from '../data/data-index.ts';
import { createTokenBatches } from '../data/token-batches.ts';
import { TrainingError } from '../errors.ts';
import type { RunData } from './machine.ts';

export interface RunDataParts {
  readonly crypto: Crypto;
  /** Bytes of a blob, checked against its SHA-256. */
  readonly read: (hash: Uint8Array) => Promise<Uint8Array>;
}

/**
 * The index of one set of a manifest, checked against what the manifest says of it.
 *
 * @throws TrainingError `DATA_MALFORMED`; CoreError
 */
export function readDataIndex(
  crypto: Crypto,
  set: ManifestData,
  { tokenizer, batch }: Pick<RunManifest, 'tokenizer' | 'batch'>,
  bytes: Uint8Array,
): DataIndex {
  const index = decodeDataIndex(bytes);
  const refuse = (reason: string) =>
    new TrainingError(
      { code: 'DATA_MALFORMED', source: set.name, line: null, reason },
      `The data ${set.name} cannot be trained on: it ${reason}. Tell the owner of the run.`,
    );
  if (!areBytesEqual(dataRootOf(crypto, index), set.root))
    throw refuse('has another root than its manifest says');
  if (!areBytesEqual(index.tokenizer, tokenizer)) throw refuse('was made with another tokenizer');
  if (index.length !== batch.length)
    throw refuse(`has samples of ${index.length} positions, not ${batch.length}`);
  return index;
}

/** Opens the tokens of a run. @throws TrainingError `DATA_MALFORMED`; CoreError */
export async function openRunData(manifest: RunManifest, { crypto, read }: RunDataParts): Promise<RunData> {
  const open = async (set: ManifestData) => readDataIndex(crypto, set, manifest, await read(set.index));
  const sets: DataIndex[] = [];
  for (const set of manifest.data) sets.push(await open(set));
  return createTokenBatches(
    { crypto, read },
    {
      ...{
        sets,
        heldOut: await open(manifest.heldOut),
        rows: manifest.batch.rows,
        vocab: manifest.model.vocab,
      },
      // Everybody has it, and only forks of one checkpoint begin with the same.
      seed: manifest.initial.root,
    },
  );
}

/** Ids (hex) of the shards of a set. */
export function shardsOfIndex({ shards }: DataIndex): string[] {
  return [...new Set(shards.map(({ hash }) => bytesToHex(hash)))];
}
